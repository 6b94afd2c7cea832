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
    return list(
        dict.fromkeys(name for each in names for name in (("note_zh", "note_en") if each == "note" else (each,)))
    )


def gather(
    plan: Plan,
    check: Check,
    rows: pl.Series,
    tables: dict[str, pl.DataFrame],
    mask: bool,
    extra: pl.DataFrame | None = None,
) -> FindingRows:
    """Take the failed ``rows`` of the check's table; ``extra`` holds what the rule itself found out about each of them."""
    own, beside = dict[str, pl.Expr](), dict[str, pl.Expr]()
    for name in dict.fromkeys([*slots(check), check.field]):
        if name and (extra is None or name not in extra.columns):
            home, text = _shown(plan, check.table, name, tables, mask)
            (own if home == check.table else beside)[name] = text
    frame = _taken(tables[check.table], rows, own, ["_case", "_row", "_source", "_line"])
    if beside:
        frame = frame.hstack(_taken(tables["setlinfo"], frame["_case"], beside, []))
    if extra is not None:
        frame = frame.hstack(extra)
    args = [pl.col(name).fill_null("") for name in slots(check)]
    return FindingRows(
        check,
        frame.select(
            "_case", "_source", "_line", row="_row",
            value=pl.col(check.field) if check.field else pl.lit(None, pl.String),
            args=pl.concat_str(args, separator=SEPARATOR) if args else pl.lit(None, pl.String),
        ),
    )  # fmt: skip


def _taken(frame: pl.DataFrame, rows: pl.Series, texts: dict[str, pl.Expr], keep: list[str]) -> pl.DataFrame:
    """Some rows with the texts to show; of all the columns only those that are needed are fetched."""
    columns = dict.fromkeys([*keep, *(root for text in texts.values() for root in text.meta.root_names())])
    return frame.select(list(columns))[rows].select(*keep, **texts)


def _shown(plan: Plan, table: str, name: str, tables: dict[str, pl.DataFrame], mask: bool) -> tuple[str, pl.Expr]:
    """Where a name's text stands and how it is shown: a field as it was written, a fact as it was computed."""
    field = name.removeprefix("setlinfo.")
    homes = [table, "setlinfo"] if field == name else ["setlinfo"]
    for home in homes:
        if field in plan.rows.get(home, {}) and (home == table or field != name):
            text = pl.col(f"raw:{field}")
            return home, masked(text, plan.rows[home][field].personal) if mask else text
    for home in homes:
        if field in tables[home].columns:
            return home, _fact_text(field, tables[home].schema[field])
    return table, pl.lit(None, pl.String)


def _fact_text(name: str, kind: pl.DataType) -> pl.Expr:
    fact = pl.col(name)
    if kind == pl.Datetime:
        return fact.dt.to_string("%Y-%m-%d %H:%M:%S")
    if kind == pl.Boolean:
        return pl.when(fact).then(pl.lit("是")).when(~fact).then(pl.lit("否"))
    return fact.cast(pl.String)
