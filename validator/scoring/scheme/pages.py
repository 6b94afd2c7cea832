"""Schemes (``schemas/scoring/schemes/*.yaml``, or a bureau's own file): an assessment table as data, refused with file and line."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from functools import cached_property
from pathlib import Path

from validator.base import files, yaml_csv
from validator.base.errors import ConfigError
from validator.base.language import Noted, Titled
from validator.base.yaml_csv import Node
from validator.scoring.measures import measures
from validator.scoring.scheme import methods
from validator.scoring.scheme.money import Money, read_money
from validator.scoring.scheme.nodes import day, nodes, number, one_of, positive
from validator.scoring.scheme.numbers import shown
from validator.scoring.scheme.settings import (
    AGAINST,
    BLOCK_KEYS,
    BLOCK_OPTIONAL,
    HOWS,
    ITEM_KEYS,
    ITEM_OPTIONAL,
    MISSING,
    OPTIONAL,
    REQUIRED,
    TAKES,
    TableSettings,
    read_settings,
)  # fmt: skip


@dataclass(frozen=True)
class AssessedItem(Noted):
    """A line of the table: what it reads and how that becomes points."""

    id: str
    title_zh: str
    title_en: str
    points: Fraction
    least: Fraction
    measure: str  #: the indicator; blank: a mark that people give
    take: str  #: of :data:`~validator.scoring.scheme.settings.TAKES`
    against: str  #: of :data:`~validator.scoring.scheme.settings.AGAINST`
    better: str  #: high, low
    method: methods.Method
    missing: str  #: of :data:`~validator.scoring.scheme.settings.MISSING`
    least_cases: int
    unit: str  #: of its indicator: share, percent, mean, ratio, number, count; count for a mark
    since: date | None
    until: date | None
    basis: str
    note_zh: str
    note_en: str

    @property
    def is_share(self) -> bool:
        """Whether its figure is read in percent."""
        by_unit = self.take == "share" and self.unit in ("share", "percent")
        return self.against in ("peers", "last_share") or by_unit

    @property
    def counts_cases(self) -> bool:
        """Whether its denominator is a number of cases (or cells)."""
        return self.unit == "share"

    @property
    def limits(self) -> methods.Range:
        """The range of its points."""
        return methods.Range(self.least, self.points, self.is_share)

    @property
    def is_veto(self) -> bool:
        """Whether it is a one-vote veto."""
        return isinstance(self.method, methods.Veto)


@dataclass(frozen=True)
class AssessedBlock(Titled):
    """A part of the table. ``floor`` and ``cap``: the least and the most that it gives, whatever its items sum to."""

    id: str
    title_zh: str
    title_en: str
    source: str
    bonus: bool
    points: Fraction
    floor: Fraction | None
    cap: Fraction
    items: tuple[AssessedItem, ...]


@dataclass(frozen=True)
class ScoreScheme(Noted):
    """An assessment table with all that follows from a total."""

    name: str
    version: str
    title_zh: str
    title_en: str
    example: bool  #: points are ours: no official table
    note_zh: str
    note_en: str
    points: Fraction
    since: date | None
    until: date | None
    blocks: tuple[AssessedBlock, ...]
    settings: TableSettings
    money: tuple[Money, ...]
    path: Path

    @cached_property
    def items(self) -> tuple[AssessedItem, ...]:
        """All lines, in order."""
        return tuple(item for block in self.blocks for item in block.items)

    @cached_property
    def amounts(self) -> frozenset[str]:
        """The sums of money that the marks file has to give."""
        return frozenset(name for each in self.money for name in each.amounts)

    def on(self, day: date) -> "ScoreScheme":
        """The table as it holds on a day, the last one of the period: items of other times are left out.

        Raises :class:`~validator.base.errors.ConfigError` where the table does not hold then, or its points do not sum up.
        """
        if not _holds(self.since, self.until, day):
            since, until = self.since or "…", self.until or "…"
            zh = f"评分表从 {since} 到 {until} 有效，期末 {day} 不在其中"
            raise yaml_csv.fault(self.path, None, zh, f"the scheme holds from {since} to {until}, not on {day}")
        blocks = tuple(
            replace(block, items=tuple(item for item in block.items if _holds(item.since, item.until, day)))
            for block in self.blocks
        )
        for block in blocks:
            own = sum(item.points for item in block.items)
            if own != block.points:
                raise self._sums(block.id, day, own, block.points)
        weighted = sum(block.points * self.settings.sources[block.source] for block in blocks if not block.bonus)
        if weighted != self.points:
            raise self._sums(self.name, day, weighted, self.points)
        return replace(self, blocks=blocks)

    def _sums(self, what: str, day: date, found: Fraction | int, wanted: Fraction) -> ConfigError:
        found = Fraction(found)
        zh = f"{what} 的分值合计 {shown(found)}，应为 {shown(wanted)}（{day}）"
        return yaml_csv.fault(
            self.path, None, zh, f"the points of {what} sum to {shown(found)}, not {shown(wanted)} ({day})"
        )


def _holds(since: date | None, until: date | None, day: date) -> bool:
    return (since is None or since <= day) and (until is None or day <= until)


def known() -> tuple[str, ...]:
    """The names of the schemes that come with the program."""
    return tuple(sorted(path.stem for path in (files.data("schemas") / "scoring" / "schemes").glob("*.yaml")))


def load(name: str) -> ScoreScheme:
    """The scheme of that name, or of that YAML file; :class:`~validator.base.errors.ConfigError` names a wrong line."""
    own = files.data("schemas") / "scoring" / "schemes" / f"{name}.yaml"
    path = Path(name) if name.endswith((".yaml", ".yml")) else own
    if not path.is_file():
        names = "、".join(known())
        raise yaml_csv.fault(path, None, f"没有这个评分表，现有：{names}", f"no such scheme; there are: {names}")
    page = yaml_csv.read_yaml(path)
    yaml_csv.allow_keys(path, page, REQUIRED, OPTIONAL)
    settings = read_settings(page)
    own_measures = _indicators(page)
    blocks = tuple(_block(node, settings, own_measures) for node in nodes(page, "blocks"))
    found = ScoreScheme(
        page.text("name"), page.text("version"), page.text("title_zh"), page.text("title_en"), page.get("example") is True,
        page.text("note_zh"), page.text("note_en"), number(page, "points"),
        day(page, "since"), day(page, "until"), blocks, settings, read_money(page), path,
    )  # fmt: skip
    ids = _names(page)
    for each in settings.tie_break:
        one_of(page.mapping("ties"), "by", each, ids)
    return found


def _indicators(page: Node) -> dict[str, str]:
    """Measure -> unit: ours, and the indicators that the scheme declares itself."""
    own = page.mapping("indicators")
    units = {measure.id: measure.unit for measure in measures()}
    for name in own:
        unit = own.text(name)
        if unit not in ("share", "number", "count"):
            raise own.fault(
                name, f"{name} 的单位应为 share、number 或 count", f"the unit of {name} is share, number or count"
            )
        units[name] = unit
    return units


def _block(node: Node, settings: TableSettings, units: dict[str, str]) -> AssessedBlock:
    yaml_csv.allow_keys(node.path, node, BLOCK_KEYS, BLOCK_OPTIONAL)
    points = number(node, "points")
    source = node.text("source") or next(iter(settings.sources))
    one_of(node, "source", source, settings.sources)
    return AssessedBlock(
        node.text("id"), node.text("title_zh"), node.text("title_en"), source, node.get("bonus") is True, points,
        number(node, "floor") if "floor" in node else None, number(node, "cap") if "cap" in node else points,
        tuple(_item(each, settings, units) for each in nodes(node, "items")),
    )  # fmt: skip


def _item(node: Node, settings: TableSettings, units: dict[str, str]) -> AssessedItem:
    yaml_csv.allow_keys(node.path, node, ITEM_KEYS, ITEM_OPTIONAL | set(HOWS))
    hows = [name for name in HOWS if name in node]
    if len(hows) != 1:
        names = "、".join(HOWS)
        raise yaml_csv.fault(node.path, node.line, f"应有一种给分办法：{names}", f"one way to give points: {names}")
    measure, how = node.text("measure"), hows[0]
    if measure and measure not in units:
        raise yaml_csv.unknown(node.path, node.lines["measure"], "measure", measure, units)
    unit = units.get(measure, "count")
    take = node.text("take") or ("numerator" if unit == "count" else "share")
    against, better = node.text("against"), node.text("better") or "high"
    missing = node.text("missing") or settings.missing
    one_of(node, "take", take, TAKES)
    one_of(node, "against", against, ("", *AGAINST))
    one_of(node, "better", better, ("high", "low"))
    one_of(node, "missing", missing, MISSING)
    if how == "given" and measure:
        raise node.fault("measure", "given 只用于人评的项目，不写 measure", "given is for marks: no measure")
    if not measure and (against or "take" in node):
        raise node.fault("title_zh", "人评的项目没有 take、against", "a mark has neither take nor against")
    if take == "share" and unit == "count":
        raise node.fault("take", f"{measure} 是个数，take 应为 numerator", f"{measure} is a count: take numerator")
    points = number(node, "points") if "points" in node else Fraction(0)
    least = number(node, "least") if "least" in node else Fraction(0)
    if least > points:
        raise node.fault("least", "least 大于 points", "least is more than points")
    if how == "veto" and (grade := node.mapping("veto").text("grade")):
        one_of(node.mapping("veto"), "grade", grade, [name for name, _ in settings.grades])
    limits = methods.Range(least, points)
    return AssessedItem(
        node.text("id"), node.text("title_zh"), node.text("title_en"), points, least, measure, take, against, better,
        _READ[how](node, better, limits), missing, int(number(node, "least_cases")) if "least_cases" in node else 0, unit,
        day(node, "since"), day(node, "until"), node.text("basis"), node.text("note_zh"), node.text("note_en"),
    )  # fmt: skip


def _deduct(node: Node, _better: str, _limits: methods.Range) -> methods.Count:
    return _count(node.mapping("deduct"), earns=False)


def _earn(node: Node, _better: str, _limits: methods.Range) -> methods.Count:
    return _count(node.mapping("earn"), earns=True)


def _count(how: Node, *, earns: bool) -> methods.Count:
    yaml_csv.allow_keys(how.path, how, {"each"}, {"per", "free"})
    per = positive(how, "per") if "per" in how else Fraction(1)
    free = number(how, "free") if "free" in how else Fraction(0)
    return methods.Count(positive(how, "each"), per, free, earns)


def _slope(node: Node, better: str, _limits: methods.Range) -> methods.Slope:
    how = node.mapping("slope")
    yaml_csv.allow_keys(how.path, how, {"full"}, {"zero", "step", "each", "steps"})
    full, zero = number(how, "full"), number(how, "zero") if "zero" in how else None
    if ("step" in how) != ("each" in how) or ("step" not in how and zero is None):
        raise how.fault("full", "应有 zero，或 step 和 each 两项", "needs zero, or both step and each")
    if zero is not None and (zero >= full if better == "high" else zero <= full):
        raise how.fault(
            "zero", f"better: {better}，zero 应在 full 的另一侧", f"better: {better}: zero is on the wrong side"
        )
    steps = how.text("steps") or "part"
    one_of(how, "steps", steps, ("part", "down", "up"))
    step, each = (positive(how, name) if name in how else None for name in ("step", "each"))
    return methods.Slope(full, zero, step, each or Fraction(0), steps, better)


def _bands(node: Node, better: str, limits: methods.Range) -> methods.Bands:
    key, bands = ("from" if better == "high" else "to"), list[tuple[Fraction | None, Fraction]]()
    for band in nodes(node, "bands"):
        yaml_csv.allow_keys(band.path, band, {"points"}, {key})
        limit, points = number(band, key) if key in band else None, number(band, "points")
        if points != limits.clip(points):
            zh = f"一档的分应在 {shown(limits.least)} 与 {shown(limits.points)} 之间"
            raise band.fault("points", zh, f"points of a band are from {shown(limits.least)} to {shown(limits.points)}")
        before = bands[-1][0] if bands else None
        wrong = bands and (before is None or (limit is not None and (limit >= before) == (better == "high")))
        if wrong:
            raise band.fault(
                key,
                "各档应从好到差排列，只有最后一档可以没有界限",
                "bands go from best to worst; only the last has no limit",
            )
        bands.append((limit, points))
    return methods.Bands(tuple(bands), better)


def _given(node: Node, _better: str, _limits: methods.Range) -> methods.AsMarked:
    if node["given"] is not True:
        raise node.fault("given", "given 只能是 true", "given is true")
    return methods.AsMarked()


def _veto(node: Node, _better: str, limits: methods.Range) -> methods.Veto:
    how = node.mapping("veto")
    yaml_csv.allow_keys(how.path, how, {"at"}, {"grade"})
    if limits.points or limits.least:
        raise node.fault("points", "一票否决项没有分值", "a veto has no points")
    return methods.Veto(positive(how, "at"), how.text("grade"))


_READ: dict[str, Callable[[Node, str, methods.Range], methods.Method]] = {
    "deduct": _deduct,
    "earn": _earn,
    "slope": _slope,
    "bands": _bands,
    "given": _given,
    "veto": _veto,
}


def _names(page: Node) -> set[str]:
    """The ids of blocks and items; none is there twice."""
    seen = set[str]()
    for block in nodes(page, "blocks"):
        for node in (block, *nodes(block, "items")):
            name = node.text("id")
            if name in seen:
                raise node.fault("id", f"编号 {name} 用了两次", f"the id {name} is there twice")
            seen.add(name)
    return seen
