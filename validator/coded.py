"""The checks of codes that need code tables, as a step of the engine: each distinct code is judged once."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from validator import code_names, coding, functions, values
from validator.catalogue import Check
from validator.coding import Era, Verdict
from validator.gather import gather
from validator.outcome import Result, Tally
from validator.plan import Plan
from validator.standards import Form
from validator.text import current, say

#: What facts may ask of a code's table.
GIVES: dict[str, pl.DataType] = {"grey": pl.Boolean(), "standard": pl.String()}


@dataclass
class Told:
    """What is known of the codes in one column."""

    verdicts: list[Verdict]  #: of each distinct code and era
    at: pl.Series  #: per row the number of its verdict; null = there is no code
    eras: list[Era]

    @cached_property
    def counts(self) -> dict[str, int]:
        """State -> number of rows."""
        return {state: self.rows([each.state == state for each in self.verdicts]) for state in coding.STATES}

    def rows(self, chosen: Sequence[bool]) -> int:
        """How many rows have one of the chosen verdicts."""
        return int(self._each[np.array(chosen, dtype=bool)].sum()) if chosen else 0

    @cached_property
    def _each(self) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
        return np.bincount(self.at.drop_nulls().to_numpy(), minlength=len(self.verdicts))

    def where(self, chosen: Sequence[bool]) -> pl.Series:
        """The numbers of the rows with one of the chosen verdicts."""
        return pl.Series(chosen, dtype=pl.Boolean).gather(self.at).fill_null(False).arg_true()

    def column(self, name: str) -> pl.Series:
        """An attribute of each row's verdict."""
        found = [getattr(each, name) for each in self.verdicts]
        return pl.Series(found, dtype=GIVES.get(name, pl.String())).gather(self.at)


def check(plan: Plan, table: str, result: Result, wanted: Collection[str], mask: bool) -> None:
    """Judge the table's coded fields, report what is wanted, and put beside the codes what facts ask of their tables."""
    for field, every in plan.code_checks[table].items():
        checks = {aspect: each for aspect, each in every.items() if each.id in wanted}
        gives, forms = plan.told[table].get(field, []), _forms(plan, table, field)
        frame = result.tables[table]
        if not _loaded(plan, forms):
            silent = [each.id for aspect, each in checks.items() if aspect != "component"]
            result.reasons.update(dict.fromkeys((*silent, *plan.asking(table, field)), _nothing_loaded(forms)))
        if not checks and not gives:
            continue
        told = _told(plan, result, table, field, forms)
        result.tables[table] = frame.with_columns(told.column(name).alias(f"{name}:{field}") for name in gives)
        _report(plan, table, field, checks, told, result, mask)


def beside(plan: Plan, table: str) -> list[pl.Series]:
    """The columns that facts find beside codes, for an empty table."""
    return [
        pl.Series(f"{name}:{field}", [], dtype=GIVES[name])
        for field, names in plan.told[table].items()
        for name in names
    ]


def _forms(plan: Plan, table: str, field: str) -> tuple[Form, ...]:
    return plan.catalogue.patterns[plan.rows[table][field].pattern].forms


def _loaded(plan: Plan, forms: Sequence[Form]) -> list[Form]:
    return [form for form in forms if form.table in plan.catalogue.judge.tables]


def _told(plan: Plan, result: Result, table: str, field: str, forms: Sequence[Form]) -> Told:
    """Judge the codes of a column, each by the tables of its list's day."""
    judge, frame = plan.catalogue.judge, result.tables[table]
    if not _loaded(plan, forms):
        return _in_era(judge, forms, frame[field], judge.era(None))
    cases = result.tables["setlinfo"]
    days = cases.select(functions.list_date(pl.col("dscg_time"), pl.col("setl_end_date"))).to_series()[frame["_case"]]
    eras: dict[object, tuple[Era, list[object]]] = {}
    for day in days.unique().to_list():
        era = judge.era(day)
        eras.setdefault(era.key, (era, []))[1].append(day)
    if len(eras) == 1:
        return _in_era(judge, forms, frame[field], next(iter(eras.values()))[0])
    at, verdicts = pl.repeat(None, frame.height, dtype=pl.UInt32, eager=True), list[Verdict]()
    for era, some in eras.values():
        rows = days.is_in(pl.Series(some, dtype=pl.Date).implode(), nulls_equal=True).arg_true()
        part = _in_era(judge, forms, frame[field].gather(rows), era)
        at = at.scatter(rows, part.at + len(verdicts))
        verdicts += part.verdicts
    return Told(verdicts, at, [era for era, _ in eras.values()])


