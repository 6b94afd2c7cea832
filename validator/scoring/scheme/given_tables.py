"""Tables that people give to a scoring: indicator values, marks with author, date and evidence, the hospitals."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import polars as pl
import polars.selectors as cs

from validator.base.errors import InputError
from validator.base.language import say
from validator.base.masking import misplaced, persons_texts
from validator.checks import typed_columns
from validator.read import named_columns
from validator.read.named_columns import Ways
from validator.read.parquet import sound
from validator.read.place import Place, quoted
from validator.scoring.measures import measures
from validator.scoring.scheme.methods import AsMarked
from validator.scoring.scheme.numbers import exact, shown
from validator.scoring.scheme.pages import ScoreScheme

HOSPITAL_CODE = (
    "fixmedins_code",
    "定点医药机构编号",
    "定点医药机构代码",
    "医疗机构编码",
    "医疗机构代码",
    "机构编码",
    "机构代码",
)
VALUE_COLUMNS = {
    "hospital": HOSPITAL_CODE, "measure": ("indicator", "指标", "指标代码"), "numerator": ("分子",), "denominator": ("分母",),
    "value": ("值", "指标值"), "unjudged": ("无法判定",), "by": (), "key": (),
}  # fmt: skip
MARK_COLUMNS = {
    "hospital": HOSPITAL_CODE, "item": ("项目", "项目代码", "评分项"), "value": ("分值", "得分", "数值", "值"),
    "author": ("评分人", "评定人"), "date": ("日期", "评分日期", "评定日期"), "evidence": ("依据", "证据", "佐证"),
}  # fmt: skip
HOSPITAL_COLUMNS = {
    "hospital": HOSPITAL_CODE, "name": ("fixmedins_name", "医疗机构名称", "机构名称", "名称"), "level": ("hosp_lv", "医院等级", "等级"),
    "type": ("类型", "医院类型"), "alliance": ("医联体", "医联体牵头机构"),
}  # fmt: skip
_KEYS, _TEXTS = ("hospital", "case_id"), ("author", "evidence", "level", "type")
ALL = "*"  #: a mark of every hospital that has none of its own


@dataclass(frozen=True)
class IndicatorValue:
    """What an indicator of a hospital is made of; a table that has values alone gives them as numerator, without denominator."""

    numerator: Fraction
    denominator: Fraction | None
    unjudged: int = 0  #: cases that could not be judged


Values = Mapping[str, Mapping[str, IndicatorValue]]  #: hospital -> measure -> value


@dataclass(frozen=True)
class Mark:
    """What a person decided: points, a number of cases, or a sum in yuan."""

    value: Fraction
    author: str
    date: date
    evidence: str


@dataclass(frozen=True)
class RatedHospital:
    """A line of the table of hospitals; ``alliance``: the hospital that leads its 医联体, blank where it is in none."""

    code: str
    name: str = ""
    level: str = ""
    type: str = ""
    alliance: str = ""


def table(path: Path, ways: Ways, needed: Callable[[set[str]], bool], lacking: tuple[str, str]) -> pl.DataFrame:
    """``named_columns.rows`` with cases and what people wrote as reports may show them."""
    return _without_persons(named_columns.rows(path, ways, needed, lacking))


def _without_persons(rows: pl.DataFrame) -> pl.DataFrame:
    hide = {**dict.fromkeys(_KEYS, misplaced), **dict.fromkeys(_TEXTS, persons_texts)}
    return rows.with_columns(hide[name](rows[name]) for name in hide if name in rows.columns)


def read_values(path: Path) -> Values:
    """The indicator values of a file: ``zhikong measure``'s ``measures.parquet``, or a table of hospital, measure and figures."""
    lacking = (
        "不是指标表，应有机构编码、指标、分子和分母（或值）几列",
        "no table of indicators; it should have hospital, measure, numerator and denominator (or value)",
    )
    rows = table(
        path,
        VALUE_COLUMNS,
        lambda names: {"hospital", "measure"} <= names and bool({"numerator", "value"} & names),
        lacking,
    )
    return values(rows, str(path))


