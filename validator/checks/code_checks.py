"""The checks of codes that need code tables, as a step of the engine: each distinct code is judged once."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import compress
from typing import Any

import numpy as np
import polars as pl

from validator.base.rows import rows_where
from validator.checks import fields, judged_by
from validator.checks.day import LIST_DATE
from validator.checks.evidence import Failed
from validator.checks.fields import TableAspect
from validator.checks.outcomes import Result
from validator.checks.plan import Plan
from validator.checks.tally import Tally
from validator.codes import names
from validator.codes.lookup import CodeVerdict, Era
from validator.spec.catalogue import Check
from validator.spec.patterns import Pattern

#: What facts may ask of a code's table.
GIVES: dict[str, pl.DataType] = {
    "grey": pl.Boolean(),
    "standard": pl.String(),
    "note_zh": pl.String(),
    "note_en": pl.String(),
}


@dataclass
class ColumnVerdicts:
    """What is known of the codes in one column."""

    verdicts: list[CodeVerdict]  #: of each distinct code and era
    at: pl.Series  #: per row the number of its verdict; null = there is no code
    eras: list[Era]  #: of each verdict

    @cached_property
    def each(self) -> list[int]:
        """How many rows have each verdict."""
        counts: list[int] = np.bincount(self.at.drop_nulls().to_numpy(), minlength=len(self.verdicts)).tolist()
        return counts

    @cached_property
    def counts(self) -> Counter[str]:
        """State -> number of rows; a row without a code is ``blank``."""
        found = Counter({"blank": self.at.len() - sum(self.each)})
        for verdict, n in zip(self.verdicts, self.each, strict=True):
            found[verdict.state] += n
        return found

    def rows(self, chosen: Sequence[bool]) -> int:
        """How many rows have one of the chosen verdicts."""
        return int(sum(compress(self.each, chosen)))

    def where(self, chosen: Sequence[bool]) -> pl.Series:
        """The numbers of the rows with one of the chosen verdicts."""
        return rows_where(pl.Series(chosen, dtype=pl.Boolean)[self.at])

    def column(self, name: str) -> pl.Series:
        """An attribute of each row's verdict."""
        found = [getattr(each, name) for each in self.verdicts]
        return pl.Series(found, dtype=GIVES[name])[self.at]


def check(plan: Plan, table: str, result: Result, wanted: Collection[str], asked: Mapping[str, Sequence[str]]) -> None:
    """Judge the table's coded fields, report what is wanted, and put next to the codes what facts ask of their tables.

    ``asked``: field with a code -> what facts ask (:data:`GIVES`).
    """
    for field, every in plan.code_checks[table].items():
        checks = {aspect: each for aspect, each in every.items() if each.id in wanted}
        gives, pattern = asked.get(field, []), _pattern(plan, table, field)
        frame, judge = result.tables[table], plan.catalogue.judge
        silent = [each.id for aspect, each in checks.items() if not _aspect(each).without_tables]
        if why := judged_by.not_judged(pattern, judge, result.editions):
            result.reasons.update(dict.fromkeys((*silent, *plan.asking(table, field)), why))
        if not checks and not gives:
            continue
        lookups = _look_up(plan, result, table, field, pattern)
        result.tables[table] = frame.with_columns(lookups.column(name).alias(f"{name}:{field}") for name in gives)
        _report(plan, table, field, checks, lookups, result)


def _pattern(plan: Plan, table: str, field: str) -> Pattern:
    return plan.catalogue.patterns[plan.rows[table][field].pattern]


def _look_up(plan: Plan, result: Result, table: str, field: str, pattern: Pattern) -> ColumnVerdicts:
    """Judge the codes of a column, each by the tables of its list's day, in the edition of its file."""
    judge, frame = plan.catalogue.judge, result.tables[table]
    codes, at = result.codes(table, field)
    eras, of_row = _eras_of_rows(plan, result, frame, pattern)
    numbers = np.full((len(eras), len(codes)), -1)  #: of each code's verdict in each era
    verdicts, judged_in = list[CodeVerdict](), list[Era]()
    for place, era in enumerate(eras):
        here = range(len(codes)) if len(eras) == 1 else np.unique(at[of_row == place])
        met = {code: n for n in here if (code := codes[n]) is not None}
        numbers[place][list(met.values())] = range(len(verdicts), len(verdicts) + len(met))
        verdicts += judge.verdicts(pattern.forms, met, era).values()
        judged_in += [era] * len(met)
    found = pl.Series(numbers[of_row, at])
    return ColumnVerdicts(verdicts, found.set(found < 0, None).cast(pl.UInt32), judged_in)


def _eras_of_rows(
    plan: Plan, result: Result, frame: pl.DataFrame, pattern: Pattern
) -> tuple[list[Era], np.ndarray[Any, Any]]:
    """The versions of the tables that hold for some rows of a frame, and the place of each row's among them."""
    judge, of_row = plan.catalogue.judge, np.zeros(frame.height, np.int64)
    if not judged_by.loaded(pattern, judge):
        return [judge.era(None)], of_row
    days = result.tables[plan.case][LIST_DATE][frame["_case"]]
    known, editions = days.unique().to_list(), judged_by.editions(pattern, result.editions)
    eras = {era.key: era for era in (judge.era(day, edition) for edition in editions for day in known)}
    numbers = {key: n for n, key in enumerate(eras)}
    of_source = np.array(result.editions)[frame["_source"].to_numpy()] if len(editions) > 1 else None
    for edition in editions:
        places = {day: numbers[judge.era(day, edition).key] for day in known}
        mine = days.replace_strict(places, default=places.get(None), return_dtype=pl.Int64).to_numpy()
        of_row = mine if of_source is None else np.where(of_source == edition, mine, of_row)
    return list(eras.values()), of_row


