"""Fictional people: patient, contact, physician; names, numbers and addresses that belong to nobody."""

from functools import cache
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from validator.base import files, yaml_csv
from validator.generate.draw import Draw, Numbers

#: First six digits of ID numbers: divisions of Beijing that do not exist, so that no number is a living person's.
_DIVISIONS, _FIRST_DIVISION, _SEQUENCES = 7000, 113000, 499
_WEIGHTS = [pow(2, 17 - place, 11) for place in range(17)]


@cache
def words() -> dict[str, Any]:
    """``schemas/generate/people.yaml``."""
    return dict(yaml_csv.read_yaml(files.data("schemas") / "generate" / "people.yaml"))


def add(draw: Draw, numbers: Numbers, cases: pl.DataFrame) -> pl.DataFrame:
    """The identity columns of the cases; needs ``adm_day``, ``age_low``, ``age_high``, ``male``, ``hospital``."""
    cases = cases.with_columns(
        gend=pl.when(draw.unit("sex") < pl.col("male")).then(pl.lit("1")).otherwise(pl.lit("2")),
        brdy_day=pl.col("adm_day") - draw.between("age", pl.col("age_low"), pl.col("age_high")),
    )
    cases = cases.with_columns(_age())
    cases = cases.with_columns(
        age=pl.when(pl.col("years") > 0).then(pl.col("years").cast(pl.String)),
        nwb_age=pl.when(pl.col("years") == 0).then((pl.col("adm_day") - pl.col("brdy_day")).cast(pl.String)),
        brdy=pl.from_epoch("brdy_day", time_unit="d").dt.to_string("%Y-%m-%d"),
        certno=id_numbers(numbers, cases),
        naty=draw.weighted("naty", {"01": 0.92, "03": 0.03, "11": 0.02, "02": 0.01, "15": 0.01, "06": 0.01}),
        ntly=pl.lit("CHN"),
        patn_cert_type=pl.lit("01"),
        prfs=_occupation(draw),
        patn_rlts=_relation(draw),
    )
    return cases.with_columns(*_insurance(draw), *_address(draw), *_employer(draw)).with_columns(*_names(draw))


def name(draw: Draw, subject: str, male: pl.Expr, surname: pl.Expr | None = None) -> pl.Expr:
    """A name; one in four has a given name of one character."""
    known = words()
    given = [
        pl.when(male)
        .then(draw.one_of(f"{subject} {part}", list(known["male"] + known["both"])))
        .otherwise(draw.one_of(f"{subject} {part}", list(known["female"] + known["both"])))
        for part in ("given", "second")
    ]
    second = pl.when(draw.unit(f"{subject} short") < 0.25).then(pl.lit("")).otherwise(given[1])
    first = draw.one_of(f"{subject} surname", list(known["surnames"])) if surname is None else surname
    return pl.concat_str(first, given[0], second)


def _age() -> pl.Expr:
    born, admitted = (pl.from_epoch(name, time_unit="d") for name in ("brdy_day", "adm_day"))
    later = (
        born.dt.month().cast(pl.Int32) * 100 + born.dt.day()
        > admitted.dt.month().cast(pl.Int32) * 100 + admitted.dt.day()
    )
    return (admitted.dt.year() - born.dt.year() - later.cast(pl.Int32)).alias("years")


def id_numbers(numbers: Numbers, cases: pl.DataFrame) -> pl.Series:
    """Resident ID numbers (GB 11643) that agree with birthday and sex; different for 3.4 million cases in a row."""
    place = (numbers * np.uint64(1_000_003) % np.uint64(_DIVISIONS * _SEQUENCES)).astype(np.int64)
    division = _FIRST_DIVISION + place // _SEQUENCES
    sequence = place % _SEQUENCES * 2 + np.where(cases["gend"] == "1", 1, 2)
    born = cases.select(pl.from_epoch("brdy_day", time_unit="d").alias("day"))["day"]
    day = (born.dt.year().cast(pl.Int64) * 10_000 + born.dt.month().cast(pl.Int64) * 100 + born.dt.day()).to_numpy()
    return with_last(division * 10**11 + day * 1000 + sequence)


