"""The score of a front page, by ``schemas/frontpage_score.csv``: an item with a fault is lost whole.

The items of class D are cut off per section. An item that does not apply keeps its points: its field has no fault. The
published items sum to 99, so a page without a fault is written as 100 less what it lost.
"""

import re
from dataclasses import dataclass

import polars as pl

from validator.base import files, yaml_csv

FULL = 100.0
_COLUMNS = {"section", "class", "item", "points", "cap", "fields", "sure"}
_FIELD = re.compile(r"(\w+)\.(\w+)(?:\[([12])\])?\Z")
_CAPPED = "D"


@dataclass(frozen=True)
class ScoreItem:
    """One item of the table; ``fields``: table, field, and 1 for its first row, 2 for the others, 0 for all."""

    section: str
    group: str
    title: str
    points: float
    cap: float | None  #: of the items of this class in the section
    fields: tuple[tuple[str, str, int], ...]


def load() -> list[ScoreItem]:
    """The items; :class:`~validator.base.errors.ConfigError` names a wrong row."""
    path, found = files.data("schemas") / "frontpage_score.csv", list[ScoreItem]()
    for line, cells in yaml_csv.read_csv(path, _COLUMNS):
        named = [_FIELD.match(each) for each in cells["fields"].split()]
        if not named or not all(named):
            zh, en = (
                "fields 应写 表.字段，第一行 [1]，其余行 [2]",
                "fields are table.field, [1] for the first row, [2] for others",
            )
            raise yaml_csv.fault(path, line, zh, en)
        fields = tuple((each[1], each[2], int(each[3] or 0)) for each in named if each)
        cap = float(cells["cap"]) if cells["cap"] else None
        found.append(ScoreItem(cells["section"], cells["class"], cells["item"], float(cells["points"]), cap, fields))
    return found


def scores(findings: pl.DataFrame, cases: pl.DataFrame) -> pl.DataFrame:
    """``case_id``, ``score`` and ``lost`` (the items, as text) of each case; an error or warning at a field loses its item."""
    faults = findings.filter(pl.col("level") != "info").select("case_id", "table", "field", "row")
    lost = [
        faults.filter(_at(item)).select("case_id", section=pl.lit(item.section), group=pl.lit(item.group),
                                        item=pl.lit(item.title), points=pl.lit(item.points), cap=pl.lit(item.cap, pl.Float64))
        for item in load()
    ]  # fmt: skip
    every = pl.concat(lost).unique(maintain_order=True)
    parts = every.group_by("case_id", "section", "group").agg(pl.col("points").sum(), pl.col("cap").first())
    total = parts.group_by("case_id").agg(less=pl.min_horizontal("points", pl.col("cap").fill_null(FULL)).sum())
    names = every.group_by("case_id", maintain_order=True).agg(lost=pl.col("item").str.join("、"))
    joined = cases.select("case_id").join(total, on="case_id", how="left").join(names, on="case_id", how="left")
    return joined.select("case_id", score=FULL - pl.col("less").fill_null(0.0), lost=pl.col("lost").fill_null(""))


def _at(item: ScoreItem) -> pl.Expr:
    """The findings at one of the item's fields."""
    rows = {0: pl.lit(value=True), 1: pl.col("row") == 1, 2: pl.col("row") > 1}
    return pl.any_horizontal(
        (pl.col("table") == table) & (pl.col("field") == field) & rows[row] for table, field, row in item.fields
    )
