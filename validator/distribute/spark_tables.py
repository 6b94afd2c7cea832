"""Tables of Spark brought together by case: every row goes to the partition of its case, all columns as one list of texts.

A row finds its case by the key that the local reader would choose (``assemble.choose_keys``), which looks at all rows: what that
depends on is asked of Spark first. Keys that differ in their form alone go to one partition, for the reader finds those too.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import or_
from typing import Any

import polars as pl
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812 - as everybody calls it
from pyspark.sql import types as T  # noqa: N812 - as everybody calls it

from validator.base.errors import InputError
from validator.checks.cell_typing import BLANKS
from validator.distribute.packed import Packed
from validator.read import assemble, frames
from validator.read.frames import Recognised
from validator.read.names import unlinked
from validator.read.partition import KEY
from validator.read.place import Place
from validator.read.shape import ShapedTable
from validator.spec.layouts import Layout, Layouts

#: What a partition may have of each, and rows for fewer than which one more is not worth its start.
_CASES, _ROWS, _FEWEST_ROWS = 30_000, 700_000, 20_000
_PLACE_BITS = 33  #: of ``monotonically_increasing_id``, that count rows within a partition
Form = Callable[[Column], Column]
#: Removed character by character (as :data:`BLANKS` are): a regular expression of Java takes many times as long.
_ASCII_BLANKS = "\t\n\v\f\r "
_EXACT = float(2**53)  #: whole numbers up to here are exact as floats


@dataclass(frozen=True)
class Together:
    """The rows of all tables, and what they are."""

    tables: tuple[Packed, ...]
    rows: DataFrame  #: ``table``: its place in ``tables``; ``line`` in it; ``found``: not known to be of no case; ``values`` of its columns
    partitions: int


def brought_together(
    tables: Mapping[str, DataFrame], layouts: Layouts, layout: str | None, partitions: int | None
) -> Together:
    """The tables with the rows of each case in one partition. Raises :class:`InputError` where the local reader does."""
    for name, frame in tables.items():
        _refuse_nested(name, frame.schema)
    found = frames.recognised({name: _empty(frame.columns) for name, frame in tables.items()}, layouts, layout)
    asked = [
        _Table(name, frame, found) for name, frame in tables.items() if found.columns[name].table in found.layout.tables
    ]
    parent = _choose_keys(found.layout, asked)
    children = sorted(asked, key=lambda each: -each.height)
    home = next((each.key for each in children if each.key), next(iter(parent.keys), ""))
    form = _form_beyond_ascii if any(each.beyond_ascii for each in asked) else _form
    packed = [each.packed(number, home, parent, form) for number, each in enumerate(asked)]
    count = partitions or _wanted(sum(each.height for each in asked), parent)
    rows = reduce(lambda one, other: one.unionByName(other), packed).repartition(count, "home").drop("home")
    about = tuple(Packed(each.name, tuple(each.frame.columns), each.key, each.key not in ("", home)) for each in asked)
    unknown = tuple(
        Packed(name, tuple(frame.columns), "", elsewhere=False)
        for name, frame in tables.items()
        if found.columns[name].table not in found.layout.tables
    )
    return Together((*about, *unknown), rows, count)


def _wanted(rows: int, parent: _Table) -> int:
    """How many partitions are good: for memory, and for the cores."""
    cores = parent.frame.sparkSession.sparkContext.defaultParallelism
    cases = 0 if parent.key else parent.height  # of rows that make the cases it is not known how many these are
    return max(-(-rows // _ROWS), -(-cases // _CASES), min(cores, rows // _FEWEST_ROWS), 1)


def _choose_keys(layout: Layout, tables: Sequence[_Table]) -> _Table:
    """Choose the key of each table; return the table of the cases, or the one whose rows make them."""
    twice = [name for name, n in Counter(each.sheet.table for each in tables).items() if n > 1]
    if twice:
        names = "、".join(each.name for each in tables if each.sheet.table == twice[0])
        raise InputError(
            f"{names} 都是{layout.title(twice[0])}，请先合成一张（unionByName）",
            f"{names} are all {layout.title(twice[0])}: make them one first (unionByName)",
        )
    own = layout.interface.made_of or layout.case
    parent = next((each for each in tables if each.sheet.table == own), tables[0])
    sheets = [each.witnesses() for each in tables]
    assemble.choose_keys(layout, sheets)
    best = layout.interface.keys[0]
    if parent.sheet.table == layout.case and any(sheet.key_used not in ("", best) for sheet in sheets):
        shared = [row for key in parent.keys if key != best for row in parent.shared(key)]
        sheets = [each.witnesses(shared if each is parent else ()) for each in tables]
        assemble.choose_keys(layout, sheets)
    for each, sheet in zip(tables, sheets, strict=True):
        each.key = sheet.key_used
        if each is not parent and not each.key and each.height:
            raise Place(each.name).fault(*unlinked(layout))
    return parent


class _Table:
    """A table, and what is asked of Spark about all its rows: one pass over the columns that are keys or floats."""

    def __init__(self, name: str, frame: DataFrame, found: Recognised) -> None:
        self.name, self.frame, self.key = name, frame, ""
        sheets, _ = frames.shaped({name: _empty([*frame.columns, "_line"])}, found)
        self.sheet = sheets[0]
        self.keys = self.sheet.keys
        places = self.sheet.source.places
        at = {key: places[key if key in places else KEY + key][0][0] or 0 for key in self.keys}
        self._fields = {key: frame.schema[place] for key, place in at.items()}
        floats = [each for each in frame.schema if isinstance(each.dataType, T.FloatType | T.DoubleType)]
        asked = [F.count("*").alias("rows")]
        for key in self.keys:
            text = self.key_text(key)
            beyond = F.max(F.octet_length(text) != F.length(text))
            asked += [F.max(text).alias(f"some:{key}"), beyond.alias(f"beyond:{key}")]
        asked += [F.min(_is_whole(each.name)).alias(f"whole:{each.name}") for each in floats]
        parts = frame.groupBy(F.spark_partition_id().alias("part")).agg(*asked).collect()
        self._rows = {part["part"]: part["rows"] for part in parts}
        self.height = sum(self._rows.values())
        self.beyond_ascii = any(part[f"beyond:{key}"] for part in parts for key in self.keys)
        some = {key: [part[f"some:{key}"] for part in parts if part[f"some:{key}"]] for key in self.keys}
        self._some = {key: max(texts, default=None) for key, texts in some.items()}
        self._whole = {each.name for each in floats if all(part[f"whole:{each.name}"] is not False for part in parts)}

    def key_text(self, key: str) -> Column:
        """See ``shape.key_text``."""
        text = F.btrim(_text(self._fields[key], whole=True), F.lit(BLANKS))
        return F.when(text != "", text)

    def witnesses(self, more: Sequence[Mapping[str, Any]] = ()) -> ShapedTable:
        """The sheet with a row that has something in each key in which any row has, and some more rows."""
        named = {key: key if key in self.sheet.frame.columns else KEY + key for key in self.keys}
        rows = [*([self._some] if self.height else []), *more]
        made: dict[str, list[Any]] = {column: [row[key] for row in rows] for key, column in named.items()}
        lines = {"_line": [row.get("_line") for row in rows]}
        kinds = {**dict.fromkeys(made, pl.String), "_line": pl.UInt32}
        frame = pl.concat([self.sheet.frame, pl.DataFrame({**made, **lines}, schema=kinds)], how="diagonal_relaxed")
        return replace(self.sheet, frame=frame)

    def shared(self, key: str) -> list[dict[str, Any]]:
        """Two rows that share a key although another key says that their cases are different; none where there are no such."""
        others = [each for each in self.keys if each != key]
        if not others:
            return []
        ends = {"min": F.min, "max": F.max}
        rows = self.frame.select(self._line().alias("_line"), *[self.key_text(each).alias(each) for each in self.keys])
        columns = [end(each).alias(f"{name}:{each}") for each in (*others, "_line") for name, end in ends.items()]
        differ = reduce(or_, [F.col(f"min:{other}") != F.col(f"max:{other}") for other in others])
        row = rows.where(F.col(key).isNotNull()).groupBy(key).agg(*columns).where(differ).first()
        return (
            [{key: row[key], **{each: row[f"{name}:{each}"] for each in (*others, "_line")}} for name in ends]
            if row
            else []
        )

    def packed(self, number: int, home: str, parent: _Table, form: Form) -> DataFrame:
        """The rows as ``table``, ``line``, ``home``, ``found`` and ``values``."""
        texts = F.array(*[_text(each, whole=each.name in self._whole) for each in self.frame.schema])
        keys = {f"key:{key}": self.key_text(key) for key in {home, self.key} & {*self.keys}}
        rows = self.frame.select(
            F.lit(number).alias("table"), self._line().alias("line"), _somewhere().alias("home"), F.lit(True).alias("found"),
            texts.alias("values"), *[text.alias(name) for name, text in keys.items()],
        )  # fmt: skip
        if self.key not in ("", home):
            rows = _by_other_key(rows, f"key:{self.key}", parent.homes(self.key, home, form), form)
        elif f"key:{home}" in rows.columns:
            rows = rows.withColumn("home", F.coalesce(form(F.col(f"key:{home}")), "home"))
        return rows.select("table", "line", "home", "found", "values")

    def homes(self, key: str, home: str, form: Form) -> DataFrame:
        """For each text of a key that the cases have: ``key``, its ``form``, and the ``home`` of the first that has it."""
        own = F.coalesce(form(self.key_text(home)), _somewhere())
        rows = self.frame.select(self.key_text(key).alias("key"), own.alias("home"), self._line().alias("line"))
        first = rows.where(F.col("key").isNotNull()).groupBy("key").agg(F.min_by("home", "line").alias("home"))
        return first.withColumn("form", form(F.col("key")))

    def _line(self) -> Column:
        """The 1-based place of a row in its table, as Spark reads it; null where there are more than a line can count."""
        if self.height >= 2**32:
            return F.lit(None).cast("long")
        before = [0]
        for part in range(max(self._rows, default=0)):
            before.append(before[-1] + self._rows.get(part, 0))
        within = F.monotonically_increasing_id().bitwiseAND(F.lit((1 << _PLACE_BITS) - 1))
        return F.get(F.array(*map(F.lit, before)), F.spark_partition_id()) + within + 1


def _by_other_key(rows: DataFrame, key: str, homes: DataFrame, form: Form) -> DataFrame:
    """The rows with the ``home`` of their case; of those without any, ``found`` is false.

    As the reader finds them: by the very text, else by the form where only one text among the cases has that.
    """
    exact = homes.select(F.col("key").alias(key), F.col("home").alias("exact"))
    alike = homes.groupBy("form").agg(F.count("*").alias("n"), F.first("home").alias("alike")).where("n = 1")
    joined = rows.join(exact, key, "left").withColumn("form", F.when(F.col("exact").isNull(), form(F.col(key))))
    joined = joined.join(alike, "form", "left")
    case = F.coalesce("exact", "alike")
    return joined.withColumn("found", case.isNotNull()).withColumn("home", F.coalesce(case, "home"))


def _somewhere() -> Column:
    """A partition for a row without a key."""
    return F.concat(F.lit("#"), F.monotonically_increasing_id().cast("string"))


def _column(name: str) -> Column:
    return F.col("`" + name.replace("`", "``") + "`")


def _is_whole(name: str) -> Column:
    """Whether a float is a whole number, or nothing."""
    number = F.nanvl(_column(name), F.lit(0.0))
    return (number == F.floor(number)) & (F.abs(number) <= _EXACT)


def _text(field: T.StructField, *, whole: bool) -> Column:
    """A column as the local reader writes it (``partition.text_of``). ``whole``: its floats are whole numbers."""
    value = _column(field.name)
    if isinstance(field.dataType, T.TimestampType | T.TimestampNTZType):
        return F.date_format(value, "yyyy-MM-dd HH:mm:ss")
    if isinstance(field.dataType, T.FloatType | T.DoubleType):
        if whole:
            return F.when(~F.isnan(value), value).cast("long").cast("string")
        plain = F.regexp_replace(
            value.cast("decimal(38,12)").cast("string"), r"(\.\d+?)0*$", "$1"
        )  # 1.5E7 is no amount
        return F.when(F.isnan(value), "NaN").otherwise(plain)
    return value.cast("string")


def _refuse_nested(name: str, schema: T.StructType) -> None:
    for each in schema:
        if isinstance(each.dataType, T.ArrayType | T.MapType | T.StructType | T.BinaryType):
            kind = each.dataType.simpleString()[:40]
            raise Place(name).fault(
                f"列 {each.name} 是 {kind}；一列应是一个值，明细请放在自己的表里",
                f"column {each.name} is {kind}; a column holds one value, rows of cases come in tables of their own",
            )


def _empty(columns: Sequence[str]) -> pl.DataFrame:
    return pl.DataFrame(schema={name: pl.UInt32 if name == "_line" else pl.String for name in columns})


def _form(key: Column) -> Column:
    """Something that keys have in common if they differ in their form alone (``finder.key_form``), of ASCII keys."""
    return F.ltrim(F.upper(F.translate(key, _ASCII_BLANKS, "")), F.lit("0"))


def _form_beyond_ascii(key: Column) -> Column:
    """The same of any key, in Python: Spark cannot normalise texts."""
    return F.udf(_normal, "string", useArrow=False)(key)


def _normal(key: str | None) -> str | None:
    return None if key is None else re.sub(r"\s", "", unicodedata.normalize("NFKC", key).upper()).lstrip("0")
