"""Rules that look across rows: keys that must be unique, pairs of codes that exclude each other, codes that need another."""

from dataclasses import dataclass

import polars as pl

from validator.knowledge import Knowledge
from validator.plan import Plan, RuleStep


@dataclass
class Judged:
    """The outcome on one table: which rows failed, the counts of the others, what messages may show of each failed row."""

    rows: pl.Series  #: numbers of the failed rows, ascending
    passed: int
    failed: int
    not_applicable: int
    extra: pl.DataFrame | None = None  #: one row per failed row, in order
    batch: pl.DataFrame | None = None  #: row number and key of every judged row, to compare with other partitions


def judge(plan: Plan, step: RuleStep, tables: dict[str, pl.DataFrame], marks: pl.DataFrame) -> Judged:
    """Judge one rule of shape ``unique``, ``pairs`` or ``requires``; ``marks`` holds ``when`` and ``fit`` of each row."""
    rule = step.check.rule
    assert rule
    frame = tables[rule.on]
    keys = rule.spec.get("keys") or [rule.spec["code"]]
    rows = frame.select("_case", *keys).with_row_index("_i")
    rows = rows.filter(marks["when"].fill_null(False) & marks["fit"].fill_null(False)).drop_nulls(keys)
    skipped = int((marks["fit"] & ~marks["when"]).sum())
    if rule.shape == "unique":
        return _unique(rule.spec["within"], keys, rows, skipped)
    known = plan.catalogue.knowledge[rule.spec["table"]]
    if rule.shape == "pairs":
        concerned, hits = _pairs(known, rows, keys[0])
    else:
        table, _, field = rule.spec["in"].partition(".")
        targets = tables[table].select("_case", code=field).drop_nulls() if table in tables else rows.head(0).select("_case", code=keys[0])
        concerned, hits = _requires(known, rows, keys[0], targets)
    hits = hits.unique("_i", keep="first", maintain_order=True).sort("_i")
    failed, touched = hits.height, concerned.n_unique()
    return Judged(hits["_i"], touched - failed, failed, skipped + rows.height - touched, hits.drop("_i"))


def _unique(within: str, keys: list[str], rows: pl.DataFrame, skipped: int) -> Judged:
    if within == "batch":
        key = pl.concat_str([pl.col(name).cast(pl.String) for name in keys], separator="\x1f")
        return Judged(rows["_i"].head(0), rows.height, 0, skipped, batch=rows.select("_i", key=key))
    group = ["_case", *keys]
    repeated = rows.group_by(group).len().filter(pl.col("len") > 1)
    if not repeated.height:
        return Judged(rows["_i"].head(0), rows.height, 0, skipped)
    later = rows.join(repeated, on=group, how="semi").sort("_i").filter(~pl.struct(group).is_first_distinct())
    return Judged(later["_i"], rows.height - later.height, later.height, skipped)


def _notes(known: Knowledge, ids: pl.Series) -> dict[str, pl.Series]:
    """The table's notes for rows of it, in both languages."""
    return {
        name: ids.replace_strict({key: row.get(name, "") for key, row in known.rows.items()}, return_dtype=pl.String)
        for name in ("note_zh", "note_en")
    }


def _pairs(known: Knowledge, rows: pl.DataFrame, column: str) -> tuple[pl.Series, pl.DataFrame]:
    """Rows under either side of a pair, and the right-hand rows whose case also has a left-hand one."""
    codes = rows[column]
    left = rows.join(known.matches("left", codes), left_on=column, right_on="code")
    right = rows.join(known.matches("right", codes), left_on=column, right_on="code")
    both = right.join(left.select("_case", "id", other=column, _j="_i"), on=["_case", "id"]).filter(pl.col("_i") != pl.col("_j"))
    both = both.sort("_i", "_j")
    return pl.concat([left["_i"], right["_i"]]), both.select("_i", "other").with_columns(**_notes(known, both["id"]))


def _requires(
    known: Knowledge, rows: pl.DataFrame, column: str, targets: pl.DataFrame
) -> tuple[pl.Series, pl.DataFrame]:
    """Rows whose code needs another code in the case, and those of them whose case has none."""
    due = rows.join(known.matches("code", rows[column]), left_on=column, right_on="code")
    have = targets.join(known.matches("needs", targets["code"]), on="code")
    lacking = due.join(have, on=["_case", "id"], how="anti").sort("_i")
    needs = lacking["id"].replace_strict({key: row["needs"] for key, row in known.rows.items()}, return_dtype=pl.String)
    return due["_i"], lacking.select("_i").with_columns(needs=needs, **_notes(known, lacking["id"]))