def with_last(body: NDArray[np.int64]) -> pl.Series:
    """ID numbers of their first 17 digits: the last character follows from these."""
    total = sum(weight * (body // 10 ** (16 - place) % 10) for place, weight in enumerate(_WEIGHTS))
    last = pl.Series(list("10X98765432"))[total % 11]
    return pl.select(pl.concat_str(pl.Series(body).cast(pl.String), last)).to_series()


def _occupation(draw: Draw) -> pl.Expr:
    chosen = pl.lit(None, pl.String)
    for age, shares in words()["occupations"].items():
        chosen = pl.when(pl.col("years") >= int(age)).then(draw.weighted("occupation", shares)).otherwise(chosen)
    return chosen


def _relation(draw: Draw) -> pl.Expr:
    """A child's parent, an adult's spouse, sibling, parent or child."""
    bands = {
        0: {"52": 1.0},
        1: {"51": 0.4, "52": 0.6},
        25: {"10": 0.75, "50": 0.15, "70": 0.1},
        50: {"10": 0.5, "20": 0.25, "30": 0.25},
    }
    chosen = pl.lit(None, pl.String)
    for age, shares in bands.items():
        chosen = pl.when(pl.col("years") >= age).then(draw.weighted("relation", shares)).otherwise(chosen)
    return chosen


def _insurance(draw: Draw) -> list[pl.Expr]:
    """Employees and pensioners in the employees' scheme, some of the self-employed too, all others residents."""
    own = pl.col("prfs").is_in([*words()["employed"], "80"])
    own_choice = pl.col("prfs").is_in(["51", "54"]) & (draw.unit("insurance") < 0.5)
    return [
        pl.when(own | own_choice).then(pl.lit("310")).otherwise(pl.lit("390")).alias("hi_type"),
        draw.weighted("insuplc", {"110105": 0.9, "110108": 0.06, "110114": 0.04}).alias("insuplc"),
    ]


def _address(draw: Draw) -> list[pl.Expr]:
    known = words()
    street = pl.concat_str(
        pl.lit("示例市"), draw.one_of("district", known["districts"]), draw.one_of("street", known["streets"]),
        draw.between("house", 1, 299).cast(pl.String), pl.lit("号"),
    )  # fmt: skip
    home = pl.concat_str(street, draw.between("floor", 1, 18).cast(pl.String), pl.lit("层"))
    contact = pl.when(draw.unit("lives apart") < 0.8).then(home).otherwise(street)
    phone = pl.concat_str(pl.lit("1300000"), draw.between("phone", 1001, 9999).cast(pl.String))
    return [
        pl.when(draw.unit("no address") > 0.02).then(home).alias("curr_addr"),
        contact.alias("coner_addr"),
        phone.alias("coner_tel"),
    ]


def _employer(draw: Draw) -> list[pl.Expr]:
    """Employer, its address, phone and postcode; people without one have "-" or blanks."""
    known = words()
    works = pl.col("prfs").is_in(known["employed"])
    nothing = pl.when(draw.unit("dash") < 0.5).then(pl.lit("-"))
    address = pl.concat_str(
        pl.lit("示例市"), draw.one_of("employer district", known["districts"]),
        draw.one_of("employer street", known["streets"]),
        draw.between("employer house", 1, 99).cast(pl.String), pl.lit("号"),
    )  # fmt: skip
    phone = pl.concat_str(pl.lit("010000"), draw.between("employer phone", 10001, 99999).cast(pl.String))
    return [
        pl.when(works).then(draw.one_of("employer", known["employers"])).otherwise(nothing).alias("emp_name"),
        pl.when(works).then(address).otherwise(nothing).alias("emp_addr"),
        pl.when(works & (draw.unit("has phone") < 0.8)).then(phone).otherwise(nothing).alias("emp_tel"),
        pl.when(draw.unit("has postcode") < 0.7)
        .then(known["postcode"] + draw.between("postcode", 20, 39).cast(pl.String))
        .alias("poscode"),
    ]


def _names(draw: Draw) -> list[pl.Expr]:
    """The patient (a newborn goes by the mother's name) and the contact, who is somebody else."""
    male = pl.col("gend") == "1"
    relation = pl.col("patn_rlts")
    surname = draw.one_of("patient surname", list(words()["surnames"]))
    patient = name(draw, "patient", male, surname)
    kin = relation.is_in(["51", "70"]) | (relation.is_in(["20", "30"]) & male)
    contact_male = (
        relation.is_in(["51", "20"])
        | ((relation == "10") & ~male)
        | (relation.is_in(["50", "70"]) & (draw.unit("kin") < 0.5))
    )
    other = draw.one_of("contact surname", list(words()["surnames"]))
    of_contact = pl.when(kin).then(surname).otherwise(other)
    contact = name(draw, "contact", contact_male, of_contact)
    contact = (
        pl.when(contact == patient)
        .then(pl.concat_str(of_contact, pl.lit("家"), contact.str.tail(1)))
        .otherwise(contact)
    )
    child = pl.concat_str(contact, pl.when(male).then(pl.lit("之子")).otherwise(pl.lit("之女")))
    newborn = pl.col("adm_day") - pl.col("brdy_day") <= 28
    return [pl.when(newborn).then(child).otherwise(patient).alias("psn_name"), contact.alias("coner_name")]
