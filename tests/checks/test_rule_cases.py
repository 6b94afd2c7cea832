"""Every example on every rule page, run."""

import polars as pl
import pytest

from validator import read
from validator.api import run
from validator.checks import catalogue, examples
from validator.read.partition import Partition
from validator.spec.rule_pages import Case, Rule

CATALOGUE = catalogue.load()
PAGES = [rule for rule in CATALOGUE.rules.values() if not rule.withdrawn]
CASES = [
    pytest.param(rule, case, id=f"{rule.id}-{'fail' if case.fails else 'pass'}-{case.title}")
    for rule in PAGES
    for case in rule.cases
]


def _parts(rule: Rule, case: Case) -> list[Partition]:
    return [read.from_message(message, CATALOGUE.layouts) for message in examples.batch(rule, case, CATALOGUE)]


@pytest.mark.parametrize(("rule", "case"), CASES)
def test_case(rule: Rule, case: Case) -> None:
    report = run(examples.equipped(CATALOGUE, rule.id), _parts(rule, case), select=[rule.id])
    outcome = report.outcomes.filter(pl.col("check") == rule.id).row(0, named=True)
    messages = report.findings["message"].to_list()
    if case.fails:
        assert outcome["failed"] >= 1, outcome
        assert all("{" not in text for text in messages)
    else:
        assert outcome["failed"] == 0, messages


@pytest.mark.parametrize("interface", list(CATALOGUE.layouts))
def test_golden_case_is_clean(interface: str) -> None:
    part = read.from_message(examples.interface_message(interface), CATALOGUE.layouts)
    found = run(CATALOGUE, [part]).findings
    assert found.is_empty(), found.select("check", "value", "message").to_dicts()


@pytest.mark.parametrize("rule", PAGES, ids=lambda rule: rule.id)
def test_some_pass_case_is_judged(rule: Rule) -> None:
    """A pass that only means 不适用 or 无法判定 would prove nothing."""
    for case in rule.cases:
        if not case.fails:
            outcome = (
                run(examples.equipped(CATALOGUE, rule.id), _parts(rule, case), select=[rule.id])
                .outcomes.filter(pl.col("check") == rule.id)
                .row(0, named=True)
            )
            if outcome["passed"]:
                return
    pytest.fail(f"no pass case of {rule.id} is judged")
