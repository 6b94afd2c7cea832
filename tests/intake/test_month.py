"""The month of twelve hospitals read, checked, reconciled and judged, against its truth table."""

from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest

from validator import api
from validator.generate import month as made
from validator.intake import arrival, platform, roll, timeliness
from validator.spec import layouts

TODAY = date(2026, 5, 1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    to = tmp_path_factory.mktemp("month") / "march"
    made.write(to, 5, 72)
    return to


def test_a_month_as_its_truth_table_has_it(folder: Path) -> None:
    truth = pl.read_csv(folder / "_truth.csv", schema=made.TRUTH)
    came = pl.read_csv(folder / "deliveries.csv")
    assert came["hospital"].n_unique() == 11  # one delivers nothing
    assert set(truth["roll"]) == {"matched", "missing", "withdrawn", "differs", "extra"}
    assert set(truth["by_accepted"].drop_nulls()) == {"on_time", "late", "missing", "not_accepted"}
    profile = api.load(str(folder / "profile.yaml")).profile
    versions, found, verdicts = list[tuple[object, ...]](), list[pl.DataFrame](), dict[str, str]()
    received, hospitals = dict[tuple[str, str], tuple[str, int]](), dict[str, str]()
    known = set[tuple[str, str, str]]()
    amounts = dict(pl.read_csv(folder / "roll.csv").select("结算ID", "医疗费总额").iter_rows())
    for day, hospital, _, where, cases, _ in came.iter_rows():
        report = api.check(folder / where, str(folder / "profile.yaml"))
        assert report.cases.height == cases
        at = datetime.fromisoformat(f"{day}T10:00:00")
        for case, disposition in report.cases.select("case_id", "disposition").iter_rows():
            good = disposition.startswith("accept")
            if (hospital, case, disposition) not in known:  # the same content again is no version
                known.add((hospital, case, disposition))
                versions.append((hospital, case, at, at if good else None))
            received[hospital, case] = (made.PERIOD, round(100 * amounts.get(case, 0)))
            verdicts[case], hospitals[case] = disposition, hospital
        found.append(report.findings.drop_nulls("case_id"))
    planted = truth.drop_nulls("check")
    first = {case: {check for c, check in found_pairs(found) if c == case} for case in planted["case_id"]}
    assert all(check in first[case] for case, check in planted.select("case_id", "check").iter_rows())

    lists = pl.DataFrame(
        [(h, c, period, fen - (10000 if is_differing(truth, c) else 0)) for (h, c), (period, fen) in received.items()],
        schema=roll.RECEIVED, orient="row",
    )  # fmt: skip
    settled = roll.load(folder / "roll.csv")
    states = roll.reconcile(settled, lists)
    wanted = truth.select("hospital", "case_id", state="roll").sort("case_id")
    assert states.select("hospital", "case_id", "state").sort("case_id").equals(wanted)

    delivered = pl.DataFrame(versions, schema=timeliness.DELIVERED, orient="row")
    timely = timeliness.of_cases(roll.expected(states), delivered, profile.intake, TODAY)
    columns = ["hospital", "case_id", "by_first", "by_accepted", "versions"]
    expected = truth.filter(pl.col("by_first").is_not_null()).select(columns).sort("case_id")
    assert timely.select(columns).sort("case_id").equals(expected)

    short = lists.filter(hospital="H11010501006").head(3).height
    whole = states.filter(hospital="H11010501006").height
    rule = profile.intake.expectation
    assert arrival.judge("whole", short, whole, pl.DataFrame(schema=arrival.COMPARED), rule, over=False).state == "held"

    answer = platform.load(folder / "3607.jsonl", profile.intake.platform, list(layouts.load().values()))
    agreed = platform.agreement(pl.concat(found), answer)
    assert agreed["both"].sum() >= 3
    assert agreed.filter(pl.col("check").is_null())["theirs_alone"].sum() >= 1
    assert [each.failed for each in answer.transport] == [False, True]


def found_pairs(found: list[pl.DataFrame]) -> list[tuple[str, str]]:
    return [pair for each in found for pair in each.select("case_id", "check").iter_rows()]


def is_differing(truth: pl.DataFrame, case: str) -> bool:
    return truth.filter(pl.col("case_id") == case, pl.col("roll") == "differs").height > 0
