"""What a region changes by an overlay, and how a wrong overlay is reported."""

import copy
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from validator import api, read
from validator.api import Report
from validator.base import files
from validator.base.errors import ConfigError
from validator.checks import examples

FOLDER = files.data("schemas") / "profiles"
EXAMPLES = ["sichuan-like", "shandong-like"]


def report(profile: str, *patches: dict[str, Any], interface: str = "4101") -> Report:
    """The report on one golden case per patch (``table.field`` -> value, of the first row)."""
    catalogue, messages = api.load(profile), []
    for number, patch in enumerate(patches):
        message = copy.deepcopy(examples.interface_message(interface))
        message["input"]["setlinfo"] |= {
            name: f"{name}{number}" for name in ("setl_id", "mdtrt_id", "medcasno", "bill_no", "biz_sn")
        }
        for name, value in patch.items():
            table, field = name.split(".")
            node = message["input"][table]
            (node if table == "setlinfo" else node[0])[field] = value
        messages.append(message)
    return api.run(catalogue, read.from_messages(messages, catalogue.layouts))


def found(profile: str, *patches: dict[str, Any], interface: str = "4101") -> set[str]:
    return set(report(profile, *patches, interface=interface).findings["check"])


def own(tmp_path: Path, text: str) -> str:
    path = tmp_path / "mine.yaml"
    path.write_text(f"name: mine\ntitle_zh: 我\ntitle_en: Mine\nbase: national\n{text}\n", encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_a_small_overlay_that_says_it_is_one(name: str) -> None:
    profile = api.load(name).profile
    assert profile.title("zh").startswith("示例：")
    assert profile.title("en").startswith("Example: ")
    assert len((FOLDER / f"{name}.yaml").read_text(encoding="utf-8").splitlines()) < 50
    assert profile.parameters.keys() == api.load().profile.parameters.keys()


def test_a_region_requires_more() -> None:
    blank = {"setlinfo.emp_addr": "", "oprninfo.anst_dr_code": "", "oprninfo.anst_way": "3"}
    extra = {"setlinfo.emp_addr/required", "oprninfo.anst_dr_code/required"}
    assert extra <= found("sichuan-like", blank)
    assert not extra & found("national", blank)
    levels = {
        check: check_of.level for check, check_of in api.load("sichuan-like").checks("4101").items() if check in extra
    }
    assert set(levels.values()) == {"error"}


def test_a_region_has_other_limits_and_says_so() -> None:
    birth = {"setlinfo.brdy": "2026-07-06", "setlinfo.nwb_bir_wt": "150"}
    messages = {}
    for name in ("national", *EXAMPLES):
        findings = report(name, birth).findings.filter(pl.col("check") == "NB111")
        messages[name] = findings["message"].to_list()
    assert messages["national"] == ["新生儿出生体重 150 克，不在 200 至 9999 克之内"]
    assert messages["sichuan-like"] == ["新生儿出生体重 150 克，不在 200 至 20000 克之内"]
    assert messages["shandong-like"] == []


def test_a_region_grades_and_leaves_out() -> None:
    late = {"setlinfo.setl_end_date": "2026-07-19"}
    levels = {
        name: dict(report(name, late).findings.select("check", "level").iter_rows()) for name in ("national", *EXAMPLES)
    }
    assert levels["national"]["PY203"] == "info"
    assert levels["sichuan-like"]["PY203"] == "error"
    assert "PY203" not in levels["shandong-like"]


def test_a_condition_of_the_region_that_an_interface_cannot_tell_is_not_applicable_there(tmp_path: Path) -> None:
    name = own(tmp_path, "required: {setlinfo.curr_addr: gend = '1'}")
    assert found(name, {"setlinfo.curr_addr": ""}) == {"setlinfo.curr_addr/required"}
    outcomes = report(name, {"setlinfo.curr_addr": ""}, interface="4101A").outcomes
    row = outcomes.filter(pl.col("check") == "setlinfo.curr_addr/required").row(0, named=True)
    assert (row["not_applicable"], row["reason"]) == (1, "4101A 的数据里没有 gend")


# ---- schemes of codes


def mixed(profile: str, *patches: dict[str, Any]) -> dict[str, str]:
    findings = report(profile, *patches).findings.filter(pl.col("check") == "read/mixed-scheme")
    return dict(findings.select("field", "message").iter_rows())


def test_a_batch_that_keeps_to_one_scheme_is_fine() -> None:
    assert mixed("national", {}, {}) == {}
    assert mixed("national", {"setlinfo.trt_type": "1"}, {"setlinfo.trt_type": "3"}) == {}
    assert mixed("national", {"setlinfo.patn_rlts": "1"}, {"setlinfo.patn_rlts": "2"}) == {}  # the front page's
    assert mixed("national", {"setlinfo.patn_rlts": "1"}, {"setlinfo.patn_rlts": "10"}) == {}  # the platform's
    assert mixed("national", {"setlinfo.patn_rlts": "10"}, {"setlinfo.patn_rlts": "21"}) == {}  # GB/T 4761


def test_a_batch_that_mixes_schemes_is_reported_once_with_a_case_of_each() -> None:
    relations = [{"setlinfo.patn_rlts": code} for code in ("10", "10", "2")]
    assert mixed("national", *relations) == {
        "patn_rlts": "这批数据的“与患者关系”混用了几套代码，或不是本地规定的那一套：“10”2 例（如 setl_id0），“2”1 例（如 setl_id2）"
    }
    message = mixed("national", {}, {"setlinfo.trt_type": "1"})["trt_type"]
    assert "“1”1 例（如 setl_id1）" in message


def test_the_case_that_is_named_is_the_same_in_whatever_order_the_cases_come() -> None:
    codes = ("21", "10", "2", "10", "2")
    lists = [{"setlinfo.patn_rlts": code, "setlinfo.setl_id": f"S{place}"} for place, code in enumerate(codes)]
    found = mixed("national", *lists)
    assert "“10”2 例（如 S1），“2”2 例（如 S2）" in found["patn_rlts"]
    assert mixed("national", *lists[::-1]) == found


def test_a_code_of_another_scheme_fails_where_the_profile_names_one() -> None:
    assert "setlinfo.trt_type/value" in found("sichuan-like", {"setlinfo.trt_type": "1"})
    assert "setlinfo.trt_type/value" not in found("national", {"setlinfo.trt_type": "1"})
    assert "setlinfo.patn_rlts/value" in found("shandong-like", {"setlinfo.patn_rlts": "2"})


def test_types_of_diagnosis_tell_their_scheme_by_the_codes_with_them() -> None:
    assert mixed("shandong-like", {}) == {}  # the golden case uses A
    message = mixed("sichuan-like", {})["diag_type"]
    assert "A 套" in message
    assert "本地方案规定用B 套" in message


# ---- wrong overlays


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("required: {setlinfo.nope: always}", 5, "setlinfo.nope"),
        ("required:\n  setlinfo.trt_type: always\n  trt_type: always", 7, "表.字段"),
        ("required: {setlinfo.trt_type: nope = '1'}", 5, "nope"),
        ("required: {setlinfo.trt_type: is_inpatient AND}", 5, "SQL"),
        ("required: {setlinfo.trt_type: adm_way}", 5, "应是真假"),
        ("required: [setlinfo.trt_type]", 5, "名称: 值"),
        ("levels:\n  DX101: info\n  DX999: info", 7, "DX999"),
        ("ignore: [setlinfo.nope]", 5, "setlinfo.nope"),
        ("schemes: {diag_type: C}", 5, "any、A、B"),
        ("schemes: {gend: A}", 5, "gend"),
        ("schemes: {nope: A}", 5, "nope"),
        ("parameters:\n  nope: 1", 6, "nope"),
    ],
)
def test_a_wrong_overlay_is_reported_with_file_and_line(tmp_path: Path, text: str, line: int, message: str) -> None:
    name = own(tmp_path, text)
    with pytest.raises(ConfigError, match=message) as error:
        api.load(name)
    assert str(error.value).startswith(f"{name}:{line}"), error.value


def test_an_overlay_is_found_next_to_the_one_that_names_it(tmp_path: Path) -> None:
    own(tmp_path, "levels: {DX101: warning}")
    city = tmp_path / "city.yaml"
    city.write_text("name: city\ntitle_zh: 市\ntitle_en: City\nbase: mine.yaml\nignore: [一致性]\n", encoding="utf-8")
    profile = api.load(str(city)).profile
    assert (profile.levels, profile.ignore) == ({"DX101": "warning"}, ("一致性",))


def test_an_overlay_cannot_rest_on_itself(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("name: mine\ntitle_zh: 我\ntitle_en: Mine\nbase: mine.yaml\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="自己"):
        api.load(str(path))
