"""Deadlines at their exact limits, by hand: make-up Saturdays, 春节, the end of a year, the day of a short month."""

from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest

from validator.base.errors import ConfigError
from validator.intake import timeliness
from validator.intake.calendar import Calendar, UnknownYearError
from validator.spec import profiles
from validator.spec.intake import Deadline, Intake, Tolerance, YearOfDays

D = date.fromisoformat


def rule(anchor="settlement", days=None, month_day=None, unit="calendar", grace=0, counts="first") -> Deadline:
    return Deadline(anchor, days, month_day, unit, grace, counts)


@pytest.mark.parametrize(
    ("settled", "limit", "last", "until"),
    [
        # 12 calendar days after settlement
        ("2026-01-20", rule(days=12), "2026-02-01", "2026-02-01"),
        ("2025-12-25", rule(days=12, grace=2), "2026-01-06", "2026-01-08"),
        # 2026: 元旦 off 1–3 January, Sunday 4 January worked instead: 31 December + 2 working days = 5 January
        ("2025-12-31", rule(days=1, unit="working"), "2026-01-04", "2026-01-04"),
        ("2025-12-31", rule(days=2, unit="working"), "2026-01-05", "2026-01-05"),
        # 春节 2026: off 15–23 February, Saturdays 14 and 28 February worked
        ("2026-02-12", rule(days=1, unit="working"), "2026-02-13", "2026-02-13"),
        ("2026-02-12", rule(days=2, unit="working"), "2026-02-14", "2026-02-14"),
        ("2026-02-12", rule(days=3, unit="working"), "2026-02-24", "2026-02-24"),
        ("2026-02-27", rule(days=1, unit="working"), "2026-02-28", "2026-02-28"),
        ("2026-02-13", rule(days=1, unit="working", grace=1), "2026-02-14", "2026-02-24"),
        # a day of the next month, the last where it has none, and its n-th working day (2 May 2026 is off, Saturday 9 worked)
        ("2026-01-05", rule(month_day=12), "2026-02-12", "2026-02-12"),
        ("2026-01-05", rule(month_day=31), "2026-02-28", "2026-02-28"),
        ("2025-12-01", rule(month_day=10), "2026-01-10", "2026-01-10"),
        ("2026-04-30", rule(month_day=4, unit="working"), "2026-05-09", "2026-05-09"),
        # the end of the month
        ("2026-02-01", rule("settlement_month_end", days=5), "2026-03-05", "2026-03-05"),
    ],
)
def test_a_deadline_by_hand(settled: str, limit: Deadline, last: str, until: str) -> None:
    assert Calendar().deadline(D(settled), limit) == (D(last), D(until))


def test_a_year_that_nobody_knows_is_named_and_a_profile_may_give_it() -> None:
    with pytest.raises(UnknownYearError) as error:
        Calendar().after(D("2099-12-31"), 1, "working")
    assert error.value.year == 2100
    own = YearOfDays(frozenset({D("2099-01-01")}), frozenset({D("2099-01-04")}))  # Thursday off, Sunday worked
    calendar = Calendar({2099: own})
    worked = [calendar.is_worked(D(day)) for day in ("2099-01-01", "2099-01-02", "2099-01-03", "2099-01-04")]
    assert worked == [False, True, False, True]


HOSPITAL = "H1"


def judged(limit: Deadline | None, today: str, *rows: tuple[str | None, list[tuple[str, str | None]]]) -> pl.DataFrame:
    expected = pl.DataFrame(
        [(HOSPITAL, f"c{n}", D(day) if day else None, None) for n, (day, _) in enumerate(rows)],
        schema=timeliness.EXPECTED, orient="row",
    )  # fmt: skip
    times = [
        (HOSPITAL, f"c{n}", datetime.fromisoformat(sent), datetime.fromisoformat(got) if got else None)
        for n, (_, versions) in enumerate(rows)
        for sent, got in versions
    ]
    delivered = pl.DataFrame(times, schema=timeliness.DELIVERED, orient="row")
    return timeliness.of_cases(expected, delivered, Intake(deadline=limit), D(today))


def test_on_time_late_missing_sent_again_and_both_readings() -> None:
    limit = rule(days=10, grace=1)  # settled on 1 March: until 11 March, with grace 12 March
    cases = judged(
        limit, "2026-03-13",
        ("2026-03-01", [("2026-03-11T23:59:59", "2026-03-11T23:59:59")]),  # exactly at the limit
        ("2026-03-01", [("2026-03-12T00:00:00", "2026-03-12T08:00:00")]),  # within the grace
        ("2026-03-01", [("2026-03-13T00:00:00", "2026-03-13T00:00:00")]),  # late
        ("2026-03-01", []),  # never delivered
        ("2026-03-01", [("2026-03-05T09:00:00", None), ("2026-03-13T09:00:00", "2026-03-13T09:00:00")]),  # put right too late
        ("2026-03-01", [("2026-03-05T09:00:00", None)]),  # returned, never accepted
        ("2026-03-03", []),  # its deadline is over only on 15 March
        (None, [("2026-03-05T09:00:00", None)]),  # no day of settlement
    )  # fmt: skip
    assert cases["by_first"].to_list() == [
        "on_time", "on_time", "late", "missing", "on_time", "on_time", "pending", "unjudged",
    ]  # fmt: skip
    assert cases["by_accepted"].to_list() == [
        "on_time", "on_time", "late", "missing", "late", "not_accepted", "pending", "unjudged",
    ]  # fmt: skip
    assert cases["in_grace"].to_list() == [False, True, *[False] * 6]
    assert cases["sent_again"].to_list() == [*[False] * 4, True, *[False] * 3]
    assert cases["state"].equals(cases["by_first"])
    assert cases["reason"].to_list() == [None] * 7 + ["没有结算日期"]
    march = timeliness.of_months(cases).row(0, named=True)
    figures = {name: march[name] for name in ("month", "cases", "numerator", "denominator", "pending", "unjudged")}
    assert figures == {
        "month": "202603",
        "cases": 7,
        "numerator": 4,
        "denominator": 6,
        "pending": 1,
        "unjudged": 0,
    }
    assert (march["share"], march["share_by_first"], march["share_by_accepted"]) == (4 / 6, 4 / 6, 2 / 6)
    assert timeliness.of_months(cases).row(1, named=True)["unjudged"] == 1


