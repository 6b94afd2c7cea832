"""The stay: times, departments, discharge, nursing, intensive care, ventilator, transfusion, weights of newborns.

Times are whole minutes of 1970 until they are written.
"""

from datetime import date

import polars as pl

from validator.generate.draw import Draw
from validator.generate.kinds import Kinds, Places

_FIRST_DAY = date(2025, 7, 1).toordinal() - date(1970, 1, 1).toordinal()
_DAYS = 365
_DAY = 1440
COLUMN = pl.col


def add(draw: Draw, known: Kinds, kinds: Places, cases: pl.DataFrame) -> pl.DataFrame:
    """Admission and discharge; needs the parameters of the kinds."""
    way, leave = known.way.draw(draw, "way", kinds), known.leave.draw(draw, "leave", kinds)
    cases = cases.with_columns(
        adm_way=way,
        dscg_way=leave,
        days=draw.between("days", COLUMN("days_low"), COLUMN("days_high")),
        dscg_day=_FIRST_DAY + draw.between("day", 0, _DAYS - 1),
    ).with_columns(adm_day=COLUMN("dscg_day") - COLUMN("days"))
    same_day = COLUMN("days") == 0
    come = (
        pl.when(same_day).then(draw.between("come", 450, 510))
        .when(COLUMN("adm_way") == "1").then(draw.between("come", 1, 1439))
        .otherwise(draw.between("come", 480, 690))
    )  # fmt: skip
    go = (
        pl.when(same_day).then(draw.between("go", 900, 1020))
        .when(COLUMN("dscg_way") == "5").then(draw.between("go", 1, 1439))
        .otherwise(draw.between("go", 600, 1010))
    )  # fmt: skip
    cases = cases.with_columns(adm=COLUMN("adm_day") * _DAY + come, dscg=COLUMN("dscg_day") * _DAY + go)
    purpose = known.purpose.draw(draw, "purpose", kinds)
    planned = (purpose != "") & (COLUMN("dscg_way") == "1") & (draw.unit("planned") < 0.8)
    return cases.with_columns(
        *_departments(draw),
        *_discharge(),
        days_rinp_flag_31=pl.when(planned).then(pl.lit("2")).otherwise(pl.lit("1")),
        days_rinp_pup_31=pl.when(planned).then(purpose),
        adm_time=written("adm"),
        dscg_time=written("dscg"),
        act_ipt_days=COLUMN("days").clip(1).cast(pl.String),
        ipt_med_type=pl.when("day_surgery").then(pl.lit("2")).otherwise(pl.lit("1")),
        setl_begn_date=day("adm_day"),
        setl_end_date=day("dscg_day"),
        dcla_time=pl.when(draw.unit("declared") < 0.85).then(
            written(
                (COLUMN("dscg_day") + draw.between("declared after", 1, 20)) * _DAY
                + draw.between("declared at", 500, 1050)
            )
        ),
    )


def written(minutes: str | pl.Expr) -> pl.Expr:
    """Minutes as ``2026-01-31 08:30:00``."""
    count = COLUMN(minutes) if isinstance(minutes, str) else minutes
    return pl.from_epoch(count * 60, time_unit="s").dt.to_string("%Y-%m-%d %H:%M:%S")


def day(column: str | pl.Expr) -> pl.Expr:
    """A day as ``2026-01-31``."""
    return pl.from_epoch(column, time_unit="d").dt.to_string("%Y-%m-%d")