def _in_era(judge: coding.Judge, forms: Sequence[Form], codes: pl.Series, era: Era) -> Told:
    few = codes.len() <= values.FEW
    distinct = dict.fromkeys(codes.to_list()) if few else dict.fromkeys(codes.unique().to_list())
    distinct.pop(None, None)
    verdicts = judge.verdicts(forms, distinct, era)
    if few:
        places = {code: place for place, code in enumerate(verdicts)}
        at = pl.Series([places.get(code) for code in codes.to_list()], dtype=pl.UInt32)
    else:
        known = pl.DataFrame({"code": list(verdicts)}, schema={"code": pl.String}).with_row_index("at")
        joined = codes.alias("code").to_frame().lazy().join(known.lazy(), on="code", how="left", maintain_order="left")
        at = values.collect(joined, codes.len())["at"].rechunk()
    return Told(list(verdicts.values()), at, [era])


def _report(
    plan: Plan, table: str, field: str, checks: Mapping[str, Check], told: Told, result: Result, mask: bool
) -> None:
    forms = _forms(plan, table, field)
    loaded, reason = _loaded(plan, forms), _reason(forms, told.eras)
    for aspect, check in checks.items():
        if not loaded and aspect != "component":
            continue
        result.reasons[check.id] = reason
        if aspect == "name":
            _report_names(plan, check, field, told, result, mask)
            continue
        faulty = [each.grey is True if aspect == "grey" else each.state == aspect for each in told.verdicts]
        failed = told.rows(faulty)
        result.tallies[check.id] = _tally(aspect, told, failed)
        if failed:
            rows = told.where(faulty)
            extra = _extra(told.verdicts, told.at.gather(rows))
            if aspect == "unknown":
                extra = _named_elsewhere(plan, check, told, result.tables[table][rows], told.at.gather(rows), extra)
            result.findings.append(gather(plan, check, rows, result.tables, mask, extra))


def _tally(aspect: str, told: Told, failed: int) -> Tally:
    """A fault says of the other codes what its test has shown; a code that is not even well formed is not judged."""
    rows, counts = told.at.len(), told.counts
    blank = told.at.null_count()
    match aspect:
        case "component":  # a table, where there is one, tells more
            return Tally(rows, counts["untold"], failed, rows - counts["untold"] - failed - counts["malformed"])
        case "unknown":
            return Tally(rows, counts["known"] + counts["force"], failed, blank + counts["edition"])
        case "force":
            return Tally(rows, counts["known"], failed, blank + counts["unknown"] + counts["edition"])
        case "edition":
            return Tally(rows, counts["known"] + counts["force"], failed, blank + counts["unknown"])
    others = blank + counts["unknown"] + counts["force"] + counts["edition"]
    return Tally(rows, told.rows([each.grey is False for each in told.verdicts]), failed, others)


def _extra(verdicts: Sequence[Verdict], at: pl.Series) -> pl.DataFrame:
    """What a finding shows of each row's verdict."""
    shown = pl.DataFrame(
        [(each.standard, each.mend, each.mend and "judge", each.note_zh, each.note_en) for each in verdicts],
        schema=dict.fromkeys(("standard", "mend", "grade", "note_zh", "note_en"), pl.String),
        orient="row",
    )
    return shown[at]