def test_the_profile_chooses_the_version_that_counts() -> None:
    versions = [("2026-03-05T09:00:00", None), ("2026-03-20T09:00:00", "2026-03-20T09:00:00")]
    state = judged(rule(days=10, counts="accepted"), "2026-04-01", ("2026-03-01", versions))["state"].item()
    assert state == "late"


def test_without_a_deadline_or_a_known_year_nothing_is_judged() -> None:
    assert "intake.deadline" in judged(None, "2026-04-01", ("2026-03-01", []))["reason"].item()
    far = judged(rule(days=3, unit="working"), "2099-04-01", ("2099-03-01", [("2099-03-02T00:00:00", None)]))
    assert far["state"].item() == "unjudged"
    assert "2099" in far["reason"].item()


def test_times_with_a_zone_are_those_of_china() -> None:
    expected = pl.DataFrame([(HOSPITAL, "c", D("2026-03-01"), None)], schema=timeliness.EXPECTED, orient="row")
    sent = pl.Series("delivered", [datetime(2026, 3, 11, 16, 30)]).dt.replace_time_zone("UTC")  # noqa: DTZ001 (00:30 of the 12th)
    delivered = pl.DataFrame({"hospital": [HOSPITAL], "case_id": ["c"], "delivered": sent, "accepted": sent})
    cases = timeliness.of_cases(expected, delivered, Intake(deadline=rule(days=10)), D("2026-03-20"))
    assert cases["state"].item() == "late"


def profile(folder: Path, intake: str) -> Intake:
    path = folder / "mine.yaml"
    path.write_text(f"name: mine\ntitle_zh: 我\ntitle_en: Mine\nbase: national\nintake:\n{intake}\n", encoding="utf-8")
    return profiles.load(str(path)).intake


def test_a_profile_says_the_deadline(tmp_path: Path) -> None:
    found = profile(
        tmp_path,
        "  gate: mine.json\n"
        "  tolerance: {share: 0.01, cases: 100, passes: either}\n"
        "  rejects: [AD201, setlinfo.gend]\n"
        "  deadline: {anchor: discharge, day_of_next_month: 12, unit: working, grace: 2, counts: accepted}\n"
        '  calendar: {"2027": {off: [2027-01-01, 2027-02-06/2027-02-12], worked: [2027-02-14]}}\n'
        "  feedback: {rounds: 2, days: 5, unit: working}\n"
        '  platform: {levels: {"1": error}, results: {"0": passed}, returned: ["1"], fields: {诊断代码: diseinfo.diag_code}}',
    )
    assert found.deadline == Deadline("discharge", None, 12, "working", 2, "accepted")
    assert (found.gate, found.rejects) == (str(tmp_path / "mine.json"), ("AD201", "setlinfo.gend"))
    assert found.tolerance == Tolerance(0.01, 100, "either")
    assert len(found.calendar[2027].off) == 8
    assert found.feedback
    assert found.feedback.rounds == 2
    assert found.platform.levels == {"1": "error"}
    assert found.platform.results == {"0": True}


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("  deadline: {anchor: settled, days: 3}", 6, "settlement"),
        ("  deadline: {anchor: settlement}", 6, "day_of_next_month"),
        ("  deadline: {anchor: settlement, days: 3, day_of_next_month: 2}", 6, "day_of_next_month"),
        ("  deadline: {anchor: settlement, day_of_next_month: 32}", 6, "31"),
        ("  deadline:\n    anchor: settlement\n    days: soon", 8, "整数"),
        ("  deadline:\n    anchor: settlement\n    day: 3", 8, "day"),
        ('  calendar: {"2027": {off: [2026-01-01]}}', 6, "2027"),
        ("  calendar: {next: {off: [2026-01-01]}}", 6, "next"),
        ('  platform:\n    levels:\n      "1": grave', 8, "grave"),
        ("  deadlines: {}", 6, "deadlines"),
        ("  tolerance: {share: 1}\n  gate: [a]", 7, "gate"),
        ("  tolerance: {share: 2}", 6, "share"),
        ("  tolerance: {cases: 5, passes: either}", 6, "either"),
        ("  tolerance:\n    share: 0.01\n    passes: neither", 8, "neither"),
        ("  rejects: AD201", 6, "rejects"),
    ],
)
def test_a_mistake_in_the_section_names_its_line(tmp_path: Path, text: str, line: int, words: str) -> None:
    with pytest.raises(ConfigError) as error:
        profile(tmp_path, text)
    assert f"mine.yaml:{line}：" in str(error.value)
    assert words in str(error.value)
