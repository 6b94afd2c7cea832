"""One stay in two documents: what agrees raises nothing, each contradiction its own finding and no other."""

import copy
from decimal import Decimal

import polars as pl
import pytest

from tests import tables
from tests.checks import stays
from validator import api
from validator.base import files, yaml_csv
from validator.base.errors import ConfigError
from validator.checks import examples
from validator.checks.story.editions import CodeMap, Counterpart
from validator.codes.editions import detect

#: What is written on the record instead (node, row or None, field, value) -> the checks that say so.
CONTRADICTIONS = {
    ("baseinfo", None, "psn_name", "林另名"): {"ST102"},
    ("baseinfo", None, "gend", "2"): {"ST103"},
    ("baseinfo", None, "brdy", "1957-04-19"): {"ST104"},
    ("baseinfo", None, "age", 70): {"ST105"},
    ("baseinfo", None, "ntly", "USA"): {"ST107"},
    ("baseinfo", None, "naty", "02"): {"ST108"},
    ("baseinfo", None, "certno", "11010519570418005X"): {"ST109"},
    ("baseinfo", None, "prfs", "11"): {"ST110"},
    ("baseinfo", None, "coner_rlts_code", "2"): {"ST111"},
    ("baseinfo", None, "curr_addr", "别处市别处街9号"): {"ST112"},
    ("baseinfo", None, "empr_poscode", "200000"): {"ST113"},
    ("baseinfo", None, "adm_way_code", "1"): {"ST201"},
    ("baseinfo", None, "trt_type", "2.1"): {"ST202"},
    ("baseinfo", None, "adm_date", "2026-07-05"): {"ST203"},
    ("baseinfo", None, "dscg_date", "2026-07-19"): {"ST204"},
    ("baseinfo", None, "adm_caty", "A03.04"): {"ST205"},
    ("baseinfo", None, "dscg_caty", "A03"): {"ST206"},
    ("baseinfo", None, "Refldept_caty_name", "A03.04→A04.01"): {"ST207"},
    ("baseinfo", None, "ipt_days", 13): {"ST208"},
    ("baseinfo", None, "dscg_way", "4"): {"ST209"},
    ("baseinfo", None, "dscg_31days_rinp_flag", "2"): {"ST211"},
    ("baseinfo", None, "dscg_31days_rinp_pup", "化疗"): {"ST212"},
    ("baseinfo", None, "brn_damg_bfadm_coma_dura", "0/1/0"): {"ST213"},
    ("baseinfo", None, "vent_used_dura", "0/19/30"): {"ST215"},
    ("baseinfo", None, "chfpdr_name", "医师己"): {"ST216"},
    ("baseinfo", None, "blo_fee", 0): {"ST331"},
    ("baseinfo", None, "medfee_sumamt", 57220.01): {"ST401"},
    ("baseinfo", None, "selfpay_amt", 12000): {"ST402"},
    ("baseinfo", None, "nurs_fee", 1261): {"ST403"},
    ("diseinfo", 0, "diag_code", "C20.x00"): {"ST301"},
    ("diseinfo", 0, "diag_code", "C18.600"): {"ST302"},
    ("diseinfo", 4, "diag_code", "E78.500"): {"ST303", "ST304"},
    ("diseinfo", 3, "adm_cond_code", "2"): {"ST306"},
    ("diseinfo", 4, "vali_flag", "0"): {"ST303"},
    ("oprninfo", 0, "oprn_oprt_code", "45.7600"): {"ST311"},
    ("oprninfo", 1, "oprn_oprt_code", "88.7601"): {"ST313", "ST314"},
    ("oprninfo", 1, "canc_oprn_flag", "1"): {"ST313"},
    ("oprninfo", 0, "oprn_oprt_date", "2026-07-08"): {"ST315"},
    ("oprninfo", 0, "oper_name", "医师己"): {"ST316"},
    ("oprninfo", 0, "anst_mtd_code", "3"): {"ST317"},
    ("oprninfo", 0, "anst_dr_name", "医师庚"): {"ST318"},
    ("icuinfo", 0, "out_icu_time", "2026-07-08 15:31:00"): {"ST321"},
}
#: The same in another way, or what cannot be compared.
NO_CONTRADICTION = [
    ("baseinfo", None, "medcasno", "m202600101"),
    ("baseinfo", None, "psn_name", "林 测试"),
    ("baseinfo", None, "age", "69.3"),
    ("baseinfo", None, "ntly", "中国"),
    ("baseinfo", None, "naty", "1"),
    ("baseinfo", None, "certno", "110105********0077"),
    ("baseinfo", None, "coner_rlts_code", "12"),
    ("baseinfo", None, "adm_date", "2026-07-06 09:00:00"),
    ("baseinfo", None, "adm_caty", "0401"),
    ("baseinfo", None, "adm_caty", "A04"),
    ("baseinfo", None, "Refldept_caty_name", "本院重症室→本院外科"),
    ("baseinfo", None, "vent_used_dura", "0/18/0"),
    ("baseinfo", None, "vent_used_dura", "1"),
    ("baseinfo", None, "medfee_sumamt", ""),
    ("baseinfo", None, "gend", "男"),
    ("diseinfo", 3, "adm_cond_code", ""),
    ("icuinfo", 0, "out_icu_time", "8日下午"),
]


