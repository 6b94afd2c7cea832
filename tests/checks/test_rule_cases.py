"""Every example on every rule page, run: a page's failing examples fail, the others do not, and one of them is judged."""

import pytest

from tests.mutation import pages
from validator import read
from validator.api import run
from validator.checks import examples
from validator.checks.rows.case import Found
from validator.checks.rows.words import Wording
from validator.checks.slots import Template
from validator.spec.rule_pages import Rule


def _found(case: pages.Run, rule: str) -> list[tuple[int, Found]]:
    """What the row road found by the rule, with the place of the list."""
    return [(place, each) for place, judged in enumerate(case.lists) for each in judged.found if each.check.id == rule]


@pytest.mark.parametrize("rule", pages.pages(), ids=lambda rule: rule.id)
def test_cases_of_a_page(rule: Rule) -> None:
    """The columns of batches say the same: ``tests/checks/rows/test_roads.py``."""
    verdicts = [(case, case.text.verdict(case.plan, case.lists)) for case in pages.runs(rule.id)]
    for case, (failed, _) in verdicts:
        assert case.agrees(failed), case.title
        found = _found(case, rule.id)
        if rule.spec.get("within") != "batch":
            assert [each.row + 1 for _, each in found] == failed, case.title
        for place, each in found:
            [shown] = Wording(case.plan, mask=True).evidence(case.lists[place], [each])
            assert "{" not in Template(each.check, "zh").fill(shown.value, shown.args).message
    assert pages.right(iter(verdicts)), (
        "no pass case is judged: one that only means 不适用 or 无法判定 would prove nothing"
    )


@pytest.mark.parametrize(
    "rule", [each for each in pages.pages() if each.spec.get("within") == "batch"], ids=lambda rule: rule.id
)
def test_cases_of_a_rule_about_the_batch(rule: Rule) -> None:
    for case in rule.cases:
        known = examples.equipped(pages.CATALOGUE, rule.id)
        parts = [read.from_message(each, known.layouts) for each in examples.batch(rule, case, known)]
        report = run(known, parts, select=[rule.id])
        assert (report.findings.height > 0) is case.fails, case.title
        assert all("{" not in text for text in report.findings["message"])


@pytest.mark.parametrize("interface", list(pages.CATALOGUE.layouts))
def test_golden_case_is_clean(interface: str) -> None:
    part = read.from_message(examples.interface_message(interface), pages.CATALOGUE.layouts)
    found = run(pages.CATALOGUE, [part]).findings
    assert found.is_empty(), found.select("check", "value", "message").to_dicts()