def duration(minutes: pl.Expr) -> pl.Expr:
    """Minutes as days/hours/minutes."""
    return pl.concat_str(minutes // _DAY, minutes % _DAY // 60, minutes % 60, separator="/")


def _departments(draw: Draw) -> list[pl.Expr]:
    """Where the patient came in, moved to and left; through intensive care where there was some."""
    own, first = COLUMN("dept"), COLUMN("from_dept")
    moved, icu = first != "", COLUMN("icu_ward").is_in(["4", "7"]) & (COLUMN("dept") != "A28")
    return [
        pl.when(moved).then(first).otherwise(own).alias("adm_caty"),
        own.alias("dscg_caty"),
        pl.when(moved).then(own).when(icu & (draw.unit("via") < 0.9)).then("A28→" + own).alias("refldept_dept"),
    ]


def _discharge() -> list[pl.Expr]:
    """The institution that takes the patient over, where that is known."""
    moved, community = COLUMN("dscg_way") == "2", COLUMN("dscg_way") == "3"
    return [
        pl.when(moved)
        .then("to_name")
        .when(community)
        .then(pl.lit("云山区青松社区卫生服务中心"))
        .alias("acp_medins_name"),
        pl.when(moved).then("to_code").when(community).then(pl.lit("H11010500101")).alias("acp_optins_code"),
    ]


def add_care(draw: Draw, cases: pl.DataFrame) -> pl.DataFrame:
    """What happened during the stay: intensive care, ventilator, transfusion, coma, newborns, nursing."""
    begin = COLUMN("adm") + draw.between(
        "icu after", COLUMN("icu_after_low") * 60 + 5, COLUMN("icu_after_high") * 60 + 65
    )
    cases = cases.with_columns(
        icu_in=begin, icu_minutes=draw.between("icu", COLUMN("icu_low") * 60, COLUMN("icu_high") * 60)
    )
    left = COLUMN("dscg") - COLUMN("icu_in") - 180
    cases = cases.with_columns(icu_minutes=pl.min_horizontal("icu_minutes", left))
    breath = draw.between("vent", COLUMN("vent_low") * 60, COLUMN("vent_high") * 60)
    within = pl.when(breath.is_not_null()).then(pl.min_horizontal(breath, COLUMN("icu_minutes") - 30))
    cases = cases.with_columns(vent_minutes=within)
    amount = draw.between("blood", COLUMN("bld_low"), COLUMN("bld_high"))
    bled = COLUMN("bld_cat").is_not_null() & (draw.unit("bled") < 0.7)
    return cases.with_columns(
        *_weights(draw),
        *_nursing(draw),
        vent_used_dura=_or_nothing(draw, "vent", pl.col("vent_minutes")),
        pwcry_bfadm_coma_dura=_or_nothing(
            draw, "before", draw.between("before", COLUMN("before_low"), COLUMN("before_high"))
        ),
        pwcry_afadm_coma_dura=_or_nothing(
            draw, "after", draw.between("after", COLUMN("after_low"), COLUMN("after_high"))
        ),
        bld_cat=pl.when(bled).then("bld_cat"),
        bld_amt=pl.when(bled).then(amount.cast(pl.String)),
        bld_unt=pl.when(bled).then("bld_unt"),
    )


def _or_nothing(draw: Draw, subject: str, minutes: pl.Expr) -> pl.Expr:
    """The duration; where there is none, zeros or a blank."""
    return pl.coalesce(duration(minutes), pl.when(draw.unit(f"{subject} zero") < 0.6).then(pl.lit("0/0/0")))


def _weights(draw: Draw) -> list[pl.Expr]:
    """In grams, to 10 g: birth weight on the lists of mother and newborn, admission weight on the newborn's."""
    mother, newborn = COLUMN("birth_low").is_not_null(), COLUMN("weight_low").is_not_null()
    born = draw.between("first weight", COLUMN("birth_low") // 10, COLUMN("birth_high") // 10) * 10
    second = draw.between("second weight", COLUMN("birth_low") // 10, COLUMN("birth_high") // 10) * 10
    own = draw.between("own weight", COLUMN("weight_low") // 10, COLUMN("weight_high") // 10) * 10
    now = own + draw.between("gain", -8, 12) * 10
    return [
        pl.when(mother).then(born).when(newborn).then(own).cast(pl.String).alias("nwb_bir_wt"),
        pl.when(newborn).then(now).cast(pl.String).alias("nwb_adm_wt"),
        pl.when("twins").then(pl.concat_str(born, second, separator=",")).alias("mul_nwb_bir_wt"),
    ]


def _nursing(draw: Draw) -> list[pl.Expr]:
    """Days of each level, adding up to the days of the stay."""
    every = COLUMN("days").clip(1)
    special = pl.min_horizontal((COLUMN("icu_minutes").fill_null(0) + _DAY - 1) // _DAY, every)
    first = pl.min_horizontal(draw.between("level 1", COLUMN("level1_low"), COLUMN("level1_high")), every - special)
    light = pl.when(draw.unit("level 3") < 0.2).then(pl.min_horizontal(2, every - special - first)).otherwise(0)
    days = {"spga": special, "lv1": first, "scd": every - special - first - light, "lv3": light}
    return [value.cast(pl.String).alias(f"{level}_nurscare_days") for level, value in days.items()]