def _named_elsewhere(
    plan: Plan, check: Check, told: Told, rows: pl.DataFrame, at: pl.Series, extra: pl.DataFrame
) -> pl.DataFrame:
    """For codes that no table has: the code that bears the name beside them."""
    names = [row.field for row in plan.rows[check.table].values() if row.names == check.field]
    if not names:
        return extra
    era, judge = told.eras[0], plan.catalogue.judge
    found: dict[tuple[int, str], str | None] = {}
    mends = []
    for place, name in zip(at.to_list(), rows[names[0]].to_list(), strict=True):
        form = told.verdicts[place].form
        if (place, name) not in found:
            found[place, name] = judge.code_of(form, era, name) if form and name else None
        mends.append(found[place, name])
    mend = pl.Series("mend", mends, dtype=pl.String)
    return extra.with_columns(mend, pl.when(mend.is_not_null()).then(pl.lit("judge")).alias("grade"))


def _report_names(plan: Plan, check: Check, field: str, told: Told, result: Result, mask: bool) -> None:
    """Compare the names as written with those of the tables."""
    frame = result.tables[check.table]
    pairs = pl.DataFrame({"name": frame[check.field], "standard": told.column("standard"), "at": told.at})
    known = pl.Series([each.state == "known" for each in told.verdicts], dtype=pl.Boolean).gather(told.at)
    rows = (known & (pairs["name"] != pairs["standard"])).fill_null(False).arg_true()
    differ = pairs[rows]
    judged = _judged(plan, differ.unique(maintain_order=True), told)
    wrong = differ.join(judged, on=["name", "at"], how="left", maintain_order="left")
    failed = wrong["note_zh"].is_not_null().arg_true()
    there = pairs["name"].is_not_null() & pairs["at"].is_not_null()
    passed = int((there & known).sum()) - failed.len()
    result.tallies[check.id] = Tally(frame.height, passed, failed.len(), frame.height - int(there.sum()))
    if failed.len():
        extra = wrong[failed].select("standard", "note_zh", "note_en", mend="standard", grade=pl.lit("judge"))
        codes = frame[f"raw:{field}"].gather(rows.gather(failed)).alias("code")
        result.findings.append(gather(plan, check, rows.gather(failed), result.tables, mask, extra.hstack([codes])))


def _judged(plan: Plan, pairs: pl.DataFrame, told: Told) -> pl.DataFrame:
    """The pairs whose names differ in more than form, and what to say of them."""
    found, judge = [], plan.catalogue.judge
    for name, standard, at in pairs.iter_rows():
        if code_names.same(name, standard):
            continue
        form = told.verdicts[at].form
        other = judge.code_of(form, told.eras[0], name) if form else None
        if other:
            zh, en = f"；这个名称的编码是 {other}", f"; the code of this name is {other}"
        elif code_names.near(name, standard):
            zh, en = "；两个名称相近", "; the two are alike"
        else:
            zh, en = "；两个名称相差较大", "; the two are far apart"
        found.append((name, at, zh, en))
    schema = {"name": pl.String, "at": pl.UInt32, "note_zh": pl.String, "note_en": pl.String}
    return pl.DataFrame(found, schema=schema, orient="row")


def _reason(forms: Sequence[Form], eras: Sequence[Era]) -> str:
    """Which tables the codes were held against."""
    lang = current()
    used = {
        era.versions[form.table].path: coding.titled(form, era.versions[form.table], lang)
        for era in eras
        for form in reversed(forms)
        if form.table in era.versions
    }
    if not used:
        return say(
            "没有装载码表，按编码中可核对的部分判断", "no table is loaded; judged by what can be verified in the code"
        )
    tables = ("、" if lang == "zh" else ", ").join(used.values())
    return say(f"按{tables}核对", f"held against {tables}")


def _nothing_loaded(forms: Sequence[Form]) -> str:
    tables = " ".join(dict.fromkeys(form.table for form in forms if form.table))
    return say(
        f"没有装载码表（{tables}）；用 zhikong codebooks add 装载官方码表后检查",
        f"no code table is loaded ({tables}); add the official one with zhikong codebooks add",
    )
