"""The DRG grouper: category by order, ADRG by rule, 歧义 where it is on, DRG by complications; and why a case has no group."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from validator.grouping.encoded import Encoded, encode
from validator.grouping.language import numbers
from validator.grouping.scheme import Scheme, Slot

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
    """Which cases take part in grouping; what is not known of a case leaves nothing out."""

    longest_stay: float | None = None  #: days
    lowest_cost: float | None = None  #: yuan


def group(scheme: Scheme, cases: "Cases", limits: Limits | None = None, grey: pl.Series | None = None) -> pl.DataFrame:
    """Group cases (:data:`RESULT`). ``grey``: grey diagnosis codes, so that the reason can name them."""
    every = encode(scheme, cases)
    found = _placed(scheme, every)
    told = cases.frame.hstack(found).with_columns(known=_is(scheme.known, every), refused=_is(scheme.refused, every))
    told = told.with_columns(principal_grey=_grey(cases.frame["principal"], grey))
    failed = pl.col("drg").is_null()
    reason = pl.coalesce(
        pl.when(~pl.col("sex").is_in(["1", "2"]).fill_null(False)).then(pl.lit("input_sex")),
        pl.when(pl.col("principal").is_null()).then(pl.lit("principal_missing")),
        pl.when(pl.col("age").is_null() & pl.col("age_days").is_null()).then(pl.lit("input_age")),
        pl.when(pl.col("refused")).then(pl.lit("principal_refused")),
        pl.when("ambiguous").then(pl.lit("qy")),
        pl.when("newborn").then(pl.lit("newborn_data")),
        pl.when(failed & pl.col("adrg").is_not_null()).then(pl.lit("no_drg")),
        pl.when(failed & pl.col("mdc").is_not_null()).then(pl.lit("no_adrg")),
        pl.when(failed & pl.col("principal_grey")).then(pl.lit("principal_grey")),
        pl.when(failed & ~pl.col("known")).then(pl.lit("principal_unknown")),
        pl.when(failed).then(pl.lit("principal_refused")),
    )
    told = _hypothetical(scheme, every, told.with_columns(reason=reason))
    return _limited(told, limits or Limits()).select(RESULT.keys())


def _placed(scheme: Scheme, every: Encoded) -> pl.DataFrame:
    """Category, ADRG and DRG of each case as far as they are found, and what stood in the way (ambiguous, newborn)."""
    height = every.frame.height
    parts = [pl.DataFrame(schema=_PLACED)]
    for number, some in every.cut(every.first(scheme.mdcs)):
        slot = scheme.mdcs[number]
        if not slot.rest:
            parts += _in_category(scheme, slot, some)
    rows = pl.DataFrame({"row": pl.int_range(height, dtype=pl.UInt32, eager=True)})
    found = rows.join(pl.concat(parts), on="row", how="left", maintain_order="left")
    return found.with_columns(pl.col(_FLAGS).fill_null(False)).drop("row")


_FLAGS = ("ambiguous", "newborn")
_PLACED = {
    "row": pl.UInt32, "mdc": pl.String, "adrg": pl.String, "drg": pl.String, **dict.fromkeys(_FLAGS, pl.Boolean),
}  # fmt: skip


def _in_category(scheme: Scheme, mdc: Slot, some: Encoded) -> list[pl.DataFrame]:
    """The rows of :func:`_placed` for the cases of one category."""
    slots = scheme.adrgs[mdc.code]
    hit = some.first(slots)
    medical = pl.Series([slot.medical or slot.rest for slot in slots], dtype=pl.Boolean).gather(hit).fill_null(True)
    surgical = _surgical(scheme, some)
    if scheme.options.get("skip_medical"):  # a surgical case may only fall into the rest
        rest = next((n for n, slot in enumerate(slots) if slot.rest), None)
        hit = pl.select(pl.when(surgical & medical).then(pl.lit(rest, pl.UInt32)).otherwise(hit)).to_series()
    ambiguous = surgical & medical & _may_be_ambiguous(scheme, mdc, some)
    newborn = _unknown_newborn(slots, some)
    stop = ambiguous | newborn
    placed = pl.select(pl.when(~stop).then(hit)).to_series()
    flags = {"ambiguous": ambiguous & ~newborn, "newborn": newborn}
    base = some.frame.select("row", mdc=pl.lit(mdc.code)).with_columns(**flags)
    parts = [_named(base.filter(placed.is_null()), None, None)]
    for shape in _shapes(scheme, slots):
        within = pl.Series([n in shape for n in range(len(slots))], dtype=pl.Boolean).gather(placed).fill_null(False)
        for _, each in some.cut(pl.select(pl.when(within).then(1)).to_series()):
            parts += _in_groups(scheme, slots, shape, each, base.filter(within), placed.filter(within))
    return parts


def _shapes(scheme: Scheme, slots: list[Slot]) -> list[list[int]]:
    """The ADRGs, by number, whose DRGs are told apart by the same rules: they are judged together."""
    found: dict[tuple[str, ...], list[int]] = {}
    for number, slot in enumerate(slots):
        if not slot.rest:
            found.setdefault(tuple(each.rule for each in scheme.drgs[slot.code]), []).append(number)
    return [*found.values(), *([n] for n, slot in enumerate(slots) if slot.rest)]


def _in_groups(
    scheme: Scheme, slots: list[Slot], shape: list[int], some: Encoded, base: pl.DataFrame, placed: pl.Series
) -> list[pl.DataFrame]:
    if slots[shape[0]].rest:
        return [_named(base, None, None)]
    groups = scheme.drgs[slots[shape[0]].code]
    hit = some.first(groups)
    names = pl.DataFrame(
        [(n, place, slots[n].code, None if each.rest else each.code)
         for n in shape for place, each in enumerate(scheme.drgs[slots[n].code])],
        schema={"n": pl.UInt32, "place": pl.UInt32, "adrg": pl.String, "drg": pl.String}, orient="row",
    )  # fmt: skip
    rows = base.with_columns(n=placed, place=hit, adrg=_codes(slots, placed))
    told = rows.join(names.drop("adrg"), on=["n", "place"], how="left", maintain_order="left")
    return [told.select("row", "mdc", "adrg", "drg", *_FLAGS)]


def _codes(slots: list[Slot], placed: pl.Series) -> pl.Series:
    return pl.Series([slot.code for slot in slots], dtype=pl.String).gather(placed)


def _named(base: pl.DataFrame, adrg: str | None, drg: str | None) -> pl.DataFrame:
    return base.select(
        "row", "mdc", pl.lit(adrg, pl.String).alias("adrg"), pl.lit(drg, pl.String).alias("drg"), *_FLAGS
    )


def _surgical(scheme: Scheme, some: Encoded) -> pl.Series:
    """Whether the principal operation, or any where 歧义 looks at all of them, makes the case surgical."""
    name = scheme.options.get("surgical", "")
    none = pl.repeat(False, some.frame.height, dtype=pl.Boolean, eager=True)
    if not name:
        return none
    mask = scheme.mask(name)
    held = mask.gather(some.frame["zyss"]).fill_null(False)
    if scheme.options.get("qy") == "any":
        others = some.others["qtss"]
        held = held | none.scatter(others["case"].filter(mask.gather(others["id"])), True)
    return held


def _may_be_ambiguous(scheme: Scheme, mdc: Slot, some: Encoded) -> pl.Series:
    """Whether the category has a place for ambiguous cases; that of newborns only takes newborns."""
    on = bool(scheme.options.get("qy")) and mdc.code[-1] not in scheme.options.get("qy_not", "")
    allowed = pl.repeat(on, some.frame.height, dtype=pl.Boolean, eager=True)
    return allowed & (some.frame["XSRTL"] < 29).fill_null(False) if on and mdc.code[-1] == "P" else allowed


def _unknown_newborn(slots: list[Slot], some: Encoded) -> pl.Series:
    """Whether the category sorts by age in days or weight and the case lacks one: it would fall into the wrong group."""
    asked = sorted({"XSRTL", "XSRTZ"} & {name for slot in slots for name in numbers(slot.node)})
    if not asked:
        return pl.repeat(False, some.frame.height, dtype=pl.Boolean, eager=True)
    newborn = (some.frame["XSRTL"] <= 28).fill_null(True)
    missing = [some.frame[name].is_null() for name in asked]
    return newborn & (missing[0] | missing[-1])


def _is(mask: pl.Series, every: Encoded) -> pl.Series:
    return mask.gather(every.frame["zyzd"]).fill_null(False)


def _grey(codes: pl.Series, grey: pl.Series | None) -> pl.Series:
    none = pl.repeat(False, codes.len(), dtype=pl.Boolean, eager=True)
    return none if grey is None else codes.is_in(grey.implode()).fill_null(False)


def _hypothetical(scheme: Scheme, every: Encoded, told: pl.DataFrame) -> pl.DataFrame:
    """Whether those that no category takes would have one with the other sex, or as newborn or grown up."""
    lost = (told["mdc"].is_null() & told["reason"].is_in(["principal_refused", "principal_grey"])).arg_true()
    lost = lost.filter(~told["refused"].gather(lost))
    if not lost.len():
        return told
    # the sexes exchanged; then a newborn, a child and an adult
    variants: list[tuple[str, Mapping[str, pl.Expr]]] = [("wrong_sex", {"XB": 3 - pl.col("XB")})]
    ages = ((0, 5), (10, 3650), (40, 14600))
    variants += [("wrong_age", {"NL": pl.lit(years), "XSRTL": pl.lit(days)}) for years, days in ages]
    chosen = pl.repeat(None, told.height, dtype=pl.UInt8, eager=True).scatter(lost, 1)
    [(_, some)] = every.cut(chosen)
    named = pl.repeat(None, lost.len(), dtype=pl.String, eager=True)
    for name, change in variants:
        other = Encoded(scheme, some.frame.with_columns(**change), some.others)
        takes = pl.Series([not slot.rest for slot in scheme.mdcs], dtype=pl.Boolean)
        would = takes.gather(other.first(scheme.mdcs)).fill_null(False)
        named = named.zip_with(~(would & named.is_null()), pl.repeat(name, lost.len(), dtype=pl.String, eager=True))
    better = named.is_not_null()
    return told.with_columns(told["reason"].clone().scatter(lost.filter(better), named.filter(better)))


def _limited(told: pl.DataFrame, limits: Limits) -> pl.DataFrame:
    """Status, the code of cases without a group, and the cases that take no part."""
    early = pl.col("reason").is_in(["input_sex", "principal_missing", "input_age", "principal_refused"])
    out = pl.coalesce(
        pl.when(pl.col("los") > (limits.longest_stay or float("inf"))).then(pl.lit("stay_out_of_range")),
        pl.when(pl.col("cost") < (limits.lowest_cost or float("-inf"))).then(pl.lit("cost_out_of_range")),
    )
    letter = pl.col("mdc").str.slice(-1)
    return told.with_columns(
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
