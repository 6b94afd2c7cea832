"""Failed rows, widened to what a finding needs: case, place, the observed value and what its message shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from validator.base.masking import masked_texts
from validator.checks import fields
from validator.checks.damage import Repair
from validator.checks.fields.aspect import Aspect
from validator.checks.plan import Plan
from validator.checks.slots import SEPARATOR, slots
from validator.checks.typing import text_column
from validator.spec.catalogue import Check
from validator.spec.interfaces import split

#: How far a fix can be trusted: ``safe`` changes the form and never the meaning, ``judge`` is for a person to judge.
APPLICABILITY = pl.Enum(["safe", "judge"])
_UNKNOWN = Repair(None, None, "", "")
#: One finding as a partition knows it: ``_case`` and ``_source`` count within the partition.
EVIDENCE = pl.Schema(
    {
        "check": pl.String(), "_case": pl.UInt32(), "row": pl.UInt32(), "value": pl.String(), "args": pl.String(),
        "_source": pl.UInt32(), "_line": pl.UInt32(), "table": pl.String(), "field": pl.String(),
        "suggested": pl.String(), "applicability": APPLICABILITY,
    }
)  # fmt: skip


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

    ``extra`` columns ``suggested`` (never masked) and ``applicability`` say what to write instead; else only the form of a
    value has a fix. ``plain``: also ``_value`` and ``_suggested``, the texts as they are.
    """
    places: dict[str, list[int]] = {}
    for place, each in enumerate(failed):
        if each.rows.len():
            places.setdefault(each.check.table, []).append(place)
    parts = [_findings(plan, [failed[place] for place in here], tables, mask, plain) for here in places.values()]
    if not parts:
        return EVIDENCE.to_frame()
    order = [place for here in places.values() for place in here for _ in range(failed[place].rows.len())]
    return pl.concat(parts)[np.argsort(order, kind="stable")]


def _findings(
    plan: Plan, failed: Sequence[Failed], tables: Mapping[str, pl.DataFrame], mask: bool, plain: bool
) -> pl.DataFrame:
    """The findings in one table: where they are is fetched at once, what they show check by check."""
    table, schema = failed[0].check.table, dict.fromkeys(("check", "field"), pl.String)
    rows = pl.concat([each.rows.cast(pl.UInt32) for each in failed])
    frame = tables[table].select("_case", "_source", "_line", row="_row")[rows]
    about = pl.DataFrame([(each.check.id, each.check.field or None) for each in failed], schema, orient="row")
    about = about[np.repeat(np.arange(len(failed)), [each.rows.len() for each in failed])]
    texts = [_texts(plan, each, tables, mask, plain) for each in failed]
    shown = [pl.concat([each[name] for each in texts]).alias(name) for name in texts[0]]
    found = frame.hstack(about).hstack(shown).with_columns(table=pl.lit(table))
    return found.select(*EVIDENCE, *(("_value", "_suggested") if plain else ()))


def _texts(
    plan: Plan, failed: Failed, tables: Mapping[str, pl.DataFrame], mask: bool, plain: bool
) -> dict[str, pl.Series]:
    """What the findings of one check show."""
    check, extra, names = failed.check, failed.extra, slots(failed.check)
    nothing = pl.Series([None], dtype=pl.String).new_from_index(0, failed.rows.len())
    if extra is None and check.row:
        extra = _repairs(plan, check, failed.rows, tables[check.table])
    given = {} if extra is None else extra.to_dict()
    look = _Look(plan, check.table, failed.rows, tables)
    shown = {
        name: given[name] if name in given else look.shown(name, mask)
        for name in dict.fromkeys([*names, check.field])
        if name
    }
    args = [shown[name].fill_null("") for name in names]
    row = plan.rows[check.table].get(check.field)
    if row and check.row and "suggested" not in given:
        given |= {name: look.take(check.table, text) for name, text in fields.of(check).suggested(row).items()}
    suggested = given.get("suggested", nothing)
    hidden = row.personal if mask and row and suggested is not nothing else ""
    found = {
        "value": shown.get(check.field, nothing),
        "args": _joined(args) if args else nothing,
        "suggested": masked_texts(suggested, hidden),
        "applicability": given.get("applicability", nothing).cast(APPLICABILITY),
    }
    if plain:
        found |= {"_value": look.shown(check.field, mask=False) if check.field else nothing, "_suggested": suggested}
    return found


def _repairs(plan: Plan, check: Check, rows: pl.Series, frame: pl.DataFrame) -> pl.DataFrame | None:
    """What is known of the damage of some texts that fail a field check; each distinct text is asked about once."""
    row, aspect = check.row, fields.of(check)
    assert row
    if type(aspect).repair is Aspect.repair and "note_zh" not in slots(check):
        return None
    raws, texts = (frame[name].gather(rows).to_list() for name in (f"raw:{row.field}", text_column(row)))
    known = dict[tuple[str | None, str | None], Repair | None]()
    for raw, text in zip(raws, texts, strict=True):
        if (raw, text) not in known:
            known[raw, text] = None if raw is None else aspect.repair(plan.catalogue, row, raw, text)
    found = [known[pair] or _UNKNOWN for pair in zip(raws, texts, strict=True)]
    return pl.DataFrame(found, schema=dict.fromkeys(Repair._fields, pl.String), orient="row")


def _joined(texts: Sequence[pl.Series]) -> pl.Series:
    return (
        texts[0] if len(texts) == 1 else pl.select(pl.concat_str(map(pl.lit, texts), separator=SEPARATOR)).to_series()
    )


class _Look:
    """Fetches what some rows of a table and their cases hold."""

    def __init__(self, plan: Plan, table: str, rows: pl.Series, tables: Mapping[str, pl.DataFrame]) -> None:
        self.plan, self.table, self.rows, self.tables = plan, table, rows, tables

    def shown(self, name: str, mask: bool) -> pl.Series:
        """The text that a name stands for in each row: a field as it was written, a fact as it was computed, else null."""
        written, field = split(name)
        homes = [self.plan.case] if written else [self.table, self.plan.case]
        for home in homes:
            row = self.plan.rows.get(home, {}).get(field)
            if row and (home == self.table or written):
                text = self.tables[home][f"raw:{field}"].gather(self._at(home))
                return masked_texts(text, row.personal) if mask else text
        for home in homes:
            fact = self.tables[home].get_column(field, default=None)
            if fact is not None:
                return _fact_text(fact.gather(self._at(home)))
        return pl.Series([None], dtype=pl.String).new_from_index(0, self.rows.len())

    def take(self, home: str, text: pl.Expr) -> pl.Series:
        """An expression on each row's place in the table or the case's table; only the columns that it reads are fetched."""
        roots = list(dict.fromkeys(text.meta.root_names()))
        return self.tables[home].select(roots)[self._at(home)].select(text).to_series()

    def _at(self, home: str) -> pl.Series:
        """The numbers of the rows in the table itself, or of their cases."""
        return self.rows if home == self.table else self.tables[self.table]["_case"].gather(self.rows)


def _fact_text(fact: pl.Series) -> pl.Series:
    if fact.dtype == pl.Datetime:
        return fact.dt.to_string("%Y-%m-%d %H:%M:%S")
    if fact.dtype == pl.Boolean:
        return fact.replace_strict({True: "是", False: "否"}, return_dtype=pl.String)
    return fact.cast(pl.String)
