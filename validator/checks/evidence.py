"""Failed rows, widened to what a finding needs: case, place, the observed value and what its message shows."""

from dataclasses import dataclass
from string import Formatter

import polars as pl

from validator.base.masking import masked
from validator.checks import fields
from validator.checks.plan import Plan
from validator.spec.catalogue import Check
from validator.spec.interfaces import split

#: How far a fix can be trusted: ``safe`` changes the form and never the meaning, ``judge`` is for a person to judge.
APPLICABILITY = pl.Enum(["safe", "judge"])
#: Between the values that fill one message; no value of a list holds it.
SEPARATOR = "\x1f"
_NO_TEXT = pl.lit(None, pl.String)


@dataclass
class FindingRows:
    """The findings of one check in one partition: columns _case, row, value, args, _source, _line, suggested, applicability."""

    check: Check
    frame: pl.DataFrame
    plain: pl.DataFrame | None = (
        None  #: value and suggested of the same rows as they are, where ``frame`` has them masked
    )

    @property
    def safe(self) -> pl.DataFrame:
        """The rows with a safe fix: _case, row, _source, _line, value, suggested, never masked."""
        frame = self.frame if self.plain is None else self.frame.with_columns(self.plain.get_columns())
        return frame.filter(pl.col("applicability") == "safe").select(
            "_case", "row", "_source", "_line", "value", "suggested"
        )


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


def finding_rows(
    plan: Plan,
    check: Check,
    rows: pl.Series,
    tables: dict[str, pl.DataFrame],
    mask: bool,
    extra: pl.DataFrame | None = None,
) -> FindingRows:
    """Take the failed ``rows`` of the check's table; ``extra`` holds what the rule itself found out about each of them.

    Its columns ``suggested`` (never masked) and ``applicability`` say what to write instead; else only the form of a value has a fix.
    """
    own, of_case = dict[str, pl.Expr](), dict[str, pl.Expr]()
    for name in dict.fromkeys([*slots(check), check.field]):
        if name and (extra is None or name not in extra.columns):
            home, text = _shown(plan, check.table, name, tables, mask)
            (own if home == check.table else of_case)[name] = text
    suggestions, hidden = _suggestions(plan, check, extra, mask)
    own |= suggestions
    frame = _taken(tables[check.table], rows, own, ["_case", "_row", "_source", "_line"])
    if of_case:
        frame = frame.hstack(_taken(tables[plan.case], frame["_case"], of_case, []))
    if extra is not None:
        frame = frame.hstack(extra)
    args = [pl.col(name).fill_null("") for name in slots(check)]
    suggested, applicability = (
        pl.col(name) if name in frame.columns else _NO_TEXT for name in ("suggested", "applicability")
    )
    found = frame.select(
        "_case", "_source", "_line", row="_row",
        value=pl.col(check.field) if check.field else _NO_TEXT,
        args=pl.concat_str(args, separator=SEPARATOR) if args else _NO_TEXT,
        suggested=masked(suggested, hidden),
        applicability=applicability.cast(APPLICABILITY),
    )  # fmt: skip
    return FindingRows(check, found, frame.select(value="_plain", suggested=suggested) if hidden else None)


def _suggestions(plan: Plan, check: Check, extra: pl.DataFrame | None, mask: bool) -> tuple[dict[str, pl.Expr], str]:
    """The fixes that are known without ``extra``, and how to mask what fixes there are (blank: not at all)."""
    row = plan.rows[check.table].get(check.field)
    if row is None:
        return {}, ""
    given = extra is not None and "suggested" in extra.columns
    own = fields.of(check).suggested(row) if check.row and not given else {}
    hidden = row.personal if mask and (given or own) else ""
    return own | ({"_plain": pl.col(f"raw:{row.field}")} if hidden else {}), hidden


def _taken(frame: pl.DataFrame, rows: pl.Series, texts: dict[str, pl.Expr], keep: list[str]) -> pl.DataFrame:
    """Some rows with the texts to show; of all the columns only those that are needed are fetched."""
    columns = dict.fromkeys([*keep, *(root for text in texts.values() for root in text.meta.root_names())])
    return frame.select(list(columns))[rows].select(*keep, **texts)


def _shown(plan: Plan, table: str, name: str, tables: dict[str, pl.DataFrame], mask: bool) -> tuple[str, pl.Expr]:
    """Where a name's text stands and how it is shown: a field as it was written, a fact as it was computed."""
    written, field = split(name)
    homes = [plan.case] if written else [table, plan.case]
    for home in homes:
        if field in plan.rows.get(home, {}) and (home == table or written):
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
