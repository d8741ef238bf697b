"""Evidence laid out for a page, and as a page of its own."""

from collections.abc import Sequence
from typing import Any

from glyphlab.report.evidence import Evidence, Verdict
from glyphlab.report.evidence_figures import chart
from glyphlab.report.figures import to_svg
from glyphlab.report.templating import environment

PAGE_FILE = "evidence.html"
VERDICTS: dict[Verdict, str] = {
    "supported": "The figures support this.",
    "contradicted": "The figures contradict this.",
    "undecided": "The figures can’t decide this.",
}


def evidence_view(found: Sequence[Evidence]) -> list[dict[str, Any]]:
    """What `evidence_parts.html.j2` shows."""
    return [
        {
            "evidence": evidence,
            "verdict": VERDICTS[evidence.verdict],
            "charts": [
                {
                    "title": content.title,
                    "svg": to_svg(
                        chart(content),
                        f"{evidence.name}-{place}",
                        f"{content.title}: {content.y_label} against {content.x_label}; the "
                        "figures stand in the table.",
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