def _report(
    plan: Plan, table: str, field: str, checks: Mapping[str, Check], lookups: ColumnVerdicts, result: Result
) -> None:
    pattern, judge = _pattern(plan, table, field), plan.catalogue.judge
    loaded, days = judged_by.loaded(pattern, judge), result.tables[plan.case][LIST_DATE].unique()
    used = judged_by.used(pattern, judge, days, result.editions)
    for check in checks.values():
        aspect = _aspect(check)
        if not loaded and not aspect.without_tables:
            continue
        if used or check.id not in result.reasons:
            result.judged_by[check.id] = used
        if check.field != field:
            _report_names(plan, check, field, lookups, result)
            continue
        faulty = [aspect.fails_code(each) for each in lookups.verdicts]
        failed = lookups.rows(faulty)
        not_grey = lookups.rows([each.grey is False for each in lookups.verdicts])
        passed, not_applicable = aspect.tally_codes(lookups.counts, failed, not_grey)
        result.tallies[check.id] = Tally(lookups.counts.total(), passed, failed, not_applicable)
        if failed:
            rows = lookups.where(faulty)
            extra = _extra(lookups.verdicts, lookups.at.gather(rows))
            if aspect.suggests_by_name:
                extra = _named_elsewhere(
                    plan, check, lookups, result.tables[table][rows], lookups.at.gather(rows), extra
                )
            result.failed.append(Failed(check, rows, extra))


def _aspect(check: Check) -> TableAspect:
    aspect = fields.of_table(check)
    assert aspect
    return aspect


def _extra(verdicts: Sequence[CodeVerdict], at: pl.Series) -> pl.DataFrame:
    """What a finding shows of each row's verdict."""
    shown = pl.DataFrame(
        [(each.standard, each.suggested, each.suggested and "judge", each.note_zh, each.note_en) for each in verdicts],
        schema=dict.fromkeys(("standard", "suggested", "applicability", "note_zh", "note_en"), pl.String),
        orient="row",
    )
    return shown[at]


def _named_elsewhere(
    plan: Plan, check: Check, lookups: ColumnVerdicts, rows: pl.DataFrame, at: pl.Series, extra: pl.DataFrame
) -> pl.DataFrame:
    """For codes that no table has: the code that bears the name next to them."""
    names = [row.field for row in plan.rows[check.table].values() if row.names == check.field]
    if not names:
        return extra
    judge = plan.catalogue.judge
    found: dict[tuple[int, str], str | None] = {}
    suggestions = []
    for place, name in zip(at.to_list(), rows[names[0]].to_list(), strict=True):
        form = lookups.verdicts[place].form
        if (place, name) not in found:
            found[place, name] = judge.code_of(form, lookups.eras[place], name) if form and name else None
        suggestions.append(found[place, name])
    suggested = pl.Series("suggested", suggestions, dtype=pl.String)
    return extra.with_columns(suggested, pl.when(suggested.is_not_null()).then(pl.lit("judge")).alias("applicability"))


def _report_names(plan: Plan, check: Check, field: str, lookups: ColumnVerdicts, result: Result) -> None:
    """Compare the names as written with those of the tables."""
    frame = result.tables[check.table]
    names, codes = frame[check.field], lookups.at.len()
    standards = [each.standard if each.state == "known" else None for each in lookups.verdicts]
    standard = pl.Series(standards, dtype=pl.String)[lookups.at]
    there = int((names.is_not_null() & lookups.at.is_not_null()).sum())
    known = int((names.is_not_null() & standard.is_not_null()).sum())
    rows = rows_where(names != standard)
    wrong = _wrong_names(plan, names.gather(rows), lookups, rows) if rows.len() else pl.DataFrame()
    result.tallies[check.id] = Tally(codes, known - wrong.height, wrong.height, codes - there)
    if wrong.height:
        shown = wrong.drop("row").hstack([frame[f"raw:{field}"].gather(wrong["row"]).alias("code")])
        result.failed.append(Failed(check, wrong["row"], shown))


def _wrong_names(plan: Plan, names: pl.Series, lookups: ColumnVerdicts, rows: pl.Series) -> pl.DataFrame:
    """Of the rows whose name is not written as in the table, those where more than the form differs, and what to say."""
    pairs = pl.DataFrame({"row": rows, "name": names, "at": lookups.at.gather(rows)})
    judged = _judged(plan, pairs.select("name", "at").unique(maintain_order=True), lookups)
    return pairs.join(judged, on=["name", "at"], maintain_order="left").drop("name", "at")


def _judged(plan: Plan, pairs: pl.DataFrame, lookups: ColumnVerdicts) -> pl.DataFrame:
    """The pairs whose names differ in more than form, and what to say of them."""
    found, judge = [], plan.catalogue.judge
    for name, at in pairs.iter_rows():
        verdict = lookups.verdicts[at]
        assert verdict.standard
        assert verdict.form
        if names.same(name, verdict.standard):
            continue
        if other := judge.code_of(verdict.form, lookups.eras[at], name):
            zh, en = f"；这个名称的编码是 {other}", f"; the code of this name is {other}"
        elif names.near(name, verdict.standard):
            zh, en = "；两个名称相近", "; the two are alike"
        else:
            zh, en = "；两个名称相差较大", "; the two are far apart"
        found.append((name, at, verdict.standard, verdict.standard, "judge", zh, en))
    texts = dict.fromkeys(("standard", "suggested", "applicability", "note_zh", "note_en"), pl.String)
    return pl.DataFrame(found, schema={"name": pl.String, "at": pl.UInt32, **texts}, orient="row")
