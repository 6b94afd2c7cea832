"""Failed rows, widened to what a finding needs: case, place, the observed value and what its message shows."""

from dataclasses import dataclass
from string import Formatter

import polars as pl

from validator.catalogue import Check
from validator.mask import masked
from validator.plan import Plan

#: Between the values that fill one message; no value of a list holds it.
SEPARATOR = "\x1f"
_EXTRA = ("other", "needs", "note")


@dataclass
class FindingRows:
    """The findings of one check in one partition: columns _case, row, value, args, _source, _line."""

    check: Check
    frame: pl.DataFrame


def slots(check: Check) -> list[str]:
    """What the check's texts show besides the value itself, in a fixed order."""
    names = [
        name
        for lang in ("zh", "en")
        for text in (check.message(lang), check.fix(lang))
        for _, name, _, _ in Formatter().parse(text)
        if name and name != "value"
    ]
    return list(dict.fromkeys(name for each in names for name in (("note_zh", "note_en") if each == "note" else (each,))))


def gather(
    plan: Plan, check: Check, rows: pl.Series, tables: dict[str, pl.DataFrame], mask: bool, extra: pl.DataFrame | None = None
) -> FindingRows:
    """Take the failed ``rows`` of the check's table."""
    frame = tables[check.table][rows]
    cases = tables["setlinfo"][frame["_case"]] if check.table != "setlinfo" else frame
    shown = {name: _shown(plan, check.table, name, frame, cases, mask, extra) for name in slots(check)}
    value = _shown(plan, check.table, check.field, frame, cases, mask, None) if check.field else None
    args = pl.select(pl.concat_str([series.fill_null("") for series in shown.values()], separator=SEPARATOR)).to_series() if shown else None
    height = frame.height
    blank = pl.repeat(None, height, dtype=pl.String, eager=True)
    found = frame.select("_case", row="_row", _source="_source", _line="_line").with_columns(
        value=blank if value is None else value, args=blank if args is None else args
    )
    return FindingRows(check, found)


def _shown(
    plan: Plan, table: str, name: str, frame: pl.DataFrame, cases: pl.DataFrame, mask: bool, extra: pl.DataFrame | None
) -> pl.Series:
    """The text of one column for the failed rows: as it was written for a field, as computed for a fact."""
    if extra is not None and name in extra.columns:
        return extra[name]
    field = name.removeprefix("setlinfo.")
    own = name in plan.rows.get(table, {})
    if own or (name != field and field in plan.rows["setlinfo"]) or (table == "setlinfo" and field in plan.rows["setlinfo"]):
        row = plan.rows[table][name] if own else plan.rows["setlinfo"][field]
        source = frame if own else cases
        text = pl.col(f"raw:{field}")
        return source.select(masked(text, row.personal) if mask else text).to_series()
    for source in (frame, cases):
        if field in source.columns:
            return _fact_text(source[field])
    return pl.repeat(None, frame.height, dtype=pl.String, eager=True)


def _fact_text(fact: pl.Series) -> pl.Series:
    if fact.dtype == pl.Datetime:
        return fact.dt.to_string("%Y-%m-%d %H:%M:%S")
    if fact.dtype == pl.Boolean:
        return pl.select(pl.when(fact).then(pl.lit("是")).when(~fact).then(pl.lit("否"))).to_series()
    return fact.cast(pl.String)
