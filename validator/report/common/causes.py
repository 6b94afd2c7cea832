"""What the findings come from: what is wrong with a whole column or file first, then the checks by what to do next."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from validator.base.language import say
from validator.report.common.view import ReportView
from validator.report.common.words import RANK, field_name, number, place
from validator.spec.catalogue import Check

#: A column is at fault where a check fails in at least so many rows and in more than half of those it judged.
FEWEST_ROWS = 5
_MOST_VALUES = 5  #: examples of what a column holds
_MOST_NAMES = 12  #: headings or fields named in one line
_EACH_COLUMN = 3  #: up to so many columns of a sheet that were not recognised, or are missing, have a line each
_HEADING, _MISSING = "read/unknown-heading", "read/missing-column"
#: The notes of files, tables and columns that were not read: their cases cannot be judged.
_UNREAD = ("read/unreadable-file", "read/missing-table", "read/missing-column")
_NEARLY_ALL = 0.9


@dataclass(frozen=True)
class WholeColumn:
    """Something wrong with a whole column, sheet or file: one change puts all its findings right."""

    level: str
    check: str
    where: str  #: the column, sheet or file
    text: str  #: what is wrong with it
    fix: str
    findings: int
    cases: int


@dataclass(frozen=True)
class Tier:
    """Checks that found something in single cases, by what to do next."""

    level: str
    title: str
    causes: list[dict[str, Any]]

    @property
    def findings(self) -> int:
        """The findings of all its checks."""
        return sum(each["findings"] for each in self.causes)


def column_wide(report: ReportView) -> list[str]:
    """Ids of the checks, errors and warnings, that fail in most rows of their table."""
    return [
        each["check"]
        for each in report.outcome_rows
        if each["level"] != "info" and each["failed"] >= FEWEST_ROWS and each["failed"] > each["passed"]
    ]


class WholeColumns:
    """Collects, in the pass over the findings, what to show of whole columns and of what belongs to no case."""

    def __init__(self, wide: Sequence[str]) -> None:
        self._values = {check: Counter[tuple[str | None, str | None]]() for check in wide}  #: value, suggested
        self._places: dict[str, dict[str, Any]] = {}
        self._stray: dict[tuple[str | None, ...], dict[str, Any]] = {}

    def add(self, finding: dict[str, Any]) -> None:
        """Take a finding."""
        check, source = finding["check"], finding["source"]
        if check in self._values:
            self._values[check][finding["value"], finding["suggested"]] += 1
            self._places.setdefault(check, finding)
        if finding["case_id"] is None:
            key = check, source["file"], source["sheet"], source["column"], finding["field"]
            self._stray.setdefault(key, {**finding, "findings": 0})["findings"] += 1

    def whole(self, causes: Sequence[Mapping[str, Any]], checks: Mapping[str, Check]) -> list[WholeColumn]:
        """All of it: what keeps cases from being judged first, then gravest first, then by cases and findings put right."""
        found = [*self._without_case(), *self._columns(causes, checks)]
        return sorted(found, key=lambda each: (_place_of(each.check), RANK[each.level], -each.cases, -each.findings))

    def _columns(self, causes: Sequence[Mapping[str, Any]], checks: Mapping[str, Check]) -> Iterator[WholeColumn]:
        for cause in (cause for cause in causes if cause["check"] in self._values):
            check, counted = checks[cause["check"]], self._values[cause["check"]]
            held = sorted(counted.items(), key=lambda each: (-each[1], each[0][0] is not None, each[0][0] or ""))
            text = say(
                f"{cause['title']}：{number(cause['rows'])} 行中 {number(cause['failed'])} 行未通过",
                f"{cause['title']}: {number(cause['failed'])} of {number(cause['rows'])} rows fail",
            )
            yield WholeColumn(
                cause["level"],
                cause["check"],
                _column(self._places[cause["check"]]),
                text + _examples(held),
                _replacement(held, check) or cause["fix"],
                cause["findings"],
                cause["cases"],
            )

    def _without_case(self) -> list[WholeColumn]:
        columns: dict[tuple[str, str], list[dict[str, Any]]] = {}
        found = []
        for each in self._stray.values():
            if each["check"] == _HEADING or (each["check"] == _MISSING and each["value"] is None):
                where = f"{each['source']['file']}:{each['source']['sheet'] or ''}".rstrip(":")
                columns.setdefault((each["check"], where), []).append(each)
            else:
                found.append(_stray(each))
        for (_, where), group in columns.items():
            found += [_together(where, group)] if len(group) > _EACH_COLUMN else map(_stray, group)
        return found


def _place_of(check: str) -> int:
    """Return where a check stands among the others: what was not read first."""
    return next((place for place, begin in enumerate(_UNREAD) if check.startswith(begin)), len(_UNREAD))


def _stray(group: Mapping[str, Any]) -> WholeColumn:
    """A finding, or several alike, of no case."""
    more = group["findings"] - 1
    others = say(f"（等 {number(more + 1)} 处）", f" (and {number(more)} more)") if more else ""
    return WholeColumn(
        group["level"], group["check"], place(group["source"]), group["message"] + others, group["fix"],
        group["findings"], 0,
    )  # fmt: skip


def _together(where: str, group: Sequence[Mapping[str, Any]]) -> WholeColumn:
    """Many columns of one sheet that were not recognised, or that it lacks."""
    missing = group[0]["check"] == _MISSING
    called = [field_name(each["table"], each["field"]) if missing else each["field"] for each in group[:_MOST_NAMES]]
    names = say("、", ", ").join(map(str, called)) + (" …" if len(group) > _MOST_NAMES else "")
    text = say(f"{len(group)} 列没有认出，没有检查：{names}", f"{len(group)} columns were not recognised: {names}")
    if missing:
        text = say(
            f"{len(group)} 列必填的没有读到，病例因此无法判定：{names}",
            f"{len(group)} required columns are missing; their cases cannot be judged: {names}",
        )
    return WholeColumn(group[0]["level"], group[0]["check"], where, text, group[0]["fix"], len(group), 0)


def _column(finding: Mapping[str, Any]) -> str:
    """The column that a finding stands in: ``清单.xlsx:诊断!C 主诊断标志``."""
    name = field_name(finding["table"], finding["field"]) or finding["field"] or ""
    return f"{place(finding['source'] | {'row': None, 'path': None})} {name}".strip()


Held = Sequence[tuple[tuple[str | None, str | None], int]]  #: value and suggestion -> rows, the most frequent first


def _examples(held: Held) -> str:
    """What the column holds, the most frequent first."""
    values = Counter[str | None]()
    for (value, _), n in held:
        values[value] += n
    blank = say("（空）", "(blank)")
    some = list(values.items())[:_MOST_VALUES]
    shown = [f"{value or blank}" + say(f"（{number(n)} 行）", f" ({number(n)})") for value, n in some]
    return say("，填的是 ", "; it holds ") + say("、", ", ").join(shown) if held else ""


def _replacement(held: Held, check: Check) -> str:
    """How the whole column is put right, where the findings say what to write instead of nearly all its values."""
    if check.aspect not in ("value", "pattern", "category"):
        return ""
    rows = [(old, new, n) for (old, new), n in held if old is not None]
    total, known = sum(n for *_, n in rows), [(old, new) for old, new, _ in rows if new is not None]
    if not total or sum(n for _, new, n in rows if new is not None) < _NEARLY_ALL * total:
        return ""
    pairs = say("、", ", ").join(f"{old}→{new}" for old, new in known[:_MOST_VALUES])
    numbers = [old for old, _ in known if re.fullmatch(r"[0-9]+(\.[0-9]+)?", old)]
    if any(not new.startswith(old) for old, new in known if old in numbers):
        zh, en = (
            "开头的 0 丢了：把整列设为文本格式并补上 0",
            "The 0 in front was lost: format the column as text and add it",
        )
    elif numbers:
        zh, en = (
            "末尾的 0 丢了：把整列设为文本格式并补上 0",
            "The 0 behind was lost: format the column as text and add it",
        )
    else:
        zh, en = "填的是名称，整列换成代码", "It holds names; replace them by codes throughout"
    return say(f"{zh}（{pairs}）", f"{en} ({pairs})")


def tiers(causes: Sequence[dict[str, Any]], wide: Sequence[str]) -> list[Tier]:
    """The other causes by what to do next; what belongs to no case stands among the whole columns."""
    rows = [each for each in causes if each["check"] not in wide and each["cases"]]
    blocking = any(each["blocks"] and each["level"] == "error" for each in rows)
    other = say("再改：其他错误", "Then: other errors") if blocking else say("先改：错误", "First: errors")
    titles = (
        ("error", True, say("先改：不改不能入组的错误", "First: errors that keep a case from being grouped")),
        ("error", False, other),
        ("warning", None, say("核对：警告，属实的不必改", "Look at: warnings; what is true may stay")),
        ("info", None, say("知道即可：提示", "Know: hints")),
    )
    found = [
        Tier(level, title, [each for each in rows if each["level"] == level and blocks in (None, each["blocks"])])
        for level, blocks, title in titles
    ]
    return [tier for tier in found if tier.causes]
