"""The ``intake`` section of a profile: the gate and its limits, until when lists are to be delivered, rounds of feedback, and the
platform's values.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal, TypeVar, cast, get_args

from validator.base import yaml_csv
from validator.base.yaml_csv import Node
from validator.spec.rule_pages import LEVELS, Level

Anchor = Literal["settlement", "discharge", "settlement_month_end", "discharge_month_end"]
Unit = Literal["calendar", "working"]
Counts = Literal["first", "accepted"]
Passes = Literal["both", "either"]
T = TypeVar("T")
ANCHORS, UNITS, COUNTS, PASSES = get_args(Anchor), get_args(Unit), get_args(Counts), get_args(Passes)
SECTIONS = {"gate", "tolerance", "rejects", "deadline", "calendar", "expectation", "feedback", "platform"}
TOLERANCE = {"share", "cases", "passes"}
DEADLINE = {"anchor", "days", "day_of_next_month", "unit", "grace", "counts"}
YEAR = {"off", "worked"}
EXPECTATION = {"least_share", "months"}
FEEDBACK = {"rounds", "days", "unit"}
PLATFORM = {"levels", "results", "returned", "grouped", "fields"}
_LAST_DAY_OF_MONTH = 31
_LONGEST = 3650  #: days that a deadline may leave


@dataclass(frozen=True)
class Deadline:
    """Until when a list is to be delivered: so many days after the anchor, or a day of the month after it; then the grace."""

    anchor: Anchor
    days: int | None  #: after the anchor, which does not count itself; None where a day of the next month is named
    day_of_next_month: (
        int | None
    )  #: calendar: that day, the month's last where it has none; working: its n-th working day
    unit: Unit
    grace: int  #: further days, in the same unit, within which a list is not late yet
    counts: Counts  #: which version must be in time: the first one delivered, or the first one accepted


@dataclass(frozen=True)
class YearOfDays:
    """Public holidays of a year, and the weekend days worked instead (补班)."""

    off: frozenset[date]
    worked: frozenset[date]


@dataclass(frozen=True)
class Tolerance:
    """How many faulty cases a delivery may have, by both readings of a share with a number; a value at its limit passes."""

    share: float | None  #: of the cases received; None: no such limit
    cases: int | None  #: None: no such limit
    passes: Passes  #: both: neither limit may be passed; either: it is enough to keep to one of them


@dataclass(frozen=True)
class Expectation:
    """When a delivery that says it is whole lacks too much; the figures are the project's own, a bureau sets others."""

    least_share: float = 0.5  #: of the settlement roll; exactly that much passes
    months: int = 12  #: of the hospital's own past that it is compared with


@dataclass(frozen=True)
class Feedback:
    """How hospitals answer to groups: preliminary groups, a window for answers, then review; the last round is final."""

    rounds: int
    days: int  #: of the window, after the day the groups went out
    unit: Unit


@dataclass(frozen=True)
class PlatformWords:
    """What the platform's own values mean; one that is not named stays raw and means nothing."""

    levels: Mapping[str, Level] = field(default_factory=dict)  #: ``err_lv`` -> our level
    results: Mapping[str, bool] = field(default_factory=dict)  #: ``qltctrl_rslt`` -> whether the list passed
    returned: tuple[str, ...] = ()  #: values of ``retn_flag`` that say that the list is returned
    grouped: tuple[str, ...] = ()  #: values of ``grp_stas`` that say that the case has a group
    fields: Mapping[str, str] = field(default_factory=dict)  #: ``exam_data_fld`` as the platform writes it -> our field


@dataclass(frozen=True, kw_only=True)
class Intake:
    """What a region sets for its intake; a section that it leaves out is that of its base."""

    gate: str = "intake"  #: a suite of ``schemas/gates`` by name, or its file
    tolerance: Tolerance | None = None
    rejects: tuple[str, ...] = ()  #: checks (or beginnings of ids) of which one finding returns the whole delivery
    deadline: Deadline | None = None
    calendar: Mapping[int, YearOfDays] = field(default_factory=dict)
    expectation: Expectation = field(default_factory=Expectation)
    feedback: Feedback | None = None
    platform: PlatformWords = field(default_factory=PlatformWords)


def read(page: Node, base: Intake) -> Intake:
    """The section ``intake`` of a profile over that of its base; :class:`~validator.base.errors.ConfigError` names a wrong line."""
    node = page.mapping("intake")
    yaml_csv.allow_keys(page.path, node, set(), SECTIONS)
    return Intake(
        gate=_gate(node) or base.gate,
        tolerance=_tolerance(node.mapping("tolerance")) if node.get("tolerance") else base.tolerance,
        rejects=node.texts("rejects") if "rejects" in node else base.rejects,
        deadline=_deadline(node.mapping("deadline")) if node.get("deadline") else base.deadline,
        calendar={**base.calendar, **_calendar(node.mapping("calendar"))},
        expectation=_expectation(node.mapping("expectation")) if node.get("expectation") else base.expectation,
        feedback=_feedback(node.mapping("feedback")) if node.get("feedback") else base.feedback,
        platform=_platform(node.mapping("platform")) if node.get("platform") else base.platform,
    )


