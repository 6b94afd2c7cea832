"""Schemes whose rules stand in the workbooks' own language group random cases as a naive second reading does."""

import polars as pl
import pytest

from tests.grouping import second, whole
from tests.shared import MADE_UP, SHARED
from validator.base.errors import InputError
from validator.generate import flat
from validator.grouping import cases, drg
from validator.grouping.drg import Limits
from validator.grouping.scheme import DrgScheme
from validator.loaders.schemes import folder


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    return whole.folder(MADE_UP.scheme, tmp_path_factory.mktemp("scheme") / "whole")


def test_rules_in_the_own_language_group_as_the_second_reading(tables):
    result, differing = second.compared(tables, 8_000, seed=7)
    assert not differing, differing[:3]
    statuses = dict(result["status"].value_counts().iter_rows())
    assert min(statuses[name] for name in ("grouped", "failed", "ambiguous")) > 100
    found = set(result["adrg"].drop_nulls())
    assert {"ER1", "GR1", "HB1", "PS2"} <= found


def test_each_stated_rule_decides_some_case(tables):
    """Without the rules the same cases group otherwise."""
    drawn = flat.drawn(DrgScheme(folder.read(tables), "whole"), 4_000, seed=7)
    ours, plain = (
        drg.group(DrgScheme(folder.read(each), "x"), cases.from_flat(drawn)) for each in (tables, MADE_UP.scheme)
    )
    changed = ours.filter((ours["mdc"] != plain["mdc"]).fill_null(value=True))
    assert set(changed["mdc"].drop_nulls()) >= {"MDCP", "MDCX"}
    for adrg in ("ER1", "GR1", "HB1"):
        assert (ours["adrg"] == adrg).sum() < (plain["adrg"] == adrg).sum()


@pytest.mark.parametrize("name", ["chs_drg_10", "chs_drg_20"])
def test_further_editions_group_as_the_second_reading(name):
    if not (SHARED / name).is_dir():
        pytest.skip(f"{name} is not in the repository")
    _, differing = second.compared(SHARED / name, 2_000, seed=3)
    assert not differing, differing[:3]


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("ZYZD in DI_ER1 and QTZD", r"adrg\.csv 第 39 行.*此处应为 in"),
        ("ZYZD in DI_NONE", r"adrg\.csv 第 39 行.*DI_NONE"),
        ("QTSS in MCC", r"adrg\.csv 第 39 行.*MCC"),
    ],
)
def test_a_rule_that_cannot_be_read_names_its_row(tmp_path, monkeypatch, rule, text):
    monkeypatch.setitem(whole.RULES, "ER1", rule)
    with pytest.raises(InputError, match=text):
        folder.read(whole.folder(MADE_UP.scheme, tmp_path / "wrong"))


@pytest.mark.parametrize(
    ("days", "newborn_days", "status"), [(28, 28, "ambiguous"), (29, 28, "grouped"), (29, 30, "ambiguous")]
)
def test_the_newborn_period_of_ambiguous_cases_is_the_profiles(tables, days, newborn_days, status):
    scheme = DrgScheme(folder.read(tables), "whole")
    sets = {str(name): part["code"].to_list() for (name,), part in scheme.part("member").group_by("parent")}
    taken = {code for adrg in scheme.adrgs["MDCP"] for code in sets.get(f"OP_{adrg.code}", ())}
    operation = next(code for code in sets["OP_ALL"] if code not in taken)
    row = {
        "case_id": "1", "sex": "1", "age": "0", "age_days": str(days), "weight_g": "3300",
        "diagnoses": sets["DI_P00"][0], "procedures": operation,
    }  # fmt: skip
    result = drg.group(scheme, cases.from_flat(pl.DataFrame([row])), Limits(newborn_days=newborn_days))
    assert result["status"].to_list() == [status]
