"""What people read, in their language: sentences from one catalogue per language, and figures."""

from glyphlab.language.catalogue import LANGUAGES, Language, language, say, speak, speaking

__all__ = ["LANGUAGES", "Language", "language", "say", "speak", "speaking"]
