"""Every reason for which a case has no group, on a tiny scheme and on whole ones; and in which order they come."""

import polars as pl
import pytest

from tests.grouping import scheme as tiny
from validator.grouping import cases, drg, reasons
from validator.grouping.drg import Limits
from validator.grouping.scheme import DrgScheme
from validator.loaders.schemes import folder

PERSON = {"case_id": "1", "sex": "1", "age": "60", "age_days": None, "weight_g": None, "los": "7", "cost": "8000"}
NEWBORN = {"age": "0", "age_days": "3", "weight_g": "1400"}


def grouped(scheme, diagnoses, procedures="", limits=None, grey=(), **person):
    case = PERSON | {"diagnoses": diagnoses, "procedures": procedures} | person
    frame = pl.DataFrame([case], schema=dict.fromkeys(case, pl.String))
    [row] = drg.group(scheme, cases.from_flat(frame), limits, pl.Series(grey, dtype=pl.String)).to_dicts()
    return row


def reason(scheme, *case, **more):
    row = grouped(scheme, *case, **more)
    status = {None: "grouped", "qy": "ambiguous", "stay_out_of_range": "excluded", "cost_out_of_range": "excluded"}
    assert row["status"] == status.get(row["reason"], "failed")
    if row["status"] == "failed":
        assert row["drg"] == "0000"
    return row["reason"]


@pytest.fixture(scope="module")
def mini():
    return tiny.scheme()


MINI = [
    # reason, diagnoses, operations, what else is so
    (None, "J18.900", "", {}),
    ("input_sex", "J18.900", "", {"sex": None}),
    ("input_sex", "J18.900", "", {"sex": "9"}),
    ("input_sex", "J18.900", "", {"sex": "X"}),
    ("input_age", "J18.900", "", {"age": None}),
    ("principal_missing", "", "", {}),
    ("principal_missing", "|J18.900", "", {}),
    ("principal_missing", "-|J18.900", "", {}),
    ("principal_unknown", "J18.999", "", {}),
    ("principal_grey", "K80.000", "", {"grey": ["K80.000"]}),
    ("principal_refused", "K80.000", "", {}),
    ("principal_refused", "I10.x00x002", "", {}),
    ("principal_refused", "Z53.900", "", {}),  # on the scheme's own list
    ("wrong_sex", "C61.x00", "", {"sex": "2"}),
    ("wrong_sex", "C53.900", "", {}),
    ("wrong_age", "P59.900", "", {}),
    ("newborn_data", "P59.900", "", NEWBORN | {"weight_g": None}),
    ("newborn_data", "P59.900", "", NEWBORN | {"age_days": None}),
    ("newborn_data", "P59.900", "", NEWBORN | {"age_days": "28", "weight_g": None}),
    (None, "P59.900", "", NEWBORN | {"age_days": "29", "weight_g": None}),
    (None, "P59.900", "", NEWBORN),
    ("no_adrg", "N40.x00", "", {}),
    ("no_adrg", "C34.900", "", {}),
    ("qy", "K80.000x002", "47.0100", {}),
    ("stay_out_of_range", "J18.900", "", {"los": "61", "limits": Limits(longest_stay=60)}),
    (None, "J18.900", "", {"los": "60", "limits": Limits(longest_stay=60)}),
    (None, "J18.900", "", {"los": None, "limits": Limits(longest_stay=60)}),
    ("cost_out_of_range", "J18.900", "", {"cost": "3.99", "limits": Limits(lowest_cost=4)}),
    (None, "J18.900", "", {"cost": "4", "limits": Limits(lowest_cost=4)}),
]


@pytest.mark.parametrize(("expected", "diagnoses", "procedures", "more"), MINI)
def test_a_reason(mini, expected, diagnoses, procedures, more):
    assert reason(mini, diagnoses, procedures, **more) == expected


