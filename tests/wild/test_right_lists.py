"""Lists that are right stay silent: each stands for an exception that a right list can have."""

import copy
import json
from pathlib import Path

import polars as pl
import pytest

import validator

LISTS = sorted((Path(__file__).parent / "right-lists").glob("*.json"))
#: What a right list may be asked to confirm: the hospital bears part of the cost; an operation before the registration.
ASKED = {"X000": {"PY109"}, "Y026": {"OP210"}}


def message(name: str, **changes: object) -> dict[str, object]:
    content = json.loads((Path(__file__).parent / "right-lists" / f"{name}.json").read_text(encoding="utf-8"))
    content["input"]["setlinfo"].update(changes)
    return content


def serious(report: validator.Report) -> pl.DataFrame:
    """The findings above info."""
    return report.findings.filter(pl.col("level").cast(pl.String) != "info")


def checks(*messages: dict[str, object]) -> set[str]:
    return set(serious(validator.check(list(messages)))["check"])


@pytest.mark.parametrize("path", LISTS, ids=lambda path: path.stem)
def test_a_right_list_is_called_right(path):
    found = serious(validator.check(path))
    assert set(found["check"]) == ASKED.get(path.stem, set()), found["message"].to_list()
    assert set(found["level"]) <= {"warning"}


@pytest.mark.parametrize("field", ["coner_name", "coner_addr", "coner_tel", "patn_rlts"])
def test_a_dash_says_that_there_is_nothing_to_fill_in(field):
    assert not checks(message("X021", **{field: "-"}))
    assert checks(message("X021", **{field: "/"})) == {f"setlinfo.{field}/placeholder"}
    assert checks(message("X021", **{field: ""})) == {f"setlinfo.{field}/required"}


def test_a_dash_does_not_fail_where_something_is_demanded():
    outcome = validator.check([message("X021")]).outcomes.filter(check="setlinfo.coner_tel/required").row(0, named=True)
    assert (outcome["rows"], outcome["passed"], outcome["failed"]) == (1, 0, 0)
    assert (outcome["not_applicable"], outcome["unjudged"]) == (1, 0)


def test_only_a_patient_without_a_name_has_no_document_number():
    for blank in ("", "-"):
        assert not checks(message("X021", psn_name="无名氏", certno=blank))
        assert checks(message("X021", certno=blank)) == {"setlinfo.certno/required"}


@pytest.mark.parametrize("copies", [1, 250])  # few lists are read by hand, many by queries
def test_birth_weights_of_twins_are_joined_by_a_comma(copies):
    def lists(weights: str) -> list[dict[str, object]]:
        first = message("twins_4101", nwb_bir_wt=weights)
        some = [copy.deepcopy(first) for _ in range(copies)]
        for number, each in enumerate(some):
            each["input"]["setlinfo"] |= {"setl_id": f"S{number}", "medcasno": f"M{number}", "certno": ""}
        return some

    def found(weights: str) -> set[str]:
        return {check for check in checks(*lists(weights)) if "wt" in check or check.startswith("NB")}

    assert not found("2700,2500")
    assert found("2700;2500") == {"setlinfo.nwb_bir_wt/type"}
    assert found("2700,2e3") == {"setlinfo.nwb_bir_wt/type"}
    assert found("2700,") == {"setlinfo.nwb_bir_wt/type"}
    assert found("2700,25000") == {"setlinfo.nwb_bir_wt/length"}
    assert found("2700,99") == {"setlinfo.nwb_bir_wt/range"}
