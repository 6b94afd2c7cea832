"""Failed rows, widened to what a finding needs: case, place, the observed value and what its message shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from validator.base.masking import masked_text, masked_texts
from validator.checks import fields
from validator.checks.cell_typing import text_column, value_text
from validator.checks.damage import Repair
from validator.checks.fields.aspect import FieldCell
from validator.checks.findings import APPLICABILITY, EVIDENCE, EXCESS
from validator.checks.plan import Plan
from validator.checks.slots import SEPARATOR, slots
from validator.checks.typing import units
from validator.spec.catalogue import Check
from validator.spec.interfaces import split
from validator.spec.layouts import FieldRow

Texts = list[str | None]
_UNKNOWN = Repair(None, None, "", "")
#: What the failing rows of a check are asked for.
_KNOWN: dict[str, pl.DataType] = {
    **dict.fromkeys(("value", "args", "suggested", "applicability", "_value", "_suggested"), pl.String()), **EXCESS,
}  # fmt: skip


@dataclass
class Failed:
    """The rows that fail one check: numbers of rows of its table, ascending."""

    check: Check
    rows: pl.Series
    extra: pl.DataFrame | None = None  #: what the check itself found out about each of them


def findings(
    plan: Plan, failed: Sequence[Failed], tables: Mapping[str, pl.DataFrame], mask: bool, *, plain: bool = False
) -> pl.DataFrame:
    """One row per finding, check by check: the columns of ``findings.COMPACT`` that a partition knows.

    ``extra`` columns ``suggested`` (never masked) and ``applicability`` say what to write instead; else the field check
    itself may know. ``plain``: also ``_value`` and ``_suggested``, the texts as they are.
    """
    failed = [each for each in failed if each.rows.len()]
    if not failed:
        return EVIDENCE.to_frame()
    places = {
        name: pl.concat([tables[each.check.table][name][each.rows] for each in failed])
        for name in ("_case", "_row", "_source", "_line")
    }
    known, height = {name: list[Any]() for name in _KNOWN}, 0
    for each in failed:
        for name, column in (_texts(plan, each, tables, mask) | _excess(plan, each, tables)).items():
            known[name] += [None] * (height - len(known[name])) + column
        height += each.rows.len()
    columns = {
        name: pl.Series([*column, *[None] * (height - len(column))], dtype=_KNOWN[name])
        if column
        else pl.lit(None, _KNOWN[name])
        for name, column in known.items()
    }
    about = pl.DataFrame(
        [(each.check.id, each.check.table, each.check.field or None) for each in failed],
        dict.fromkeys(("check", "table", "field"), pl.String),
        orient="row",
    )
    about = about[np.repeat(np.arange(len(failed)), [each.rows.len() for each in failed])]
    found = about.with_columns(**columns, **places).rename({"_row": "row"}).cast({"applicability": APPLICABILITY})
    return found.select(*EVIDENCE, *(("_value", "_suggested") if plain else ()))


def of_rows(plan: Plan, check: Check, rows: pl.Series, tables: Mapping[str, pl.DataFrame], mask: bool) -> pl.DataFrame:
    """The findings (``findings.EVIDENCE``) of one check on many rows, of which it says no more than what stands in them."""
    look, names = Look(plan, check.table, rows, tables), slots(check)

    def shown(name: str) -> pl.Series:
        texts, kind = look.column(name)
        return masked_texts(texts, kind) if mask else texts

    args = [shown(name).fill_null("") for name in names]
    known = {
        "check": pl.lit(check.id), "table": pl.lit(check.table), "field": pl.lit(check.field or None, pl.String),
        "value": shown(check.field) if check.field else pl.lit(None, pl.String),
        "args": pl.concat_str(map(pl.lit, args), separator=SEPARATOR) if args else pl.lit(None, pl.String),
    }  # fmt: skip
    places = tables[check.table].select("_case", "_source", "_line", row="_row")[rows]
    return (
        places.with_columns(
            pl.lit(None, kind).alias(name) for name, kind in EVIDENCE.items() if name not in (*known, *places.columns)
        )
        .with_columns(**known)
        .select(*EVIDENCE)
    )


def _texts(plan: Plan, failed: Failed, tables: Mapping[str, pl.DataFrame], mask: bool) -> dict[str, Texts]:
    """What the findings of one check show, as far as there is anything; plain lists, for most checks have very few."""
    check, names = failed.check, slots(failed.check)
    row = plan.rows[check.table].get(check.field)
    look = Look(plan, check.table, failed.rows, tables)
    given: dict[str, Texts] = {} if failed.extra is None else failed.extra.to_dict(as_series=False)
    if failed.extra is None and row and check.row:
        given = _repairs(plan, check, row, failed.rows, tables[check.table])
    own, personal = look.text(check.field) if check.field else ([], "")

    def shown(name: str) -> Texts:
        if name in given:
            return given[name]
        texts, kind = (own, personal) if name == check.field else look.text(name)
        return _masked(texts, kind) if mask else texts

    found = {"applicability": given["applicability"]} if "applicability" in given else {}
    if check.field:
        found |= {"value": shown(check.field), "_value": own}
    if names:
        found["args"] = _joined([shown(name) for name in names])
    if "suggested" in given:
        found["_suggested"] = given["suggested"]
        found["suggested"] = _masked(given["suggested"], row.personal) if mask and row else given["suggested"]
    return found


def _excess(plan: Plan, failed: Failed, tables: Mapping[str, pl.DataFrame]) -> dict[str, list[Any]]:
    """How much findings of one check say was charged too much, and who ordered it: the columns ``findings.EXCESS``."""
    if failed.extra is None or "excess_fen" not in failed.extra.columns:
        return {}
    look, ordering = Look(plan, failed.check.table, failed.rows, tables), plan.ordering.get(failed.check.table, {})
    amounts: dict[str, list[Any]] = failed.extra.select("excess_quantity", "excess_fen").to_dict(as_series=False)
    return amounts | {role: look.first(names) for role, names in ordering.items()}


def _repairs(plan: Plan, check: Check, row: FieldRow, rows: pl.Series, frame: pl.DataFrame) -> dict[str, Texts]:
    """What the check knows to write in place of texts that fail it, and why; each distinct cell is asked about once."""
    aspect = fields.of(check)
    if not aspect.repairs:
        return {}
    columns = (frame[name][rows] for name in (f"raw:{row.field}", text_column(row), row.field))
    cells = [FieldCell(*each) for each in zip(*map(units, columns), strict=True)]
    known = {cell: aspect.repair(plan.catalogue, row, cell) or _UNKNOWN for cell in set(cells)}
    return {name: [getattr(known[cell], name) for cell in cells] for name in Repair._fields}


def _joined(columns: Sequence[Texts]) -> Texts:
    return [SEPARATOR.join([text or "" for text in texts]) for texts in zip(*columns, strict=True)]


def _masked(texts: Texts, kind: str) -> Texts:
    return [text and masked_text(text, kind) for text in texts] if kind else texts


class Look:
    """Fetches what some rows of a table and their cases hold."""

    def __init__(self, plan: Plan, table: str, rows: pl.Series, tables: Mapping[str, pl.DataFrame]) -> None:
        self.plan, self.table, self.rows, self.tables = plan, table, rows, tables

    def text(self, name: str) -> tuple[Texts, str]:
        """What a name stands for in each row: a field as it was written, and what kind of personal data that is; or a fact."""
        column, personal = self.column(name)
        return column.to_list(), personal

    def column(self, name: str) -> tuple[pl.Series, str]:
        """The same as a column."""
        written, field = split(name)
        homes = [self.plan.case] if written else [self.table, self.plan.case]
        for home in homes:
            row = self.plan.rows.get(home, {}).get(field)
            if row and (home == self.table or written):
                return self._column(home, f"raw:{field}"), row.personal
        for home in homes:
            if field in self.tables[home].columns:
                return pl.Series(self._fact_texts(home, field), dtype=pl.String), ""
        return pl.Series([None], dtype=pl.String).new_from_index(0, self.rows.len()), ""

    def _fact_texts(self, home: str, name: str) -> Texts:
        """A fact on the rows, as findings show it."""
        kind = self.plan.kind_of(name, home)
        assert kind
        return [None if each is None else value_text(each, kind) for each in units(self._column(home, name))]

    def first(self, names: Sequence[str]) -> Texts:
        """The first of some fields of the table that is filled, as it was written."""
        there = [self._column(self.table, f"raw:{name}") for name in names if name in self.plan.rows[self.table]]
        every = zip(*there, strict=True) if there else [()] * self.rows.len()
        return [next(filter(None, texts), None) for texts in every]

    def _column(self, home: str, name: str) -> pl.Series:
        """A column of the table, or of the case's table, on the rows; by index, for ``.gather()`` is a query."""
        rows = self.rows if home == self.table else self.tables[self.table]["_case"][self.rows]
        return self.tables[home][name][rows]
