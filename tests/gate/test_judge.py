"""What becomes of a batch, and which suites are wrong."""

import json

import pytest

from tests.gate.batch import batch, between, message, needs_extra, report
from validator import gate
from validator.base import files, language
from validator.base.errors import ConfigError
from validator.spec.intake import Intake, Tolerance

pytestmark = needs_extra
SHIPPED = sorted((files.data("schemas") / "gates").glob("*.json"))


def outcomes(verdict):
    return [each.outcome for each in verdict.judgements]


def test_a_clean_batch_is_accepted():
    verdict = gate.judge(batch(2), "default", declared=2)
    assert verdict.disposition == "accept"
    assert "failed" not in outcomes(verdict)
    assert [each.demand.metrics[0] for each in verdict.judgements if each.outcome != "passed"] == ["opsp_completeness"]
    assert verdict.summary == "批次门槛 default：接收整批"


def test_a_batch_with_too_many_faulty_cases_is_returned():
    verdict = gate.judge(batch(4, faulty=1), "default", declared=4)
    failed = [each for each in verdict.judgements if each.outcome == "failed"]
    assert [each.demand.metrics for each in failed] == [("faulty_share",)]
    assert failed[0].demand.text == "出错病例的占比在容许范围内：≤ 1%"
    assert failed[0].observed == "25% (1 / 4)"
    assert verdict.disposition == "return"


def test_a_batch_with_cases_missing_is_returned():
    assert gate.judge(batch(2), "default", declared=3).disposition == "return"


def test_the_limit_itself_is_within(suite):
    path = suite(between("faulty_share", high=0.25), between("pass_rate", low=0.75), between("cases", 4, 4))
    assert outcomes(gate.judge(batch(4, faulty=1), path)) == ["passed"] * 3


def test_a_strict_limit_is_not_within(suite):
    path = suite(between("faulty_cases", high=1, kwargs={"strict_max": True}))
    verdict = gate.judge(batch(4, faulty=1), path)
    assert outcomes(verdict) == ["failed"]
    assert verdict.judgements[0].demand.limit == "< 1"


def test_only_a_critical_demand_returns_the_batch(suite):
    path = suite(between("faulty_cases", high=0, severity="warning"), between("cases", low=1))
    verdict = gate.judge(batch(2, faulty=1), path)
    assert verdict.disposition == "accept"
    assert [str(each.word) for each in verdict.judgements] == ["提醒", "通过"]


def test_what_has_no_value_is_not_judged_and_says_why():
    verdict = gate.judge(batch(2), "default")
    unjudged = {each.demand.metrics[0]: each.reason for each in verdict.judgements if each.outcome == "not_judged"}
    assert "--declared" in unjudged["received_share"]
    assert unjudged["opsp_completeness"] == "分母为 0"  # no outpatient chronic disease in the batch
    assert verdict.disposition == "accept"


def test_limits_of_a_profile_by_both_readings():
    reports = {(cases, faulty): batch(cases, faulty) for cases, faulty in ((4, 0), (4, 1), (4, 2), (9, 2))}

    def dispositions(passes, rejects=()):
        """Of each report, with a quarter of the cases and one case as limits."""
        suite = gate.read("intake", Intake(tolerance=Tolerance(0.25, 1, passes), rejects=rejects))
        return [gate.judge(report, suite).disposition for report in reports.values()]

    assert dispositions("both") == ["accept", "accept", "return", "return"]  # 1 of 4 is exactly at both limits
    assert dispositions("either") == ["accept", "accept", "return", "accept"]  # 2 of 9 are less than a quarter
    assert dispositions("either", ("setlinfo.gend/value",)) == ["accept", "return", "return", "return"]


AT_THE_LIMIT = (
    "received_share", "duplicate_cases", "faulty_share", "faulty_cases", "pass_rate", "grouping_rate", "timely_share", "arrival_share",
    "unusual_figures",
)  # fmt: skip


def test_every_metric_of_the_intake_passes_at_its_limit_and_not_beyond(suite):
    checked = report(message(1), message(2, ntly=None), message(3, bill_code=None))
    known = dict.fromkeys(AT_THE_LIMIT, (1, 4))
    parts = [name for name, row in gate.metrics.known().items() if row["item"]]
    values = {
        name: each.value
        for name, each in gate.metrics.measure(checked, further=known).items()
        if name in (*known, *parts)
    }
    values.pop("opsp_completeness")  # of no case here
    assert 0 < values["basic_completeness"] < 1
    at = [between(name, value, value) for name, value in values.items()]
    beyond = [between(name, low=value * (1 + 1e-12)) for name, value in values.items()]
    verdict = gate.judge(checked, suite(*at, *beyond), further=known)
    assert outcomes(verdict) == ["passed"] * len(values) + ["failed"] * len(values)


def test_a_suite_may_insist_on_a_value():
    verdict = gate.judge(batch(2), "strict")
    failed = [each.demand.limit for each in verdict.judgements if each.outcome == "failed"]
    assert failed == ["必须提供"]
    assert verdict.disposition == "return"
    assert gate.judge(batch(2), "strict", declared=2).disposition == "accept"


@pytest.mark.filterwarnings("error")
def test_a_condition_that_does_not_hold_is_not_judged(suite):
    only_large = {"row_condition": "cases > 100", "condition_parser": "pandas"}
    path = suite(between("faulty_share", high=0.01, kwargs=only_large))
    assert outcomes(gate.judge(batch(2, faulty=1), path)) == ["not_judged"]