KEYS = {"4401": "就诊ID", "HQMS": "病案号和入院日期", "WT4": "病案号和入院日期"}


def stay(number=0, change=None):
    """The golden stay as list and record, under a number of its own, with one value of the record changed."""
    mine, theirs = (copy.deepcopy(examples.interface_message(name)) for name in ("4101", "4401"))
    own, other = mine["input"]["setlinfo"], theirs["input"]["baseinfo"]
    own |= {"setl_id": f"ST{number}", "mdtrt_id": f"MD{number}"}
    other |= {"mdtrt_sn": f"SN{number}", "mdtrt_id": f"MD{number}"}
    if change:
        node, row, field, value = change
        (theirs["input"][node] if row is None else theirs["input"][node][row])[field] = value
    return mine, theirs


def compared(changes, **options):
    """Which pairs disagree, stay by stay."""
    documents = [each for number, change in enumerate(changes) for each in stay(number, change)]
    report = api.check(documents, select=["ST"], record_edition="insurance", **options)
    assert report.joined == {"就诊ID": len(changes)}
    found = dict(report.findings.group_by("case_id").agg("check").rows())
    return [set(found.get(f"ST{number}", ())) for number in range(len(changes))], report


def test_one_contradiction_is_one_finding():
    found, report = compared(list(CONTRADICTIONS))
    assert dict(zip(CONTRADICTIONS, found, strict=True)) == CONTRADICTIONS
    assert report.cases["layout"].unique().to_list() == ["4101"]
    one = report.findings.row(by_predicate=pl.col("check") == "ST103", named=True)
    assert (one["value"], one["other_document"], one["other_value"]) == ("1", "record", "2")
    assert (one["source"]["path"], one["other_source"]["path"]) == ("$.input.setlinfo.gend", "$.input.baseinfo.gend")
    hidden = report.findings.filter(check="ST102").row(0, named=True)
    assert (hidden["value"], hidden["other_value"]) == ("林**", "林**")
    assert "林另名" not in str(report.findings.rows())


def test_what_is_written_otherwise_or_cannot_be_judged_is_no_contradiction():
    found, report = compared(NO_CONTRADICTION)
    assert dict(zip(map(str, NO_CONTRADICTION), found, strict=True)) == {str(each): set() for each in NO_CONTRADICTION}
    hidden = report.outcomes.row(by_predicate=pl.col("check") == "ST109", named=True)
    assert (hidden["passed"], hidden["unjudged"]) == (len(NO_CONTRADICTION) - 1, 1)


def test_a_golden_stay_in_three_documents_raises_nothing():
    mine, theirs = (examples.interface_message(name) for name in ("4101", "4401"))
    lines = copy.deepcopy(examples.interface_message("2301"))
    lines["input"].pop("mdtrtinfo")
    for row in lines["input"]["feedetail"]:
        row["mdtrt_id"] = "MD0000000101"
    report = api.check(list=mine, record=theirs, fees=lines, record_edition="insurance")
    assert (report.findings.height, report.cases["layout"].to_list()) == (0, ["4101+2301"])
    assert api.check([theirs, lines, mine], record_edition="insurance").findings.height == 0


def test_the_order_of_diagnoses_is_compared():
    mine, theirs = stay()
    rows = theirs["input"]["diseinfo"]
    rows[2:4] = rows[3:1:-1]
    report = api.check([mine, theirs], select=["ST"], record_edition="insurance")
    assert report.findings["check"].to_list() == ["ST305"]