def _gate(node: Node) -> str:
    """The gate, a file of which lies next to the profile; blank where none is named."""
    name = node.text("gate")
    return str(node.path.parent / name) if name.endswith(".json") else name


def _tolerance(node: Node) -> Tolerance:
    yaml_csv.allow_keys(node.path, node, set(), TOLERANCE)
    passes = cast("Passes", _one_of(node, "passes", PASSES))
    share = _share(node, "share") if "share" in node else None
    cases = _whole(node, "cases", 0, 10**9) if "cases" in node else None
    if (share is None and cases is None) or (passes == "either" and None in (share, cases)):
        zh = "tolerance 写 share（占比）或 cases（份数）；passes: either 时两项都要写"
        raise node.fault("passes", zh, "tolerance has share or cases, and both where passes is either")
    return Tolerance(share, cases, passes)


def _deadline(node: Node) -> Deadline:
    yaml_csv.allow_keys(node.path, node, {"anchor"}, DEADLINE)
    named = [key for key in ("days", "day_of_next_month") if key in node]
    if len(named) != 1:
        raise node.fault(
            named[-1] if named else "anchor",
            "days（基准日后几天）与 day_of_next_month（次月几日）写且只写一个",
            "exactly one of days (after the anchor) and day_of_next_month",
        )
    return Deadline(
        cast("Anchor", _one_of(node, "anchor", ANCHORS)),
        _whole(node, "days", 0, _LONGEST) if "days" in node else None,
        _whole(node, "day_of_next_month", 1, _LAST_DAY_OF_MONTH) if "day_of_next_month" in node else None,
        cast("Unit", _one_of(node, "unit", UNITS)),
        _whole(node, "grace", 0, _LONGEST),
        cast("Counts", _one_of(node, "counts", COUNTS)),
    )


def _expectation(node: Node) -> Expectation:
    yaml_csv.allow_keys(node.path, node, set(), EXPECTATION)
    least = _share(node, "least_share") if "least_share" in node else Expectation.least_share
    return Expectation(least, _whole(node, "months", 3, 60) if "months" in node else Expectation.months)


def _feedback(node: Node) -> Feedback:
    yaml_csv.allow_keys(node.path, node, {"days"}, FEEDBACK)
    rounds = _whole(node, "rounds", 1, 10) if "rounds" in node else 1
    return Feedback(rounds, _whole(node, "days", 1, _LONGEST), cast("Unit", _one_of(node, "unit", UNITS)))


def _calendar(node: Node) -> dict[int, YearOfDays]:
    years = {}
    for key in node:
        if not key.isdecimal():
            raise node.fault(key, f"“{key}”不是年份", f"'{key}' is no year")
        year = node.mapping(key)
        yaml_csv.allow_keys(node.path, year, {"off"}, YEAR)
        years[int(key)] = YearOfDays(_days(year, "off", int(key)), _days(year, "worked", int(key)))
    return years


def _days(node: Node, key: str, year: int) -> frozenset[date]:
    """Days, and spans of days written ``2027-02-06/2027-02-12``; all of the year."""
    found = set[date]()
    for text in node.texts(key):
        first, _, last = text.partition("/")
        begin, end = (yaml_csv.as_date(node.path, node.lines[key], each) for each in (first, last or first))
        if not begin or not end or end < begin or begin.year != year or end.year != year:
            raise node.fault(
                key, f"“{text}”不是 {year} 年的日期或起止", f"'{text}' is no day or span of days of {year}"
            )
        found |= {begin + timedelta(days=each) for each in range((end - begin).days + 1)}
    return frozenset(found)


def _platform(node: Node) -> PlatformWords:
    yaml_csv.allow_keys(node.path, node, set(), PLATFORM)
    levels = {key: _one_of(node.mapping("levels"), key, LEVELS) for key in node.mapping("levels")}
    results = {key: _one_of(node.mapping("results"), key, ("passed", "failed")) for key in node.mapping("results")}
    return PlatformWords(
        cast("dict[str, Level]", levels),
        {key: word == "passed" for key, word in results.items()},
        node.texts("returned"),
        node.texts("grouped"),
        {key: node.mapping("fields").text(key) for key in node.mapping("fields")},
    )


def _one_of(node: Node, key: str, known: tuple[str, ...]) -> str:
    """The value of ``key``, by default the first of ``known``."""
    value = node.text(key) or known[0]
    if value not in known:
        raise yaml_csv.unknown(node.path, node.lines[key], key, value, known)
    return value


def _share(node: Node, key: str) -> float:
    """The share under ``key``, a fraction."""
    value = node.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise node.fault(key, f"{key} 应在 0 与 1 之间", f"{key} is from 0 to 1")
    return float(value)


def _whole(node: Node, key: str, least: int, most: int) -> int:
    """The whole number under ``key``, by default 0."""
    value = node.get(key, 0)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise node.fault(key, f"{key} 应是 {least} 到 {most} 的整数", f"{key} is a whole number from {least} to {most}")
    return value
