"""The score sheets: a pure function of a scheme, indicator values and marks.

Nothing is rounded: points are fractions, and a reviewer who writes a sheet's formulas by hand gets the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from validator.base.language import say
from validator.scoring.scheme.figures import Figure, ScoringInput, figures, peer_group, peers
from validator.scoring.scheme.given_tables import RatedHospital, leads, together
from validator.scoring.scheme.methods import Veto
from validator.scoring.scheme.money import Money
from validator.scoring.scheme.pages import AssessedBlock, AssessedItem, ScoreScheme
from validator.scoring.scheme.totals import ScoreTotal, total_of


@dataclass(frozen=True)
class ItemScore:
    """A line of a sheet. ``points``: None where the item is taken out of the account."""

    item: AssessedItem
    figure: Figure
    points: Fraction | None

    @property
    def is_missing(self) -> bool:
        """Whether there was no figure."""
        return self.figure.value is None

    @property
    def lost(self) -> Fraction:
        """The points that the item lost; nothing where it is taken out of the account."""
        return Fraction(0) if self.points is None else self.item.points - self.points

    @property
    def words(self) -> str:
        """How the points came about, as one writes it by hand."""
        if self.figure.value is not None:
            return self.item.method.words(self.figure.value, self.item.limits)
        then = {
            "rescale": say("不计入，其余项目按比例折算", "left out; the others are scaled up"),
            "zero": say("计最低分", "counts the least"), "full": say("计满分", "counts in full"),
        }  # fmt: skip
        if self.item.is_veto:
            return say(f"{self.figure.reason}，没有认定", f"{self.figure.reason}: not decided")
        return f"{self.figure.reason}{say('：', ': ')}{then[self.item.missing]}"

    @property
    def struck(self) -> bool:
        """Whether it is a veto that holds."""
        method = self.item.method
        return isinstance(method, Veto) and self.figure.value is not None and method.struck(self.figure.value)


@dataclass(frozen=True)
class Payment:
    """What the total means for one sum; None where the sum was not given."""

    money: Money
    share: Fraction
    amount: Fraction | None
    less: Fraction | None
    paid: Fraction | None  #: yuan


@dataclass(frozen=True)
class ScoreSheet:
    """A hospital's sheet. ``lowest`` and ``highest``: the total if all that is missing turned out worst, or best."""

    hospital: RatedHospital
    members: tuple[str, ...]  #: of the 医联体 that it is scored with
    group: tuple[str, ...]  #: what it has in common with its peers
    peers: tuple[str, ...]
    items: tuple[ItemScore, ...]
    sums: ScoreTotal  #: before vetoes
    total: Fraction | None
    lowest: Fraction | None
    highest: Fraction | None
    grade: str
    payments: tuple[Payment, ...]
    rank: int | None = None
    peer_rank: int | None = None

    @property
    def vetoes(self) -> tuple[ItemScore, ...]:
        """The vetoes that hold."""
        return tuple(each for each in self.items if each.struck)

    @property
    def missing(self) -> tuple[ItemScore, ...]:
        """The items without a figure."""
        return tuple(each for each in self.items if each.is_missing)

    def of_block(self, block: AssessedBlock) -> Fraction | None:
        """What a block gives; None where each of its items is taken out of the account."""
        counted = any(each.points is not None for each in self.items if each.item in block.items)
        return self.sums.blocks[block.id] if counted else None


def sheets_of(scheme: ScoreScheme, given: ScoringInput, day: date) -> tuple[ScoreSheet, ...]:
    """The sheet of each hospital, by rank, then by code; ``day``: the last one of the period.

    Raises :class:`~validator.base.errors.ConfigError` where the scheme does not hold then, and
    :class:`~validator.base.errors.InputError` for marks of hospitals that are not scored.
    """
    scheme = scheme.on(day)
    members = leads(given.hospitals) if scheme.settings.alliances else {}
    given = replace(given, values=together(given.values, members), last=given.last and together(given.last, members))
    codes = sorted({*given.values, *given.hospitals} - {code for code, lead in members.items() if code != lead})
    given.marks.check(codes, members)
    groups = peers(scheme, given, codes)
    found = {item.id: figures(item, scheme, given, groups) for item in scheme.items}
    sheets = [
        _sheet(scheme, given, code, {name: own[code] for name, own in found.items()}, groups[code], members)
        for code in codes
    ]
    return _ranked(scheme, sheets)


