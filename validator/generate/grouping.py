"""Flat cases that all group, and some of them with one planted defect that keeps them from it; with a truth table."""

import numpy as np
import polars as pl

from validator.generate import people
from validator.generate.draw import Draw
from validator.generate.flat import drawn, principals
from validator.grouping import cases, drg
from validator.grouping.scheme import DrgScheme

__all__ = ["DEFECTS", "TRUTH", "drawn", "planted"]

#: What is planted -> the field that it spoils.
DEFECTS = {
    "grey": "principal",  #: the principal diagnosis stops at its subcategory, as grey codes do
    "swapped": "principal",  #: the first two diagnoses changed places
    "sex_flipped": "sex",
    "days_lost": "age_days",
    "weight_lost": "weight_g",
    "operation_dropped": "procedure",  #: the principal operation is left out
}
#: The columns of the truth, one row a spoiled case.
TRUTH = {
    "case_id": pl.String, "defect": pl.String, "field": pl.String,
    "was": pl.String, "now": pl.String,  #: the field's text before and after
    "drg": pl.String,  #: the group that the case had
    "status": pl.String, "reason": pl.String,  #: what the grouper must report of it now
}  # fmt: skip
_FIRST_DAY, _DAYS = 20_454, 181  #: discharges in the first half of 2026
_DEPARTMENTS = ("A03", "A04", "A05", "A07")


def planted(scheme: DrgScheme, count: int, seed: int, share: float) -> tuple[pl.DataFrame, pl.DataFrame]:
    """``count`` cases that group but for ``share`` of them, each with one of :data:`DEFECTS`; and the truth (:data:`TRUTH`).

    Next to the columns of a flat table stand those of settlement lists that tell what would be right (birth date, dates of
    the stay, ID number, birth weight) and whose case it is. All kinds of defects come alike often as far as there are cases
    for them; each makes its case fail (or 歧义), by itself.
    """
    draw = Draw(seed, np.arange(count, dtype=np.uint64))
    clean, groups = _clean(scheme, count, seed)
    spoiled = {name: _spoiled(scheme, clean, name) for name in DEFECTS}
    outcomes = pl.concat(
        _hits(scheme, clean, groups, name, each).with_columns(
            lot=pl.Series(draw.chance(f"{name} lot")).gather(each["case"])
        )
        for name, each in spoiled.items()
    )
    chosen = _chosen(outcomes, round(count * share))
    frame = _with_context(draw, clean)
    for name, each in spoiled.items():
        rows = each.join(chosen.filter(defect=name).select("case"), on="case", how="semi")
        frame = frame.update(rows, on="case", how="left", include_nulls=True)
    return frame.drop("case"), chosen.select(pl.col(name).cast(kind) for name, kind in TRUTH.items())


