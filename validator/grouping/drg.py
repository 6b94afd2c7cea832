"""The DRG grouper: category by order, ADRG by rule, 歧义 where it is on, DRG by complications; and why a case has no group."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from validator.grouping.encoded import Encoded, encode
from validator.grouping.language import Among, numbers
from validator.grouping.scheme import DrgScheme, Numbers, Slot

if TYPE_CHECKING:
    from validator.grouping.cases import Cases

#: The columns of the result, one row per case in the order given.
RESULT = {
    "case_id": pl.String, "mdc": pl.String, "adrg": pl.String, "drg": pl.String,
    "status": pl.String,  #: see ``reasons.STATUSES``
    "reason": pl.String,  #: see ``reasons.REASONS``; null when grouped
}  # fmt: skip
NOTHING = "0000"  #: what a case without a group is called


@dataclass(frozen=True)
class Limits:
    """The profile's figures: outside the first two a case takes no part in grouping; an unknown value leaves no case out."""

    longest_stay: float | None = None  #: days
    lowest_cost: float | None = None  #: yuan
    newborn_days: float = (
        28  #: the last day of the newborn period, by 卫医政发〔2011〕84号附件2 (the day of birth is day 0)
    )


def group(
    scheme: DrgScheme, cases: "Cases", limits: Limits | None = None, grey: pl.Series | None = None
) -> pl.DataFrame:
    """Group cases (:data:`RESULT`). ``grey``: grey diagnosis codes, so that the reason can name them."""
    every, limits = encode(scheme, cases), limits or Limits()
    principal = every.first["ZYZD"]
    frame = cases.frame.hstack(_placed(scheme, every, limits.newborn_days)).with_columns(
        pl.Series("refused", scheme.refused[principal])
    )
    right = (
        pl.col("drg").is_not_null()
        & pl.col("sex").is_in(["1", "2"])
        & pl.col("principal").is_not_null()
        & (pl.col("age").is_not_null() | pl.col("age_days").is_not_null())
        & ~pl.col("refused")
        & ~_out(limits).is_not_null()
    )
    rows = (~frame.select(right.fill_null(False)).to_series()).arg_true()  # few, as a rule: only they have a reason
    result = frame.select("case_id", "mdc", "adrg", "drg", status=pl.lit("grouped"), reason=pl.lit(None, pl.String))
    if not rows.len():
        return result
    numbers = principal[rows.to_numpy()]
    marks = [pl.Series("known", scheme.known[numbers]), pl.Series("listed", scheme.listed[numbers])]
    few = _with_reason(frame[rows].with_columns(marks), grey)
    few = _limited(_hypothetical(scheme, every.take(rows.to_numpy()), few), limits)
    names = ("mdc", "adrg", "drg", "status", "reason")
    return result.with_columns(result[name].clone().scatter(rows, few[name]) for name in names)


def _with_reason(few: pl.DataFrame, grey: pl.Series | None) -> pl.DataFrame:
    """Why cases have no group; null for those that only take no part."""
    failed = pl.col("drg").is_null()
    plain = pl.lit(False) if grey is None else pl.col("principal").is_in(grey.implode()).fill_null(False)
    reason = pl.coalesce(
        pl.when(~pl.col("sex").is_in(["1", "2"]).fill_null(False)).then(pl.lit("input_sex")),
        pl.when(pl.col("principal").is_null()).then(pl.lit("principal_missing")),
        pl.when(pl.col("age").is_null() & pl.col("age_days").is_null()).then(pl.lit("input_age")),
        pl.when("refused").then(pl.lit("principal_refused")),
        pl.when("ambiguous").then(pl.lit("qy")),
        pl.when("newborn").then(pl.lit("newborn_data")),
        pl.when(failed & pl.col("adrg").is_not_null()).then(pl.lit("no_drg")),
        pl.when(failed & pl.col("mdc").is_not_null()).then(pl.lit("no_adrg")),
        pl.when(failed & pl.col("listed")).then(pl.lit("no_mdc")),
        pl.when(failed & plain).then(pl.lit("principal_grey")),
        pl.when(failed & ~pl.col("known")).then(pl.lit("principal_unknown")),
        pl.when(failed).then(pl.lit("principal_refused")),
    )
    return few.with_columns(reason=reason)


_FLAGS = ("ambiguous", "newborn")
_PLACED = {
    "row": pl.UInt32, "mdc": pl.String, "adrg": pl.String, **dict.fromkeys(_FLAGS, pl.Boolean),
}  # fmt: skip


