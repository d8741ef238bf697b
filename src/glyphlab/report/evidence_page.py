"""Evidence laid out for a page, and as a page of its own."""

from collections.abc import Sequence
from typing import Any

from glyphlab.language import say
from glyphlab.report.evidence import Evidence, Verdict
from glyphlab.report.evidence_figures import chart
from glyphlab.report.figures import to_svg
from glyphlab.report.templating import environment

PAGE_FILE = "evidence.html"


def verdict_in_words(verdict: Verdict) -> str:
    """What the figures say to a claim, as a sentence."""
    return say(f"evidence-verdict-{verdict}")


def evidence_view(found: Sequence[Evidence]) -> list[dict[str, Any]]:
    """What `evidence_parts.html.j2` shows."""
    return [
        {
            "evidence": evidence,
            "verdict": verdict_in_words(evidence.verdict),
            "charts": [
                {
                    "title": content.title,
                    "svg": to_svg(
                        chart(content),
                        f"{evidence.name}-{place}",
                        say(
                            "evidence-chart-alt",
                            title=content.title,
                            y=content.y_label,
                            x=content.x_label,
                        ),
                    ),
                }
                for place, content in enumerate(evidence.charts)
            ],
        }
        for evidence in found
    ]


def evidence_html(found: Sequence[Evidence], title: str, command: str) -> str:
    """All experiments as a self-contained HTML page; the same evidence gives the same text.

    Parameters
    ----------
    found : sequence of Evidence
    title : str
    command : str
        What makes the page again.

    Returns
    -------
    str
        A whole document, to be saved as UTF-8. Whatever comes from outside is escaped.
    """
    page = environment().get_template("evidence.html.j2")
    return page.render(title=title, experiments=evidence_view(found), command=command)