def values(rows: pl.DataFrame, where: str = "measures") -> Values:
    """The same of a frame (``measures.MEASURED``); rows of departments and so on, and of hospitals without a code, are left out."""
    if "by" in rows.columns:
        rows = rows.filter(pl.col("by") == "hospital")
    found = dict[str, dict[str, IndicatorValue]]()
    for at, row in enumerate(rows.iter_rows(named=True), 1):
        hospital, measure = row["hospital"], row["measure"]
        if hospital is None or measure is None:
            continue
        if measure in found.setdefault(hospital, {}):
            raise Place(where).fault(
                f"第 {at} 行数据：{quoted(hospital)} 的 {quoted(measure)} 写了两次",
                f"data row {at}: {quoted(measure)} of {quoted(hospital)} is there twice",
            )
        top, bottom = (_number(row, name, at, where) for name in ("numerator", "denominator"))
        if top is None:
            top, bottom = _number(row, "value", at, where), None
        if bottom is not None and bottom < 0:
            raise Place(where).fault(f"第 {at} 行数据：分母小于 0", f"data row {at}: the denominator is less than 0")
        if top is not None:
            found[hospital][measure] = IndicatorValue(top, bottom, int(_number(row, "unjudged", at, where) or 0))
    return found


def read_ways(path: Path) -> pl.DataFrame | None:
    """Which way each case went (``measures.ways``) of what ``zhikong measure --to`` wrote; None where it names no hospitals."""
    with sound(Place(str(path))):
        ways = pl.read_parquet(path, glob=False).select(cs.string(include_categorical=True) | cs.enum())
    return _without_persons(ways) if {"hospital", "case_id"} <= set(ways.columns) else None


def _number(row: Mapping[str, object], name: str, at: int, where: str) -> Fraction | None:
    value = row.get(name)
    number = exact(value)
    if value is not None and number is None:
        raise Place(where).fault(
            f"第 {at} 行数据的 {name}：“{quoted(str(value))}”不是数",
            f"data row {at}, {name}: '{str(value)[:20]}' is no number",
        )
    return number


def read_hospitals(path: Path) -> dict[str, RatedHospital]:
    """The hospitals of a file, by code."""
    lacking = ("不是机构表，应有机构编码一列", "no table of hospitals; it should have a column of their codes")
    rows = table(path, HOSPITAL_COLUMNS, lambda names: "hospital" in names, lacking)
    found = dict[str, RatedHospital]()
    for at, row in enumerate(rows.iter_rows(named=True), 1):
        code = row.pop("hospital")
        if code is None or code in found:
            raise Place(str(path)).fault(
                f"第 {at} 行数据：机构编码空着或重复", f"data row {at}: the code is blank or repeated"
            )
        found[code] = RatedHospital(code, **{name: value or "" for name, value in row.items()})
    for each in found.values():
        if each.alliance and (each.alliance not in found or found[each.alliance].alliance != each.alliance):
            raise Place(str(path)).fault(
                f"{quoted(each.code)} 的医联体 {quoted(each.alliance)}：应写牵头机构的编码，牵头机构自己一行也写它",
                f"the alliance {quoted(each.alliance)} of {quoted(each.code)}: write the code of the leading hospital, in its own row too",
            )
    return found


def leads(hospitals: Mapping[str, RatedHospital]) -> dict[str, str]:
    """Member of a 医联体 -> the hospital that leads it."""
    return {each.code: each.alliance for each in hospitals.values() if each.alliance}


def together(found: Values, members: Mapping[str, str]) -> Values:
    """Values of hospitals, those of a 医联体 added up under its lead.

    What counts different persons or groups cannot be added up and is left out; so is what has no denominator.
    """
    distinct = {
        each.id for each in measures() if each.formula.distinct_top or each.formula.distinct_bottom or each.formula.once
    }
    made = dict[str, dict[str, IndicatorValue]]()
    alone = {code for code in found if code not in members}
    for code, own in found.items():
        sums = made.setdefault(members.get(code, code), {})
        for measure, value in own.items():
            if code not in alone and (measure in distinct or value.denominator is None):
                continue
            before = sums.get(measure)
            sums[measure] = value if before is None else _added(before, value)
    return made