def _sheet(
    scheme: ScoreScheme, given: ScoringInput, code: str, own: Mapping[str, Figure], group: Sequence[str], members: Mapping[str, str]
) -> ScoreSheet:  # fmt: skip
    hospital = given.hospital(code)
    items = tuple(ItemScore(item, own[item.id], _points(item, own[item.id])) for item in scheme.items)
    sums = total_of(scheme, {each.item.id: each.points for each in items})
    low, high = (_extreme(scheme, items, best=best) for best in (False, True))
    total = _with_vetoes(sums.total, items)
    return ScoreSheet(
        hospital, tuple(sorted(each for each, lead in members.items() if lead == code)), peer_group(scheme, hospital), tuple(group),
        items, sums, total, low, high, grade(scheme, total, items), payments(scheme, given, code, total),
    )  # fmt: skip


def _points(item: AssessedItem, figure: Figure) -> Fraction | None:
    if item.is_veto:
        return Fraction(0)
    if figure.value is not None:
        return item.method.score(figure.value, item.limits)
    return {"rescale": None, "zero": item.least, "full": item.points}[item.missing]


def _with_vetoes(total: Fraction | None, items: Sequence[ItemScore]) -> Fraction | None:
    """The total, nothing where a veto holds that leads to nothing."""
    nothing = any(each.struck and isinstance(each.item.method, Veto) and not each.item.method.grade for each in items)
    return Fraction(0) if nothing else total


def _extreme(scheme: ScoreScheme, items: Sequence[ItemScore], *, best: bool) -> Fraction | None:
    """The total if all that is missing were best, or worst: then vetoes that nobody decided hold."""
    assumed = [
        each
        if not each.is_missing or each.item.is_veto
        else replace(each, points=each.item.points if best else each.item.least)
        for each in items
    ]
    total = _with_vetoes(total_of(scheme, {each.item.id: each.points for each in assumed}).total, items)
    undecided = any(
        isinstance(each.item.method, Veto) and not each.item.method.grade and each.is_missing for each in items
    )
    return Fraction(0) if undecided and not best else total


def grade(scheme: ScoreScheme, total: Fraction | None, items: Sequence[ItemScore]) -> str:
    """The credit grade of a total, no better than a veto that holds allows; blank without grades or total."""
    grades = scheme.settings.grades
    if total is None or not grades:
        return ""
    names = [name for name, _ in grades]
    place = next((at for at, (_, limit) in enumerate(grades) if total >= limit), len(grades) - 1)
    worst = [each.item.method.grade for each in items if each.struck and isinstance(each.item.method, Veto)]
    return names[max([place, *(names.index(name) for name in worst if name)])]


def payments(scheme: ScoreScheme, given: ScoringInput, code: str, total: Fraction | None) -> tuple[Payment, ...]:
    """What the total means in money; nothing without a total."""
    found = list[Payment]()
    for money in scheme.money if total is not None else ():
        assert total is not None
        amount, less = (given.marks.get(code, name) if name else None for name in (money.amount, money.less))
        share, paid = money.share(total), None
        if amount and (less or not money.less):
            paid = amount.value * share - (less.value * money.less_share if less else 0)
        found.append(Payment(money, share, amount.value if amount else None, less.value if less else None, paid))
    return tuple(found)


def _ranked(scheme: ScoreScheme, sheets: Sequence[ScoreSheet]) -> tuple[ScoreSheet, ...]:
    """The sheets with their ranks, among all and among peers."""
    overall = ranks(scheme, sheets)
    among = dict[str, int]()
    for group in {sheet.peers for sheet in sheets}:
        among |= {
            code: rank
            for code, rank in ranks(scheme, [each for each in sheets if each.peers == group]).items()
            if group
        }
    placed = [
        replace(sheet, rank=overall.get(sheet.hospital.code), peer_rank=among.get(sheet.hospital.code))
        for sheet in sheets
    ]
    return tuple(sorted(placed, key=lambda each: (each.rank is None, each.rank or 0, each.hospital.code)))


def ranks(scheme: ScoreScheme, sheets: Sequence[ScoreSheet]) -> dict[str, int]:
    """Hospital -> rank by total, then by what breaks ties; those that stay alike share a rank. Without a total, none."""
    keys = {each.hospital.code: _key(scheme, each) for each in sheets if each.total is not None}
    values = list(keys.values())
    if scheme.settings.rank == "dense":
        values = list(set(values))
    order = sorted(values, reverse=True)
    return {code: order.index(key) + 1 for code, key in keys.items()}


def _key(scheme: ScoreScheme, sheet: ScoreSheet) -> tuple[Fraction, ...]:
    """What a rank goes by, the total first."""
    items = {each.item.id: each.points or Fraction(0) for each in sheet.items}
    more = (sheet.sums.blocks.get(name, items.get(name, Fraction(0))) for name in scheme.settings.tie_break)
    return (sheet.total or Fraction(0), *more)
