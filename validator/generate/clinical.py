"""Diagnoses, procedures, intensive care of the cases: the rows of their child tables."""

import numpy as np
import polars as pl

from validator.generate import staff, stay
from validator.generate.draw import Draw, Numbers
from validator.generate.kinds import Kinds, Places

_ROWS = np.uint64(64)  #: more rows of one table than any case has
_DAY = 1440
COLUMN = pl.col
NOTHING = pl.lit(None, pl.String)


def numbered(numbers: Numbers, rows: pl.DataFrame, column: str) -> Numbers:
    """A number for each row of a child table: of its case, and of its own (``column``) within the case."""
    return np.asarray(numbers[rows["_case"].to_numpy()] * _ROWS + rows[column].to_numpy().astype(np.uint64))


def diagnoses(seed: int, known: Kinds, kinds: Places, numbers: Numbers, cases: pl.DataFrame) -> pl.DataFrame:
    """The principal diagnosis, the others that the case has, then TCM disease and syndrome."""
    rows = known.diagnoses.spread(kinds)
    draw = Draw(seed, numbered(numbers, rows, "slot"))
    years = cases["years"][rows["_case"]]
    found = (
        pl.when((COLUMN("condition") == "1") & (draw.unit("found late") < 0.06))
        .then(pl.lit("3"))
        .otherwise("condition")
    )
    others = rows.with_columns(condition=found).filter(
        (draw.unit("diagnosis") < COLUMN("chance")) & (years >= rows["from_age"])
    )
    principal = known.principal.draw(Draw(seed, numbers), "principal", kinds)
    western = [
        cases.select(
            "_case", diag_code=principal, diag_type=pl.lit("1"), adm_cond_type=pl.lit("1"), maindiag_flag=pl.lit("1")
        ),
        others.select(
            "_case", diag_code="code", diag_type=pl.lit("1"), adm_cond_type="condition", maindiag_flag=pl.lit("0")
        ),
    ]
    tcm = [
        cases.select(
            "_case", diag_code=column, diag_type=pl.lit(kind), adm_cond_type=pl.lit("1"), maindiag_flag=pl.lit("0")
        ).drop_nulls("diag_code")
        for column, kind in (("tcm_disease", "2"), ("tcm_syndrome", "3"))
    ]
    return (
        pl.concat([*western, *tcm]).sort("_case", maintain_order=True).with_columns(diag_name=name(known, "diag_code"))
    )


def procedures(seed: int, known: Kinds, kinds: Places, numbers: Numbers, cases: pl.DataFrame) -> pl.DataFrame:
    """What the kind of case has, ventilation and transfusion; the first row is the main one."""
    whole = Draw(seed, numbers)
    ventilated = cases.filter(COLUMN("vent_minutes") > 0).select(
        "_case",
        code=pl.when(COLUMN("vent_minutes") >= 96 * 60).then(pl.lit("96.7201")).otherwise(pl.lit("96.7101")),
        anst_way=NOTHING,
        begin=COLUMN("icu_in") + 10,
        minutes="vent_minutes",
    )
    transfused = cases.with_columns(begin=COLUMN("adm") + whole.between("blood after", 250, 400)).filter(
        COLUMN("bld_cat").is_not_null()
    )
    blood = transfused.select("_case", code="bld_code", anst_way=NOTHING, begin="begin", minutes=pl.lit(150, pl.Int64))
    rows = pl.concat([_operations(seed, known, kinds, numbers, cases), ventilated, blood]).sort(
        "_case", maintain_order=True
    )
    rows = rows.with_columns(place=COLUMN("_case").cum_count().over("_case"))
    draw = Draw(seed, numbered(numbers, rows, "place"))
    own = cases.select("hospital_number", "department_number")[rows["_case"]]
    operator, helper = staff.of(draw, "operator", own, 6), staff.anaesthetist(draw, own)
    asleep = COLUMN("anst_way").str.slice(0, 1).is_in(["1", "2", "4"]) | (COLUMN("anst_way") == "31")
    end, first, last = (
        COLUMN("begin") + COLUMN("minutes"),
        draw.between("anaesthesia before", 15, 40),
        draw.between("anaesthesia after", 5, 25),
    )
    numbed = COLUMN("anst_way").is_not_null()
    return rows.select(
        "_case",
        oprn_oprt_type=pl.when(COLUMN("place") == 1).then(pl.lit("1")).otherwise(pl.lit("2")),
        oprn_oprt_code="code",
        oprn_oprt_name=name(known, "code"),
        oprn_oprt_date=stay.day(COLUMN("begin") // _DAY),
        oprn_oprt_begntime=stay.written("begin"),
        oprn_oprt_endtime=stay.written(end),
        anst_way="anst_way",
        anst_begntime=pl.when(numbed).then(stay.written(COLUMN("begin") - first)),
        anst_endtime=pl.when(numbed).then(stay.written(end + last)),
        oper_dr_code=operator.code("D"),
        oper_dr_name=operator.name(),
        anst_dr_code=pl.when(asleep).then(helper.code("D")),
        anst_dr_name=pl.when(asleep).then(helper.name()),
    )


def _operations(seed: int, known: Kinds, kinds: Places, numbers: Numbers, cases: pl.DataFrame) -> pl.DataFrame:
    """``_case``, code, anaesthesia, begin and minutes; procedures of one day share their hour: one operation."""
    rows = known.procedures.spread(kinds)
    made = Draw(seed, numbered(numbers, rows, "slot")).unit("made") < COLUMN("chance")
    draw = Draw(seed, numbered(numbers, rows, "day_high"))
    last = (COLUMN("days") - 1).clip(0)
    rows = rows.hstack(cases.select("adm", "adm_day", "days")[rows["_case"]]).with_columns(
        on=pl.min_horizontal(draw.between("day", COLUMN("day_low"), COLUMN("day_high")), last),
        minutes=draw.between("minutes", COLUMN("minutes_low"), COLUMN("minutes_high")),
        made=made,
    )
    soon = COLUMN("adm") + draw.between("soon", 60, 240)
    planned = (COLUMN("adm_day") + COLUMN("on")) * _DAY + draw.between("hour", 510, 900)
    begin = pl.when(COLUMN("on") == 0).then(soon).otherwise(planned)
    return rows.with_columns(begin=begin).filter("made").select("_case", "code", "anst_way", "begin", "minutes")


def intensive_care(cases: pl.DataFrame) -> pl.DataFrame:
    """The rows of ``icuinfo``."""
    end = COLUMN("icu_in") + COLUMN("icu_minutes")
    return cases.filter(COLUMN("icu_minutes") > 0).select(
        "_case",
        scs_cutd_ward_type="icu_ward",
        scs_cutd_inpool_time=stay.written("icu_in"),
        scs_cutd_exit_time=stay.written(end),
        scs_cutd_sum_dura=stay.duration(COLUMN("icu_minutes")),
    )


def outpatient_diseases(draw: Draw, known: Kinds, cases: pl.DataFrame) -> pl.DataFrame:
    """The rows of ``opspdiseinfo``: patients in long treatment."""
    there = cases.with_columns(there=draw.unit("opsp") < COLUMN("opsp_chance")).filter("there")
    return there.select(
        "_case",
        diag_code="opsp_code",
        diag_name=name(known, "opsp_code"),
        oprn_oprt_code="opsp_procedure",
        oprn_oprt_name=name(known, "opsp_procedure"),
    )


def name(known: Kinds, column: str) -> pl.Expr:
    """The standard name of a code."""
    return COLUMN(column).replace_strict(known.names, default=None, return_dtype=pl.String)