def _clean(scheme: DrgScheme, count: int, seed: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Cases that group, and their groups."""
    found = drawn(scheme, count * 2 + 100, seed, noise=0)
    result = drg.group(scheme, cases.from_flat(found))
    right = result["status"] == "grouped"
    clean = found.filter(right).head(count).drop("case_id").with_row_index("case")
    assert len(clean) == count, "half of the cases drawn do not group"
    ids = pl.format("C{}", (pl.col("case") + 1).cast(pl.String).str.zfill(7))
    return clean.with_columns(case_id=ids), result.filter(right).head(count)


def _spoiled(scheme: DrgScheme, clean: pl.DataFrame, defect: str) -> pl.DataFrame:
    """The cases that a defect can befall: ``case`` and the column that it changes, changed."""
    first, rest = pl.col("diagnoses").str.extract(r"\A([^|]*)"), pl.col("diagnoses").str.extract(r"\A[^|]*(.*)")
    match defect:
        case "grey":
            parent = first.str.replace(r"\A(.{5}).*", "${1}00")
            grey = set(scheme.part("diagnosis")["code"]).difference(principals(scheme))
            return clean.filter(parent.is_in(grey), parent != first).select(
                "case", diagnoses=pl.concat_str(parent, rest)
            )
        case "swapped":
            second, further = rest.str.extract(r"\A\|([^|]*)"), rest.str.extract(r"\A\|[^|]*(.*)")
            swapped = pl.concat_str(second, pl.lit("|"), first, further)
            return clean.filter(rest != "").select("case", diagnoses=swapped)
        case "sex_flipped":
            return clean.select("case", sex=(3 - pl.col("sex").cast(pl.Int8)).cast(pl.String))
        case "days_lost":
            return clean.filter(pl.col("age_days").is_not_null()).select("case", age_days=pl.lit(None, pl.String))
        case "weight_lost":
            return clean.filter(pl.col("weight_g").is_not_null()).select("case", weight_g=pl.lit(None, pl.String))
    dropped = pl.col("procedures").str.replace(r"\A[^|]*\|?", "")
    return clean.filter(pl.col("procedures") != "").select("case", procedures=dropped)


def _hits(
    scheme: DrgScheme, clean: pl.DataFrame, groups: pl.DataFrame, defect: str, spoiled: pl.DataFrame
) -> pl.DataFrame:
    """The truth of one defect, of the cases that it keeps from grouping (the others have no ``status``)."""
    after = clean[spoiled["case"]].update(spoiled, on="case", how="left", include_nulls=True)
    result = drg.group(scheme, cases.from_flat(after))
    lost = result["status"] != "grouped"

    def text(frame: pl.DataFrame) -> pl.Series:
        column = {"principal": "diagnoses", "procedure": "procedures"}.get(DEFECTS[defect], DEFECTS[defect])
        return frame[column].str.extract(r"\A([^|]*)") if column != DEFECTS[defect] else frame[column]

    return pl.DataFrame(
        {
            "case": spoiled["case"], "case_id": after["case_id"], "was": text(clean[spoiled["case"]]), "now": text(after),
            "drg": groups["drg"].gather(spoiled["case"]), "status": result["status"].set(~lost, None),
            "reason": result["reason"],
        }
    ).with_columns(defect=pl.lit(defect), field=pl.lit(DEFECTS[defect]))  # fmt: skip


def _chosen(outcomes: pl.DataFrame, count: int) -> pl.DataFrame:
    """So many spoiled cases, one defect each: of those that a case can have a rare one rather than a common one."""
    outcomes = outcomes.filter(pl.col("status").is_not_null())
    outcomes = outcomes.sort(pl.col("lot") * pl.len().over("defect")).unique("case", keep="first", maintain_order=True)
    outcomes = outcomes.sort("lot").with_columns(place=pl.int_range(pl.len()).over("defect"))
    return outcomes.sort("place", maintain_order=True).head(count).sort("case")


def _with_context(draw: Draw, clean: pl.DataFrame) -> pl.DataFrame:
    """Add the other columns of a settlement list (person, times, place), all correct."""
    years = pl.col("age").cast(pl.Int64)
    days = pl.col("age_days").cast(pl.Int64).fill_null(draw.between("days", 2, 360) + (years * 365.25).ceil())
    frame = clean.with_columns(adm_day=_FIRST_DAY + draw.between("admitted", 0, _DAYS - 30), gend="sex")
    frame = frame.with_columns(brdy_day=pl.col("adm_day") - days.cast(pl.Int64))
    day = {"adm_time": pl.col("adm_day"), "dscg_time": pl.col("adm_day") + draw.between("stay", 1, 29)}
    numbered = {name: draw.between(name, 1, 6).cast(pl.String) for name in ("physician", "coder")}
    frame = frame.with_columns(
        *(pl.from_epoch(value, time_unit="d").dt.to_string("%Y-%m-%d").alias(name) for name, value in day.items()),
        brdy=pl.from_epoch("brdy_day", time_unit="d").dt.to_string("%Y-%m-%d"),
        patn_cert_type=pl.lit("01"),
        certno=people.id_numbers(clean["case"].cast(pl.UInt64).to_numpy(), frame),
        nwb_bir_wt="weight_g",
        dscg_caty=draw.one_of("department", _DEPARTMENTS),
        chfpdr_code=pl.format("D11000000000{}", numbered["physician"]),
        chfpdr_name=pl.format("示例医师{}", numbered["physician"]),
        medins_fill_psn=pl.format("示例编码员{}", numbered["coder"]),
    )
    return frame.drop("adm_day", "brdy_day", "gend").select("case_id", pl.exclude("case_id"))
