"""The protocol of a batch as great-expectations' Data Docs: its rows and views in a page of our own.

Its own pages link some 17 scripts, styles and pictures on other hosts and show no table of contents without them; ours
(``reports/gate``) links nothing. Only aggregates are written, no name of a file or person.
"""

from html import escape
from pathlib import Path
from typing import Any

from validator import __version__
from validator.api import Report
from validator.base import files
from validator.base.language import say
from validator.gate.gx import VERSION, quiet
from validator.gate.verdict import DISPOSITIONS, OUTCOMES, Judgement, Verdict
from validator.report.common.words import number

with quiet():
    from great_expectations.core import ExpectationValidationResult
    from great_expectations.render import RenderedDocumentContent, RenderedSectionContent, RenderedTableContent
    from great_expectations.render.renderer.content_block import ValidationResultsTableContentBlockRenderer
    from great_expectations.render.view import DefaultJinjaPageView

_TEMPLATE = "protocol.html"
#: Status cells that great-expectations has no word for.
_MARKS = {"failed": '<i class="fas fa-bell"></i>', "not_judged": '<i class="fas fa-question"></i>'}


def write(verdict: Verdict, report: Report, folder: Path) -> None:
    """Write ``index.html`` into ``folder``."""
    with quiet():
        table = RenderedTableContent(
            table=[_row(each) for each in verdict.judgements],
            header_row=[say("结果", "Result"), say("要求", "Demand"), say("实际", "Observed")],
        )
        document = RenderedDocumentContent(sections=[RenderedSectionContent(content_blocks=[table])])
        view = DefaultJinjaPageView(custom_views_directory=str(files.data("reports") / "gate"))
        page = view.render(
            document, _TEMPLATE, verdict=verdict, report=report, say=say, number=number,
            disposition=DISPOSITIONS[verdict.disposition], counts=_counts(verdict),
            version=__version__, engine=VERSION,
        )  # fmt: skip
    with files.replacing(folder / "index.html") as scratch:
        scratch.write_text(page, encoding="utf-8", newline="\n")


def _row(judgement: Judgement) -> list[Any]:
    """A row as great-expectations renders it: status, demand, and what was observed in our words."""
    configuration = judgement.demand.expectation.configuration
    configuration.description = escape(judgement.demand.text)
    result = ExpectationValidationResult(
        success=judgement.outcome == "passed",
        expectation_config=configuration,
        result={},
        exception_info={"raised_exception": False, "exception_traceback": None, "exception_message": None},
    )
    rendered: Any = ValidationResultsTableContentBlockRenderer.render([result])
    status, demand, _ = rendered.table[0]  # some types show a share of the one row here, not the figure
    if judgement.word is not OUTCOMES["passed"] and judgement.word is not OUTCOMES["failed"]:
        status = _MARKS[judgement.outcome]
    return [[status, str(judgement.word)], demand, escape(judgement.reason or judgement.observed)]


def _counts(verdict: Verdict) -> str:
    """``通过 11 · 未判定 1``."""
    words = [each.word for each in verdict.judgements]
    return " · ".join(f"{word} {words.count(word)}" for word in dict.fromkeys(words))
