"""A report is the same however its partitions were cut, in whatever order their results come, and over Arrow's bytes."""

import random
from contextlib import nullcontext
from typing import Any

import polars as pl
import pytest

from tests.checks.rows import roads
from tests.test_contracts import mutated
from validator import api, read
from validator.api import Report
from validator.checks import judge
from validator.checks.results import PartitionResult

CATALOGUE = api.load()


def results(messages: list[dict[str, Any]], cuts: list[int], report: Report) -> list[PartitionResult]:
    """The results of the messages cut at some places; every other part is judged by columns, however few its cases are."""
    found = []
    for start, stop in zip([0, *cuts], [*cuts, len(messages)], strict=True):
        for part in read.from_messages(messages[start:stop], CATALOGUE.layouts):
            plan = api.plan_for(CATALOGUE, part)
            with roads.by_columns() if len(found) % 2 else nullcontext():
                found.append(judge.judge(plan, part, report.choice.among(plan), len(found)))
    return found


def empty() -> Report:
    return Report(CATALOGUE, "zh", ["memory"])


def frames(report: Report) -> list[pl.DataFrame]:
    """What a report says; where a row came from counts within its partition."""
    return [report.findings.drop("source"), report.outcomes.sort("check"), report.cases]


@pytest.fixture(scope="module")
def messages() -> list[dict[str, Any]]:
    found = mutated("4101", 40, 11)
    for place in (5, 39):  # keys that a batch must not repeat, in partitions far apart
        found[place]["input"]["setlinfo"]["setl_id"] = "TWICE"
    return found


@pytest.mark.parametrize("seed", [1, 2])
def test_any_cut_any_order_over_bytes(messages: list[dict[str, Any]], seed: int) -> None:
    whole = empty()
    for each in results(messages, [], whole):
        whole.merge(each)
    chance, cut = random.Random(seed), empty()
    found = results(messages, sorted(chance.sample(range(1, 40), 6)), cut)
    chance.shuffle(found)
    for each in found:
        cut.merge(PartitionResult.from_bytes(each.to_bytes()))
    for one, other in zip(frames(whole), frames(cut), strict=True):
        assert one.equals(other)
    assert set(whole.findings["check"]) & {"AD201"}
    assert len(list(cut.iter_cases())) > 1
    assert cut.counts() == whole.counts()


def test_bytes_hold_everything(messages: list[dict[str, Any]]) -> None:
    for each in results(messages, [20], empty()):
        again = PartitionResult.from_bytes(each.to_bytes())
        assert again.findings.equals(each.findings)
        assert again.cases.equals(each.cases)
        assert {name: frame.to_dict(as_series=False) for name, frame in again.repeats.items()} == {
            name: frame.to_dict(as_series=False) for name, frame in each.repeats.items()
        }
        for name in ("place", "plan", "sources", "tallies", "reasons", "judged_by", "schemes", "unread", "headings"):
            assert getattr(again.about, name) == getattr(each.about, name), name