def test_no_category_though_one_lists_the_diagnosis():
    """MDCZ lists it and asks for a second part of the body."""
    frame = pl.concat(
        [
            tiny.frame(),
            pl.DataFrame(
                [
                    ("mdc", "MDCZ", "多发严重创伤", "ZYZD in DI_Z00 and QTZD in DI_Z00", "", 9),
                    ("member", "S06.500", "", "", "DI_Z00", 0),
                    ("adrg", "ZZ1", "多发性重要创伤", "", "MDCZ", 0),
                    ("drg", "ZZ19", "多发性重要创伤", "", "ZZ1", 0),
                ],
                schema=tiny.COLUMNS,
                orient="row",
            ),
        ]
    )
    scheme = DrgScheme(frame)
    assert reason(scheme, "S06.500") == "no_mdc"
    assert reason(scheme, "S06.500", grey=["S06.500"]) == "no_mdc"
    assert reason(scheme, "S06.500|S06.500") is None


def test_an_adrg_without_a_group():
    groups = pl.col("kind").eq("drg") & pl.col("code").eq("ER25")
    scheme = DrgScheme(tiny.frame().filter(~groups))
    row = grouped(scheme, "J18.900")
    assert (row["reason"], row["mdc"], row["adrg"], row["drg"]) == ("no_drg", "MDCE", "ER2", "0000")
    assert grouped(scheme, "J18.900|E11.900")["drg"] == "ER23"


def test_what_is_known_of_a_failed_case_is_reported(mini):
    assert grouped(mini, "N40.x00")["mdc"] == "MDCM"
    row = grouped(mini, "K80.000x002", "47.0100")
    assert (row["mdc"], row["adrg"], row["drg"]) == ("MDCH", None, "HQY")
    row = grouped(mini, "J18.900", sex="9")
    assert (row["mdc"], row["adrg"], row["drg"]) == (None, None, "0000")


def test_the_first_reason_counts(mini):
    """What is wrong with the data comes before what is wrong with the codes."""
    assert reason(mini, "Z53.900", sex=None) == "input_sex"
    assert reason(mini, "", age=None, sex=None) == "input_sex"
    assert reason(mini, "", age=None) == "principal_missing"
    assert reason(mini, "K80.000x002", "47.0100", los="99", limits=Limits(longest_stay=60)) == "stay_out_of_range"


def test_every_reason_has_a_case():
    """Those of DIP stand in the tests of DIP, that of other payment in test_agreement.py."""
    here = {expected for expected, *_ in MINI} | {"no_mdc", "no_drg"}
    elsewhere = {"principal_excluded", "dip_no_group", "paid_otherwise", "day_surgery", "tcm"}
    assert here | elsewhere == {None, *reasons.REASONS}


# ---- a whole scheme


@pytest.fixture(scope="module")
def whole(published):
    return DrgScheme(folder.read(published.scheme), "chs-drg-1.1")


WHOLE = [
    (None, "K80.101", "51.2300", {}),
    ("input_sex", "J18.900", "", {"sex": ""}),
    ("input_age", "J18.900", "", {"age": None}),
    ("principal_missing", "|J18.900", "", {}),
    ("principal_unknown", "J99.999x999", "", {}),
    ("principal_refused", "B95.000", "", {}),
    ("principal_refused", "K80.000", "51.2300", {}),
    ("principal_grey", "K80.000", "51.2300", {"grey": ["K80.000"]}),
    ("wrong_sex", "C61.x00", "", {"sex": "2"}),
    ("wrong_sex", "N80.000", "68.4900", {"sex": "1"}),
    ("wrong_age", "P22.000", "", {"age": "2"}),
    ("newborn_data", "P22.000", "", {"age": "0", "age_days": None, "weight_g": "1200"}),
    ("newborn_data", "P07.300", "", {"age": "0", "age_days": "1", "weight_g": None}),
    ("no_adrg", "A00.900", "", {}),
]


@pytest.mark.parametrize(("expected", "diagnoses", "procedures", "more"), WHOLE)
def test_a_reason_in_a_whole_scheme(whole, expected, diagnoses, procedures, more):
    assert reason(whole, diagnoses, procedures, **more) == expected