def test_other_expectations_of_great_expectations_work(suite):
    path = suite(
        {"type": "expect_column_values_to_be_in_set", "kwargs": {"column": "layouts", "value_set": [1]}},
        {"type": "expect_column_pair_values_to_be_equal", "kwargs": {"column_A": "cases", "column_B": "declared"}},
        {"type": "expect_multicolumn_sum_to_equal", "kwargs": {"column_list": ["errors", "infos"], "sum_total": 0}},
    )
    verdict = gate.judge(batch(2), path, declared=3)
    assert outcomes(verdict) == ["passed", "failed", "passed"]
    assert verdict.judgements[1].demand.note == "收到的病例、申报的病例"
    assert verdict.judgements[1].observed == "2 / 3；3"


def test_verdicts_keep_the_order_of_the_suite():
    verdict = gate.judge(batch(1), "default")
    page = json.loads((files.data("schemas") / "gates" / "default.json").read_text(encoding="utf-8"))
    assert [each.demand.metrics[0] for each in verdict.judgements] == [
        each["kwargs"]["column"] for each in page["expectations"]
    ]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_gates_say_what_they_mean_in_both_languages(path):
    page = json.loads(path.read_text(encoding="utf-8"))
    assert page["name"] == path.stem
    assert "示例" in page["notes"]
    assert "example" in page["meta"]["notes_en"]
    assert all(set(each["meta"]) == {"notes", "notes_en"} for each in page["expectations"])
    language.use("en")
    demands = gate.read(path.stem).demands
    assert all(each.text.isascii() for each in demands if not set(each.text) & set("≤≥"))


def test_a_note_may_stand_where_great_expectations_has_it(suite):
    path = suite(between("cases", low=1, description="有病例"), between("cases", low=1, meta={"notes": ["一", "二"]}))
    assert [each.note for each in gate.read(path).demands] == ["有病例", "一\n二"]


@pytest.mark.parametrize(
    ("expectation", "message"),
    [
        ({"type": "expect_the_best", "kwargs": {"column": "cases"}}, "expect_the_best"),
        (between("faulty_shares", high=1), "没有指标“faulty_shares”；可用：faulty_share"),
        (between("cases", low=1, kwargs={"max_valu": 3}), "max_valu"),
        (between("cases", low=1, severty="warning"), "severty"),
        (between("cases", low=1, severity="grave"), "grave"),
        (between("cases"), "没有上下限"),
        (between("cases", high={"$PARAMETER": "most"}), "应是数字"),
        (between("cases", high=float("nan")), "应是数字"),
        (between("faulty_share", high=5), "1% 是 0.01"),
        (between("cases", low=1, kwargs={"row_condition": "nothing > 1", "condition_parser": "pandas"}), "nothing"),
        ({"type": "expect_table_row_count_to_be_between", "kwargs": {"min_value": 1}}, "没有看任何指标"),
        ({"kwargs": {}}, "type"),
        ("cases", "type"),
    ],
)
def test_a_wrong_expectation_is_named_with_file_and_line(suite, expectation, message):
    path = suite(between("cases", low=1), expectation)
    with pytest.raises(ConfigError) as raised:
        gate.judge(batch(1), path)
    assert str(raised.value).startswith(str(path))
    assert message in str(raised.value)


def test_the_line_is_that_of_the_expectation(suite):
    path = suite(between("cases", low=1), between("nothing", low=1))
    lines = path.read_text(encoding="utf-8").splitlines()
    second = [number for number, line in enumerate(lines, 1) if '"type"' in line][1]
    with pytest.raises(ConfigError, match=f"门槛.json:{second}："):
        gate.read(path)


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[]",
        '{"name": "x"}',
        '{"name": "x", "expectations": []}',
        '{"expectations": [{"type": "y"}]}',
        b"\xff\xfe\x00",
    ],
)
def test_a_file_that_is_no_suite_is_named(tmp_path, content):
    path = tmp_path / "门槛.json"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ConfigError, match=r"门槛\.json"):
        gate.read(path)


def test_a_key_that_nobody_reads_is_refused(suite):
    with pytest.raises(ConfigError, match="expectation_suite_name"):
        gate.read(suite(between("cases", low=1), expectation_suite_name="x"))


def test_for_an_unknown_gate_the_known_ones_are_named():
    with pytest.raises(ConfigError, match="default、either、intake、strict"):
        gate.read("lenient")


def test_a_verdict_is_written_as_aggregates(tmp_path):
    checked = report(message(1, gend="7"))
    verdict = gate.judge(checked, "default", declared=1)
    path = gate.write(verdict, checked, tmp_path / "gate.json")
    written = json.loads(path.read_text(encoding="utf-8"))
    assert written["disposition"] == "return"
    assert written["suite"] == "default"
    assert {"metric", "value", "numerator", "denominator"} <= set(written["metrics"][0])
    assert {"note", "limit", "observed", "outcome", "severity"} <= set(written["expectations"][0])
    assert "张三" not in path.read_text(encoding="utf-8")


def test_one_rule_may_return_a_batch_and_either_reading_of_tolerance_is_a_gate(suite):
    one = suite(between("findings:setlinfo.gend/", high=0))
    assert gate.judge(batch(2), one).disposition == "accept"
    assert gate.judge(batch(2, faulty=1), one).disposition == "return"
    assert gate.judge(batch(4, faulty=1), "default").disposition == "return"
    assert gate.judge(batch(4, faulty=1), "either").disposition == "accept"