def _added(one: IndicatorValue, two: IndicatorValue) -> IndicatorValue:
    assert one.denominator is not None
    assert two.denominator is not None
    return replace(
        one, numerator=one.numerator + two.numerator, denominator=one.denominator + two.denominator,
        unjudged=one.unjudged + two.unjudged,
    )  # fmt: skip


class Marks:
    """What people gave, by hospital and item."""

    def __init__(self, found: Mapping[tuple[str, str], Mark] | None = None) -> None:
        self.found = dict(found or {})

    def get(self, hospital: str, item: str) -> Mark | None:
        """The mark of a hospital, else the one of all."""
        return self.found.get((hospital, item)) or self.found.get((ALL, item))

    def check(self, hospitals: Collection[str], members: Mapping[str, str]) -> None:
        """Refuse marks of hospitals that are not scored: a wrong code would hide what was decided."""
        for hospital, _ in self.found:
            if hospital in members and members[hospital] != hospital:
                lead = members[hospital]
                raise InputError(
                    f"{quoted(hospital)} 在医联体里，评分请写在牵头机构 {quoted(lead)} 名下",
                    f"{quoted(hospital)} is in an alliance: write its marks under {quoted(lead)}",
                )
            if hospital != ALL and hospital not in hospitals:
                raise InputError(
                    f"评分表里的机构 {quoted(hospital)} 没有指标，也不在机构表里",
                    f"there are marks of {quoted(hospital)}, which has no figures and is in no table of hospitals",
                )


def read_marks(path: Path, *schemes: ScoreScheme) -> Marks:
    """The marks of a file for a scheme, or for the versions of one; every row has its author, date and evidence.

    Raises :class:`~validator.base.errors.InputError` with the row for what is missing, unknown, repeated or out of range.
    """
    lacking = (
        "不是评分文件，应有机构编码、项目、分值、评分人、日期、依据六列",
        "no file of marks; it should have the columns hospital, item, value, author, date, evidence",
    )
    rows = table(path, MARK_COLUMNS, lambda names: names == MARK_COLUMNS.keys(), lacking)
    days, found = typed_columns.days(path, rows, "date"), dict[tuple[str, str], Mark]()
    for at, (row, day) in enumerate(zip(rows.iter_rows(named=True), days, strict=True), 1):

        def wrong(zh: str, en: str, at: int = at) -> InputError:
            return Place(str(path)).fault(f"第 {at} 行数据：{zh}", f"data row {at}: {en}")

        if blank := [name for name in MARK_COLUMNS if row[name] is None]:
            raise wrong(
                f"{blank[0]} 空着；每个评分都要有评分人、日期和依据",
                f"{blank[0]} is blank; a mark has author, date and evidence",
            )
        value = exact(row["value"])
        if value is None:
            raise wrong(f"“{quoted(row['value'])}”不是数", f"'{quoted(row['value'])}' is no number")
        _fits(schemes, row["item"], value, wrong)
        if (row["hospital"], row["item"]) in found:
            raise wrong(
                f"{quoted(row['hospital'])} 的 {quoted(row['item'])} 写了两次",
                f"{quoted(row['item'])} of {quoted(row['hospital'])} is there twice",
            )
        found[row["hospital"], row["item"]] = Mark(value, row["author"], day, row["evidence"])
    return Marks(found)


def _fits(schemes: Sequence[ScoreScheme], name: str, value: Fraction, wrong: Callable[[str, str], InputError]) -> None:
    """Refuse a mark of what no scheme asks for, or outside its range."""
    items = {item.id: item for scheme in schemes for item in scheme.items if not item.measure}
    amounts = {name for scheme in schemes for name in scheme.amounts}
    if name not in items and name not in amounts:
        names = say("、", ", ").join([*items, *sorted(amounts)])
        raise wrong(
            f"评分表没有要人评的项目 {quoted(name)}，有：{names}",
            f"the scheme asks for no mark '{quoted(name)}', but for {names}",
        )
    item = items.get(name)
    if value < 0 and (item is None or item.least >= 0):
        raise wrong("小于 0", "less than 0")
    if item and isinstance(item.method, AsMarked) and item.limits.clip(value) != value:
        low, high = shown(item.least), shown(item.points)
        raise wrong(f"{name} 的分值应在 {low} 与 {high} 之间", f"{name} is from {low} to {high}")
