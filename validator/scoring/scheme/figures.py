"""The figure of each item for each hospital: from its own values, against its peers, against the last period, or marked by people."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from fractions import Fraction

from validator.base.language import say
from validator.scoring.scheme.given_tables import IndicatorValue, Mark, Marks, RatedHospital, Values
from validator.scoring.scheme.pages import AssessedItem, ScoreScheme

#: Why an item has no figure, in words.
WHY = {
    "no_mark": ("没有人评分", "no mark"),
    "not_measured": ("没有这个指标", "not measured"),
    "no_cases": ("分母为 0", "no cases"),
    "few_cases": ("病例数不到最低例数", "fewer cases than needed"),
    "unjudged": ("无法判定的病例过多", "too many cases could not be judged"),
    "no_peers": ("同组机构太少", "too few peers"),
    "no_last": ("没有上期数据", "no figure of the last period"),
}


@dataclass(frozen=True)
class Figure:
    """``value`` and what it is made of: ``top`` by ``bottom``, less (or by) the last period's; ``why`` where there is none."""

    value: Fraction | None
    top: Fraction | None = None
    bottom: Fraction | None = None
    last_top: Fraction | None = None
    last_bottom: Fraction | None = None
    why: str = ""
    mark: Mark | None = None

    @property
    def reason(self) -> str:
        """Why there is no value, in words."""
        return say(*WHY[self.why]) if self.why else ""


@dataclass(frozen=True)
class ScoringInput:
    """All that a scoring reads."""

    values: Values
    marks: Marks
    hospitals: Mapping[str, RatedHospital]
    last: Values | None = None  #: of the last period

    def hospital(self, code: str) -> RatedHospital:
        """The hospital of a code; one that is in no table has only its code."""
        return self.hospitals.get(code) or RatedHospital(code)


def peers(scheme: ScoreScheme, given: ScoringInput, codes: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Hospital -> those that it is compared with, itself included; none where they are too few."""
    settings = scheme.settings.peers
    groups = dict[tuple[str, ...], list[str]]()
    for code in codes:
        groups.setdefault(peer_group(scheme, given.hospital(code)), []).append(code)
    found = dict[str, tuple[str, ...]]()
    for members in groups.values():
        few = len(members) < settings.least
        group = tuple(members) if not few else (tuple(codes) if settings.fewer == "all" else ())
        found |= dict.fromkeys(members, group)
    return found


def peer_group(scheme: ScoreScheme, hospital: RatedHospital) -> tuple[str, ...]:
    """What a hospital and its peers have in common."""
    return tuple({"level": hospital.level, "type": hospital.type}[name] for name in scheme.settings.peers.by)


def figures(
    item: AssessedItem, scheme: ScoreScheme, given: ScoringInput, groups: Mapping[str, tuple[str, ...]]
) -> dict[str, Figure]:
    """The figure of an item, by hospital."""
    if not item.measure:
        return {code: _marked(given.marks.get(code, item.id)) for code in groups}
    own = {code: _own(item, scheme, given.values.get(code, {}).get(item.measure)) for code in groups}
    if item.against == "peers":
        return {code: _among(item, code, own, groups[code], scheme.settings.peers.least) for code in groups}
    if item.against:
        before = given.last or {}
        last = {code: _own(item, scheme, before.get(code, {}).get(item.measure)) for code in groups}
        return {code: _since(item, own[code], last[code]) for code in groups}
    return own


def _marked(mark: Mark | None) -> Figure:
    return Figure(mark.value, mark.value, mark=mark) if mark else Figure(None, why="no_mark")


def _own(item: AssessedItem, scheme: ScoreScheme, value: IndicatorValue | None) -> Figure:
    """A hospital's own figure."""
    if value is None:
        return Figure(None, why="not_measured")
    top, bottom = value.numerator, value.denominator
    why = _unusable(item, scheme, value)
    if why:
        return Figure(None, top, bottom, why=why)
    if item.take == "numerator":
        return Figure(top, top)
    if bottom is None:
        return Figure(top, top) if item.take == "share" else Figure(None, top, why="not_measured")
    return Figure(top / bottom, top, bottom) if item.take == "share" else Figure(bottom - top, top, bottom)


def _unusable(item: AssessedItem, scheme: ScoreScheme, value: IndicatorValue) -> str:
    """Why a value cannot be scored; blank where it can."""
    cases, most = value.denominator, scheme.settings.most_unjudged
    if item.least_cases and (cases is None or cases < item.least_cases):
        return "few_cases"
    if item.take == "share" and cases == 0:
        return "no_cases"
    if most is not None and cases is not None and value.unjudged > most * (cases + value.unjudged):
        return "unjudged"
    return ""


def _among(item: AssessedItem, code: str, own: Mapping[str, Figure], group: Collection[str], least: int) -> Figure:
    """The share of the other peers that are not better: those who are alike share the better place."""
    mine = own[code]
    if mine.value is None:
        return mine
    others = [value for each in group if each != code and (value := own[each].value) is not None]
    if len(others) + 1 < least:
        return Figure(None, mine.top, mine.bottom, why="no_peers")
    sign = 1 if item.better == "high" else -1
    behind = sum(sign * other <= sign * mine.value for other in others)
    return Figure(Fraction(behind, len(others)), Fraction(behind), Fraction(len(others)))


def _since(item: AssessedItem, now: Figure, last: Figure) -> Figure:
    """The change since the last period: a difference, or that by the last value."""
    if now.value is None:
        return now
    if last.value is None or (item.against == "last_share" and last.value == 0):
        return Figure(None, now.top, now.bottom, why="no_last")
    change = now.value - last.value
    if item.against == "last_share":
        change /= last.value
    return Figure(change, now.top, now.bottom, last.top, last.bottom)
