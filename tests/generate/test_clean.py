"""Clean generated cases: nothing fires, and the codes are those of the national tables."""

import polars as pl
import pytest
from stdnum.cn import ric

from tests.shared import NATIONAL, needs_national
from validator import api, generate
from validator.base import files, yaml_csv
from validator.read.partition import Partition
from validator.spec import layouts

INTERFACES = ("4101", "4101A", "4101+2301", "4101+FEE_LIST_D", "4401", "HQMS")
LINES = ("2301", "2204", "FEE_LIST_D")


def tables(cases: int, seed: int = 1, interface: str = "4101", size: int = 100_000) -> dict[str, pl.DataFrame]:
    parts = [part.tables for part, _ in generate.partitions(cases, seed, interface=interface, size=size)]
    return {name: pl.concat([each[name] for each in parts]).drop("_case") for name in parts[0]}


def found(part: Partition) -> list[tuple[str, str, str, str]]:
    report = api.run(api.load(), [part], mask=False)
    return report.findings.select("check", "case_id", "value", "message").unique("check").rows()


@pytest.mark.parametrize("interface", [*INTERFACES, *LINES])
def test_nothing_fires(interface):
    cases = 5000 if interface in INTERFACES[:2] else 300 if interface in LINES else 2000
    part, truth = next(generate.partitions(cases, 3, interface=interface))
    assert found(part) == []
    assert truth.is_empty()


@pytest.mark.slow
@pytest.mark.parametrize("interface", INTERFACES[:2])
def test_nothing_fires_on_a_hundred_thousand(interface):
    part, _ = next(generate.partitions(100_000, 1, interface=interface))
    assert part.tables["setlinfo"].height == 100_000
    assert found(part) == []


@pytest.mark.slow
@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)  # what waits on disk goes with the report
def test_nothing_fires_on_fifty_thousand_stays_with_their_lines():
    parts = (part for part, _ in generate.partitions(50_000, 1, interface="4101+2301", size=3500))
    report = api.run(api.load(), parts)
    assert report.cases.height == 50_000
    assert not any(report.counts().values()), report.counts()


@pytest.mark.parametrize("interface", INTERFACES)
def test_the_same_seed_gives_the_same_cases_whatever_the_size_of_partitions(interface):
    whole, parts = tables(300, interface=interface), tables(300, interface=interface, size=70)
    case = layouts.load()[interface].case
    for name, frame in whole.items():
        assert frame.equals(parts[name]), name
    more = tables(400, interface=interface)
    assert more[case].head(300).equals(whole[case])
    assert not tables(300, seed=2, interface=interface)[case].equals(whole[case])


def test_people_are_fictional_and_their_numbers_agree():
    cases = tables(3000)["setlinfo"]
    assert cases["certno"].is_unique().all()
    for number, born, sex in cases.select("certno", "brdy", "gend").iter_rows():
        assert number[-1] == ric.calc_check_digit(number)
        assert (number[6:14], int(number[16]) % 2) == (born.replace("-", ""), int(sex) % 2)
        assert 113000 <= int(number[:6]) < 120000  # no such division exists
    assert cases["setl_id"].is_unique().all()
    assert cases["setl_id"].str.starts_with("ST0001").all()


def test_money_is_exact():
    found = tables(2000)
    cases = found["setlinfo"].with_row_index("_case").cast({"_case": pl.UInt32})
    part, _ = next(generate.partitions(2000, 1))
    cents = pl.selectors.matches("amt|fee|pay$|payamt").cast(pl.Decimal(18, 2))
    items = part.tables["iteminfo"].with_columns(cents).group_by("_case").agg(pl.col("amt", "fulamt_ownpay_amt").sum())
    funds = part.tables["payinfo"].filter(pl.col("fund_pay_type") != "310200").with_columns(cents)
    funds = funds.group_by("_case").agg(pl.col("fund_payamt").sum())
    joined = cases.with_columns(cents).join(items, on="_case").join(funds, on="_case")
    personal = pl.col("psn_selfpay") + pl.col("psn_ownpay")
    assert joined.height == cases.height
    assert joined.select((pl.col("amt") == pl.col("fund_payamt") + personal).all()).item()
    assert joined.select((personal == pl.col("acct_pay") + pl.col("psn_cashpay")).all()).item()
    assert joined.select((pl.col("psn_ownpay") == pl.col("fulamt_ownpay_amt")).all()).item()


def test_who_is_ventilated_is_in_intensive_care_and_says_how_long():
    found = tables(3000)
    ventilated = found["oprninfo"].filter(pl.col("oprn_oprt_code").str.starts_with("96.7")).height
    hours = found["setlinfo"].filter(pl.col("vent_used_dura").is_not_null() & (pl.col("vent_used_dura") != "0/0/0"))
    assert 0 < ventilated == hours.height < found["icuinfo"].height


def test_every_kind_of_case_turns_up():
    seen = set(tables(5000)["diseinfo"]["diag_code"])
    page = yaml_csv.read_yaml(files.data("schemas") / "generate" / "archetypes.yaml")
    assert seen == set(page["diagnoses"]) | set(page["tcm_diagnoses"])


@needs_national
def test_codes_are_in_force_with_their_standard_names():
    page = yaml_csv.read_yaml(files.data("schemas") / "generate" / "archetypes.yaml")
    for key, name in (("diagnoses", "icd10_nhsa"), ("procedures", "icd9cm3_nhsa")):
        table = pl.read_csv(NATIONAL.codebooks / f"{name}.csv", infer_schema=False).filter(pl.col("grey") == "0")
        names = dict(table.select("code", "name").iter_rows())
        assert {code: names.get(code) for code in page[key]} == dict(page[key])
    drg = NATIONAL.scheme
    groupable = set(pl.read_csv(drg / "valid_principal_diagnosis.csv", infer_schema=False)["code"])
    groupable -= set(pl.read_csv(drg / "principal_without_medical_adrg.csv", infer_schema=False)["code"])
    principal = {code for kind in page["archetypes"].values() for code in kind["principal"]}
    assert principal <= groupable