def _placed(scheme: DrgScheme, every: Encoded, newborn_days: float) -> pl.DataFrame:
    """Category, ADRG and DRG of each case as far as they are found, and what stood in the way (ambiguous, newborn).

    A case that none of a category's ADRGs takes goes on to the next category whose rule holds.
    """
    holds = np.ascontiguousarray(every.holds(scheme.mdcs).to_numpy())  # case by case
    seen = np.full(len(holds), -1)  #: the first that took the principal diagnosis and had no ADRG for the case
    done = np.zeros(len(holds), dtype=np.bool_)
    parts, left = [pl.DataFrame(schema=_PLACED)], every
    while left.frame.height:
        rows = left.frame["row"].to_numpy()
        untried = holds[rows]
        following = untried.argmax(axis=1)
        following = np.where(untried[np.arange(len(rows)), following], following, -1)
        holds[rows, following] = False  # tried
        for number, some in left.cut(pl.Series(following).set(pl.Series(following < 0), None)):
            part, mine = _in_category(scheme, scheme.mdcs[number], some, newborn_days), some.frame["row"].to_numpy()
            parts.append(part)
            done[part["row"].to_numpy()] = True
            if scheme.mdcs[number].by_diagnosis:
                lost = mine[~done[mine]]
                seen[lost] = np.where(seen[lost] < 0, number, seen[lost])
        left = left.take(np.flatnonzero((following >= 0) & ~done[rows]))
    found = pl.DataFrame({"row": np.arange(len(holds), dtype=np.uint32)})
    found = found.join(pl.concat(parts), on="row", how="left", maintain_order="left")
    named = pl.Series([*(slot.code for slot in scheme.mdcs), None], dtype=pl.String).gather(
        seen
    )  # -1 is the last: none
    found = found.with_columns(pl.col(_FLAGS).fill_null(False), mdc=pl.coalesce("mdc", named)).drop("row")
    return found.with_columns(drg=_groups(scheme, every, found["adrg"]))


def _in_category(scheme: DrgScheme, mdc: Slot, some: Encoded, newborn_days: float) -> pl.DataFrame:
    """The cases of one category that are done with (:data:`_PLACED`): in an ADRG, ambiguous, or newborns without data."""
    slots = scheme.adrgs[mdc.code]
    none = len(slots)
    hit, surgical = some.hit(slots).fill_null(none).to_numpy(), _surgical(scheme, some)
    medical = np.array([*(slot.medical or slot.rest for slot in slots), True])[hit]
    newborn = _unknown_newborn(slots, some, newborn_days)
    ambiguous = surgical & medical & _may_be_ambiguous(scheme, mdc, some, newborn_days) & ~newborn
    if scheme.options.get("skip_medical"):  # a surgical case never falls into a medical ADRG
        hit = np.where(surgical & medical, none, hit)
    hit = np.where(ambiguous | newborn, none, hit)
    codes = pl.Series([*(None if slot.rest else slot.code for slot in slots), None], dtype=pl.String)
    mine = np.flatnonzero((hit < none) | ambiguous | newborn)
    frame = {"row": some.frame["row"].to_numpy()[mine], "ambiguous": ambiguous[mine], "newborn": newborn[mine]}
    return pl.DataFrame(frame).with_columns(mdc=pl.lit(mdc.code), adrg=codes.gather(hit[mine])).select(_PLACED.keys())


def _groups(scheme: DrgScheme, every: Encoded, adrg: pl.Series) -> pl.Series:
    """The DRG of each case within its ADRG; ADRGs whose DRGs are distinguished by the same rules are judged together."""
    shapes: dict[tuple[str, ...], list[str]] = {}
    for code, slots in scheme.drgs.items():
        shapes.setdefault(tuple(slot.rule for slot in slots), []).append(code)
    number = {code: n for n, codes in enumerate(shapes.values()) for code in codes}
    starts = dict(zip(scheme.drgs, np.cumsum([0, *map(len, scheme.drgs.values())]).tolist(), strict=False))
    place = np.full(adrg.len(), -1)
    for n, some in every.cut(_looked_up(adrg, number)):
        hit = some.hit(scheme.drgs[list(shapes.values())[n][0]])
        place[some.frame["row"].to_numpy()] = hit.cast(pl.Int64).fill_null(-1).to_numpy()
    drgs = pl.Series([None if slot.rest else slot.code for slots in scheme.drgs.values() for slot in slots])
    return drgs.gather(_looked_up(adrg, starts) + pl.Series(place).set(pl.Series(place < 0), None))


def _looked_up(codes: pl.Series, numbers: Mapping[str, int]) -> pl.Series:
    known = pl.Series(list(numbers), dtype=pl.String), pl.Series(list(numbers.values()), dtype=pl.Int64)
    return codes.replace_strict(*known, default=None, return_dtype=pl.Int64)