def test_codes_are_compared_only_where_the_edition_is_known(tmp_path):
    mine, theirs = stay()
    report = api.check([mine, theirs], codebooks=tmp_path)
    outcome = report.outcomes.row(by_predicate=pl.col("check") == "ST301", named=True)
    assert (outcome["unjudged"], report.findings.height) == (1, 0)
    assert "版" in outcome["reason"]


def test_a_record_in_the_clinical_edition_is_compared_through_the_map(tmp_path):
    store = tables.national(tmp_path)
    known = [(code, code, name) for code, name, _ in tables.DIAGNOSES]
    known += [("C18.700x901", "C18.700", "乙状结肠恶性肿瘤"), ("C18.601x901", "N40.x00", "前列腺增生")]
    tables.add(store, "icd10_map", known, "code", "target", "target_name")
    tables.add(store, "icd9cm3_map", [(c, c, n) for c, n, _ in tables.PROCEDURES], "code", "target", "target_name")
    same, other, unknown = (stay(n, ("diseinfo", 0, "diag_code", f"C18.{n}")) for n in range(3))
    for each, code in ((same, "C18.700x901"), (other, "C18.601x901"), (unknown, "C18.799x902")):
        each[1]["input"]["diseinfo"][0]["diag_code"] = code
    report = api.check([*same, *other, *unknown], select=["ST"], codebooks=tmp_path)
    (one,) = report.findings.to_dicts()
    assert (one["check"], one["case_id"], one["value"], one["other_value"]) == (
        "ST301",
        "ST1",
        "C18.700",
        "C18.601x901",
    )
    assert "（国临版，对应医保版 N40.x00 前列腺增生）" in one["message"]
    outcome = report.outcomes.row(by_predicate=pl.col("check") == "ST301", named=True)
    assert [outcome[name] for name in ("passed", "failed", "unjudged")] == [1, 1, 1]


def test_the_edition_is_that_of_the_codes_that_one_edition_alone_has():
    insurance, clinical = {"A1", "B1", "C1"}, {"A1", "B2", "C2"}
    assert detect({"A1"}, insurance, clinical) == "either"
    assert detect({"A1", "B1"}, insurance, clinical) == "insurance"
    assert detect({"A1", "B2", "C2"}, insurance, clinical) == "clinical"
    assert detect({"B1", "B2"}, insurance, clinical) == "mixed"
    targets = {"A1": Counterpart("A9"), "B2": Counterpart("B1")}
    assert CodeMap("clinical", targets).of("B2") == Counterpart("B1")
    assert CodeMap("clinical", targets).of("X") is None
    assert CodeMap("insurance", targets).of("A1") == Counterpart("A1")
    assert CodeMap("either", targets).of("A1") is None  # it means another thing in the other edition
    assert CodeMap("either", targets).of("C1") == Counterpart("C1")
    assert CodeMap("unknown").of("C1") is None


def test_what_joins_no_other_document_is_reported():
    mine, theirs = stay(1)
    alone, twice = stay(2), stay(3)
    twice[0]["input"]["setlinfo"]["mdtrt_id"] = ""
    again = copy.deepcopy(twice[1])
    for each in (twice[1], again):
        each["input"]["baseinfo"] |= {"mdtrt_id": "", "medcasno": "M3"}
    twice[0]["input"]["setlinfo"]["medcasno"] = "M3"
    report = api.check(
        list=[mine, alone[0], twice[0]], record=[theirs, stay(4)[1], twice[1], again], select=["ST", "read"]
    )
    found = sorted(report.findings.select("check", "case_id").rows())
    assert found == [
        ("read/ambiguous-record", "ST3"), ("read/no-record", "ST2"), ("read/only-record", "SN3"),
        ("read/only-record", "SN3"), ("read/only-record", "SN4"),
    ]  # fmt: skip
    assert report.joined == {"就诊ID": 1}
    assert report.cases.height == 3 + 3


def test_the_report_names_the_second_best_key():
    mine, theirs = stay()
    theirs["input"]["baseinfo"]["mdtrt_id"] = ""
    theirs["input"]["baseinfo"]["medcasno"] = "00M202600101"
    report = api.check([mine, theirs], select=["ST"], record_edition="insurance")
    assert (report.joined, report.findings.height) == ({"病案号和入院日期": 1}, 0)
    theirs["input"]["baseinfo"]["mdtrt_id"] = "MD9"  # of another stay, whatever its number and day
    assert api.check([mine, theirs], select=["ST"]).joined == {}


