"""Failed rows, widened to what a finding needs: case, place, the observed value and what its message shows."""

from dataclasses import dataclass
from string import Formatter

import polars as pl

from validator.base.masking import masked
from validator.checks import typing
from validator.checks.plan import Plan
from validator.spec.catalogue import Check
from validator.spec.layouts import FieldRow

#: How far a mend can be trusted: ``safe`` changes the form and never the meaning, ``judge`` is for a person to judge.
GRADE = pl.Enum(["safe", "judge"])
#: Between the values that fill one message; no value of a list holds it.
SEPARATOR = "\x1f"
_NO_TEXT = pl.lit(None, pl.String)
#: A time of day in a date's text, and one that is midnight.
_CLOCK = r"[0-9]:[0-9]|\A[0-9]{14}\z|\A[0-9]{5}\.[0-9]"
_MIDNIGHT = r"[^0-9]0?0:00(:00(\.0+)?)?\z|\A[0-9]{8}000000\z|\A[0-9]{5}\.0+\z"


@dataclass
class FindingRows:
    """The findings of one check in one partition: columns _case, row, value, args, _source, _line, mend, grade."""

    check: Check
    frame: pl.DataFrame
    plain: pl.DataFrame | None = None  #: value and mend of the same rows as they are, where ``frame`` has them masked

    @property
    def safe(self) -> pl.DataFrame:
        """The rows with a safe mend: _case, row, _source, _line, value, mend, never masked."""
        frame = self.frame if self.plain is None else self.frame.with_columns(self.plain.get_columns())
        return frame.filter(pl.col("grade") == "safe").select("_case", "row", "_source", "_line", "value", "mend")


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
    """Take the failed ``rows`` of the check's table; ``extra`` holds what the rule itself found out about each of them.

    Its columns ``mend`` (never masked) and ``grade`` say what to write instead; else only the form of a value has a mend.
    """
    own, beside = dict[str, pl.Expr](), dict[str, pl.Expr]()
    for name in dict.fromkeys([*slots(check), check.field]):
        if name and (extra is None or name not in extra.columns):
            home, text = _shown(plan, check.table, name, tables, mask)
            (own if home == check.table else beside)[name] = text
    mends, hidden = _mends(plan, check, extra, mask)
    own |= mends
    frame = _taken(tables[check.table], rows, own, ["_case", "_row", "_source", "_line"])
    if beside:
        frame = frame.hstack(_taken(tables["setlinfo"], frame["_case"], beside, []))
    if extra is not None:
        frame = frame.hstack(extra)
    args = [pl.col(name).fill_null("") for name in slots(check)]
    mend, grade = (pl.col(name) if name in frame.columns else _NO_TEXT for name in ("mend", "grade"))
    found = frame.select(
        "_case", "_source", "_line", row="_row",
        value=pl.col(check.field) if check.field else _NO_TEXT,
        args=pl.concat_str(args, separator=SEPARATOR) if args else _NO_TEXT,
        mend=masked(mend, hidden),
        grade=grade.cast(GRADE),
    )  # fmt: skip
    return FindingRows(check, found, frame.select(value="_plain", mend=mend) if hidden else None)


def _mends(plan: Plan, check: Check, extra: pl.DataFrame | None, mask: bool) -> tuple[dict[str, pl.Expr], str]:
    """The mends that are known without ``extra``, and how to mask what mends there are (blank: not at all)."""
    row = plan.rows[check.table].get(check.field)
    if row is None:
        return {}, ""
    told = extra is not None and "mend" in extra.columns
    own = standard(row) if check.aspect == "form" and not told else {}
    hidden = row.personal if mask and (told or own) else ""
    return own | ({"_plain": pl.col(f"raw:{row.field}")} if hidden else {}), hidden


def standard(row: FieldRow) -> dict[str, pl.Expr]:
    """The ``mend`` of a value's form, over the field's typed table, and its ``grade``.

    A time of day is never lost or made up without a person: a date that carries one, and a moment without one, are theirs.
    """
    text, typed, raw = pl.col(typing.text_column(row)), pl.col(row.field), pl.col(f"raw:{row.field}")
    safe, mend = pl.lit(value=True), text
    match row.type:
        case "date":
            safe = ~text.str.contains(_CLOCK) | text.str.contains(_MIDNIGHT)
            mend = typed.dt.to_string("%Y-%m-%d")
        case "datetime":
            safe = text.str.contains(_CLOCK)
            mend = typed.dt.to_string("%Y-%m-%d %H:%M:%S")
    grade = pl.when(safe).then(pl.lit("safe")).otherwise(pl.lit("judge"))
    return {name: pl.when(mend != raw).then(each) for name, each in (("mend", mend), ("grade", grade))}


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
    return table, _NO_TEXT


def _fact_text(name: str, kind: pl.DataType) -> pl.Expr:
    fact = pl.col(name)
    if kind == pl.Datetime:
        return fact.dt.to_string("%Y-%m-%d %H:%M:%S")
    if kind == pl.Boolean:
        return pl.when(fact).then(pl.lit("是")).when(~fact).then(pl.lit("否"))
    return fact.cast(pl.String)
