"""Findings do not depend on how the cases come: order, partitions, alone or together, next to clean or dirty ones."""

import copy
import json
import random
from typing import Any

import polars as pl
import pytest

from tests.test_contracts import mutated
from validator import api, read
from validator.api import Report
from validator.checks import examples

CATALOGUE = api.load()


def key(report: Report) -> list[tuple[Any, ...]]:
    """The findings without what tells how the input was cut."""
    frame = report.findings.filter(~pl.col("check").str.starts_with("read/")).drop("source")
    return sorted(frame.rows(), key=str)


def counted(report: Report) -> list[tuple[Any, ...]]:
    return (
        report.outcomes.select("check", "rows", "passed", "failed", "not_applicable", "unjudged").sort("check").rows()
    )


def check(messages: list[dict[str, Any]], size: int) -> Report:
    parts = [
        part
        for at in range(0, len(messages), size)
        for part in read.from_messages(messages[at : at + size], CATALOGUE.layouts)
    ]
    return api.run(CATALOGUE, parts)


@pytest.fixture(scope="module", params=["4101", "4101A"])
def messages(request: pytest.FixtureRequest) -> list[dict[str, Any]]:
    found = mutated(request.param, 60, 7)
    for place in range(0, 60, 3):  # clean neighbours
        clean = copy.deepcopy(examples.interface_message(request.param))
        clean["input"]["setlinfo"]["setl_id"] = f"C{place}"
        found.insert(place, clean)
    return found


def test_alone_or_together(messages: list[dict[str, Any]]) -> None:
    together, alone = check(messages, len(messages)), check(messages, 1)
    assert key(together) == key(alone)
    assert counted(together) == counted(alone)
    assert together.findings.height > 800


def test_cut_anywhere(messages: list[dict[str, Any]]) -> None:
    whole = check(messages, len(messages))
    for size in (7, 70):
        cut = check(messages, size)
        assert key(cut) == key(whole)
        assert counted(cut) == counted(whole)


def test_in_any_order(messages: list[dict[str, Any]]) -> None:
    shuffled = messages.copy()
    random.Random(3).shuffle(shuffled)
    assert key(check(shuffled, 30)) == key(check(messages, 30))


def test_many_rows_take_the_other_road(messages: list[dict[str, Any]]) -> None:
    """Big tables are counted and collected in another way than small ones: the outcome is the same."""
    many = []
    for copy_number in range(30):
        for message in messages:
            again = json.loads(json.dumps(message))
            again["input"]["setlinfo"]["setl_id"] += f"-{copy_number}"
            many.append(again)
    big, small = check(many, len(many)), check(many, 150)
    assert key(big) == key(small)
    assert counted(big) == counted(small)


def test_every_row_of_a_check_has_an_outcome(messages: list[dict[str, Any]]) -> None:
    outcomes = check(messages, 100).outcomes
    assert outcomes.filter(pl.any_horizontal(pl.col("passed", "failed", "not_applicable", "unjudged") < 0)).is_empty()
    totals = outcomes.filter(pl.col("status") == "ran").select(
        pl.col("rows") == pl.sum_horizontal("passed", "failed", "not_applicable", "unjudged")
    )
    assert totals.to_series().all()


def test_masking_changes_no_fingerprint(messages: list[dict[str, Any]]) -> None:
    [part] = read.from_messages(messages, CATALOGUE.layouts)
    masked, bare = api.run(CATALOGUE, [part]), api.run(CATALOGUE, [part], mask=False)
    assert masked.findings["fingerprint"].to_list() == bare.findings["fingerprint"].to_list()
    assert masked.findings["fingerprint"].is_unique().all()


def test_chosen_checks_find_what_they_find_among_all(messages: list[dict[str, Any]]) -> None:
    """What no chosen check reads is not computed: that may change nothing but what was not chosen."""
    [part] = read.from_messages(messages, CATALOGUE.layouts)
    part.tables[part.case] = part.tables[part.case].drop("dscg_way")  # a column that inpatients must have
    whole = api.run(CATALOGUE, [part])
    less = {rule.instead_of for rule in CATALOGUE.rules.values()}  # finds more where the other is not chosen
    names = sorted(check.id for check in whole.checks.values() if not check.id.startswith("read/"))
    random.Random(5).shuffle(names)
    same = ("case_id", "record_number", "file", "layout", "department_name", "physician", "coder", "discharged")
    for some in (names[::3], names[1::3], names[2::3], names[:1]):
        chosen = api.run(CATALOGUE, [part], select=[f"{name}" for name in some])
        wanted = pl.col("check").is_in([name for name in some if name not in less])
        for frame in ("findings", "outcomes"):
            one, other = (getattr(each, frame).filter(wanted) for each in (chosen, whole))
            assert one.equals(other), some
        for one, other in zip(chosen.case_rows(), whole.case_rows(), strict=True):
            assert (one["disposition"] == "cannot_be_judged") == (other["disposition"] == "cannot_be_judged")
            assert {name: one[name] for name in same} == {name: other[name] for name in same}