@pytest.mark.parametrize("interface", stays.RECORDS)
def test_generated_stays_raise_nothing_but_what_is_planted(interface):
    """With charge lines and by all checks; 50,000 of each by one command: python -m tests.checks.stays."""
    ((agreeing, _),) = stays.stays(api.load(), 700, 3, interface)
    assert (stays.surprises(agreeing, []), agreeing.joined, agreeing.cases.height) == ([], {KEYS[interface]: 700}, 700)
    ((report, planted),) = stays.stays(api.load(), 200, 4, interface, share=1)
    assert (stays.surprises(report, planted), len(planted)) == ([], 200)


def test_generated_records_in_the_clinical_edition_raise_nothing(tmp_path):
    clinical = stays.invented(tmp_path)
    ((report, _),) = stays.stays(api.load(codebooks=tmp_path), 300, 5, "4401", clinical)
    outcomes = report.outcomes.rows_by_key("check", named=True, unique=True)
    assert (stays.surprises(report, []), [outcomes["ST301"][name] for name in ("rows", "passed")]) == ([], [300, 300])
    assert any(code != other for code, other in clinical["icd10"].items())


def test_what_is_known_at_discharge_only_does_not_apply_in_stay():
    mine, _ = stay()
    known = yaml_csv.read_yaml(files.data("schemas") / "stages.yaml")["in_stay"]
    own = mine["input"]["setlinfo"]
    own |= {name.partition(".")[2]: "" for name in known["fields"] if name.partition(".")[2] in own}
    own |= {"vent_used_dura": "", "gend": "7"}
    mine["input"] |= {"iteminfo": [], "payinfo": []}
    report = api.check(mine, stage="in_stay")
    assert set(report.findings["check"]) == {"setlinfo.gend/value"}  # what is known must be right
    for name in ("setlinfo.dscg_time/required", "CH104"):
        outcome = report.outcomes.row(by_predicate=pl.col("check") == name, named=True)
        assert (outcome["status"], outcome["not_applicable"], outcome["failed"]) == ("ran", 1, 0)
    with pytest.raises(ConfigError, match="没有阶段"):
        api.check(mine, stage="nowhere")


def lines_alone(interface):
    """The golden record and the charge lines of its stay."""
    record, lines = (copy.deepcopy(examples.interface_message(name)) for name in ("4401", interface))
    lines["input"].pop("mdtrtinfo", None)
    rows = lines["input"]["feedetail"]
    for row in rows:
        row["mdtrt_id"] = record["input"]["baseinfo"]["mdtrt_id"]
    record["input"]["baseinfo"]["medfee_sumamt"] = str(sum(Decimal(str(row["det_item_fee_sumamt"])) for row in rows))
    return record, lines


@pytest.mark.parametrize("interface", ["2301", "FEE_LIST_D"])
def test_charge_lines_without_a_list_are_compared_with_the_record(interface):
    record, lines = lines_alone(interface)
    report = api.check(record=record, fees=lines, select=["ST", "read"])
    outcomes = report.outcomes.rows_by_key("check", named=True, unique=True)
    assert (report.joined, report.findings.height, report.cases.height) == ({"就诊ID": 1}, 0, 2)
    assert [outcomes[each]["passed"] for each in ("ST501", "ST502")] == [1, 1]
    assert outcomes["ST503"]["passed"] == (6 if interface == "FEE_LIST_D" else 0)
    record["input"]["baseinfo"]["medfee_sumamt"] = "1.00"
    lines["input"]["feedetail"][0]["fee_ocur_time"] = "2026-07-20 08:00:00"
    found = api.check([lines, record], select=["ST"]).findings
    assert found["check"].to_list() == ["ST501", "ST502"]
    assert "费用发生在 2026-07-20 08:00:00，病案首页的住院是 2026-07-06 ~ 2026-07-18" in found["message"][0]
    mine = copy.deepcopy(examples.interface_message("4101"))
    with_list = api.check(list=mine, record=record, fees=lines, select=["ST5"])
    assert with_list.findings.is_empty()  # the list's own rules judge the lines then