def _surgical(scheme: DrgScheme, some: Encoded) -> Numbers:
    """Whether the principal operation, or any where 歧义 looks at all of them, makes the case surgical."""
    name = scheme.options.get("surgical", "")
    fields = ("ZYSS", "QTSS") if scheme.options.get("qy") == "any" else ("ZYSS",)
    return some.held(Among(fields, (name,))) if name else np.zeros(some.frame.height, dtype=np.bool_)


def _may_be_ambiguous(scheme: DrgScheme, mdc: Slot, some: Encoded, newborn_days: float) -> Numbers:
    """Whether the category has a place for ambiguous cases; that of newborns only takes newborns."""
    on = bool(scheme.options.get("qy")) and mdc.by_diagnosis and mdc.code[-1] not in scheme.options.get("qy_not", "")
    allowed = np.full(some.frame.height, on)
    return allowed & _is(some.frame["XSRTL"] <= newborn_days) if on and mdc.code[-1] == "P" else allowed


def _unknown_newborn(slots: list[Slot], some: Encoded, newborn_days: float) -> Numbers:
    """Whether the category sorts by age in days or weight and the case lacks one: it would fall into the wrong group."""
    asked = sorted({"XSRTL", "XSRTZ"} & {name for slot in slots for name in numbers(slot.node)})
    if not asked:
        return np.zeros(some.frame.height, dtype=np.bool_)
    return reduce(or_, (_is(some.frame[name].is_null()) for name in asked)) & ~_is(some.frame["XSRTL"] > newborn_days)


def _is(frame: pl.Series) -> Numbers:
    """Return the column as booleans; unknown counts as false."""
    return frame.fill_null(False).to_numpy()


def _hypothetical(scheme: DrgScheme, every: Encoded, frame: pl.DataFrame) -> pl.DataFrame:
    """Whether those that no category takes, though some list the diagnosis, would have one with the other sex, or as
    newborn or grown up.
    """
    lost = (frame["reason"] == "no_mdc").fill_null(False).arg_true()
    if not lost.len():
        return frame
    # the sexes exchanged; then a newborn, a child and an adult
    variants: list[tuple[str, Mapping[str, pl.Expr]]] = [("wrong_sex", {"XB": 3 - pl.col("XB")})]
    ages = ((0, 5), (10, 3650), (40, 14600))
    variants += [("wrong_age", {"NL": pl.lit(years), "XSRTL": pl.lit(days)}) for years, days in ages]
    some = every.take(lost.to_numpy())
    categories = [slot for slot in scheme.mdcs if slot.by_diagnosis and not slot.rest]
    named = pl.repeat(None, lost.len(), dtype=pl.String, eager=True)
    for name, change in variants:
        other = replace(some, frame=some.frame.with_columns(**change))
        would = other.hit(categories).is_not_null()
        named = named.zip_with(~(would & named.is_null()), pl.repeat(name, lost.len(), dtype=pl.String, eager=True))
    better = named.is_not_null()
    return frame.with_columns(frame["reason"].clone().scatter(lost.filter(better), named.filter(better)))


def _out(limits: Limits) -> pl.Expr:
    """Why a case takes no part in grouping; null if it does."""
    return pl.coalesce(
        pl.when(pl.col("los") > (limits.longest_stay or float("inf"))).then(pl.lit("stay_out_of_range")),
        pl.when(pl.col("cost") < (limits.lowest_cost or float("-inf"))).then(pl.lit("cost_out_of_range")),
    )


def _limited(frame: pl.DataFrame, limits: Limits) -> pl.DataFrame:
    """Status, the code of cases without a group, and the cases that take no part."""
    early = pl.col("reason").is_in(["input_sex", "principal_missing", "input_age", "principal_refused"])
    out = _out(limits)
    letter = pl.col("mdc").str.slice(-1)
    return frame.with_columns(
        status=pl.when(out.is_not_null()).then(pl.lit("excluded"))
        .when(pl.col("reason").is_null()).then(pl.lit("grouped"))
        .when(pl.col("reason") == "qy").then(pl.lit("ambiguous"))
        .otherwise(pl.lit("failed")),
        reason=pl.coalesce(out, "reason"),
        mdc=pl.when(~early | pl.col("reason").is_null()).then("mdc"),
        adrg=pl.when(~early | pl.col("reason").is_null()).then("adrg"),
        drg=pl.when(pl.col("reason").is_null()).then("drg")
        .when(pl.col("reason") == "qy").then(letter + "QY").otherwise(pl.lit(NOTHING)),
    )  # fmt: skip
