import polars as pl
import pytest

from tests.grouping import scheme as tiny
from validator.base.errors import InputError
from validator.grouping import drg, feedback
from validator.grouping.cases import from_flat
from validator.read import named_columns

ROWS = [
    ("a", "K80.101|J96.000", "51.2300"),  # HC11
    ("b", "K80.101", "51.2300"),  # HC15
    ("c", "K80.101", None),  # HU15
    ("d", "K80.101", "47.0100"),  # HQY
    ("e", "K80.100", None),  # 0000
    ("f", "C61.x00", None),  # MR19
]


def predicted() -> pl.DataFrame:
    frame = pl.DataFrame(ROWS, schema=["case_id", "diagnoses", "procedures"], orient="row")
    return drg.group(tiny.scheme(), from_flat(frame.with_columns(sex=pl.lit("1"), age=pl.lit("60"))))


def table(**returned: str) -> pl.DataFrame:
    return pl.DataFrame({"case_id": list(returned), "drg": list(returned.values())})


@pytest.mark.parametrize(
    ("text", "group", "status"),
    [
        ("HC15", "HC15", "grouped"),
        ("hc15", "HC15", "grouped"),
        ("HC15 胆囊切除，不伴并发症", "HC15", "grouped"),
        ("HC15-胆囊切除", "HC15", "grouped"),
        ("HC15A", "HC15A", "grouped"),
        ("0000", None, "failed"),
        ("000", None, "failed"),
        ("H000", None, "failed"),
        ("", None, "failed"),
        ("-", None, "failed"),
        ("主要诊断不在国家公布的主要诊断表中", None, "failed"),
        ("未入组", None, "failed"),
        ("HQY", None, "ambiguous"),
        ("QY 歧义病案", None, "ambiguous"),
        ("歧义组", None, "ambiguous"),
    ],
)
def test_what_a_returned_text_means(text, group, status):
    found = feedback.returned(table(a=text)).row(0, named=True)
    assert (found["theirs"], found["their_status"], found["their_text"]) == (group, status, text)


def test_the_same_results():
    theirs = table(a="HC11", b="HC15", c="HU15", d="HQY", e="0000", f="MR19")
    summary, differing = feedback.compare(predicted(), theirs)
    assert (summary.cases, summary.matched, summary.same, summary.kinds) == (6, 6, 6, {})
    assert summary.rate == summary.predicted_rate == 4 / 6
    assert differing.height == 0
    assert list(differing.columns) == list(feedback.DISAGREEMENTS)


def test_every_kind_of_disagreement():
    theirs = table(a="HC15", b="HU15", c="ER25", d="主诊与手术不符", e="HU15", f="主要诊断不在表")
    summary, differing = feedback.compare(predicted(), theirs)
    assert differing.select("case_id", "kind").rows() == [
        ("a", "drg"), ("b", "adrg"), ("c", "mdc"), ("d", "failure"), ("e", "only_theirs"), ("f", "only_ours"),
    ]  # fmt: skip
    assert set(summary.kinds) == set(feedback.KINDS) - {"group"}
    assert (summary.same, summary.predicted, summary.actual) == (0, 4, 4)
    assert summary.failures == {"主诊与手术不符": 1, "主要诊断不在表": 1}
    assert differing.row(5, named=True)["ours"] == "MR19"


def test_cases_that_only_one_side_has_and_rows_that_repeat():
    theirs = pl.DataFrame({"病案号": ["b", "b", "z"], "DRG编码": ["0000", "HC15", "HC15"]})
    summary, differing = feedback.compare(predicted(), theirs)
    assert (summary.cases, summary.matched, summary.unknown, summary.repeated) == (6, 1, 1, 1)
    assert summary.same == 1  # the last row counts
    assert differing.height == 0


def test_dip_groups():
    ours = pl.DataFrame(
        {"case_id": ["a", "b", "c"], "dip": ["K80.1:51.2300", "K80.1:保守治疗", None], "status": ["grouped", "grouped", "failed"],
         "reason": [None, None, "dip_no_group"]}
    )  # fmt: skip
    theirs = table(a="K80.1:51.2300", b="K80.0:保守治疗 胆囊结石", c="无对应病种")
    summary, differing = feedback.compare(ours, theirs)
    assert differing.select("case_id", "kind", "theirs").rows() == [("b", "group", "K80.0:保守治疗")]
    assert summary.same == 2


def test_no_feedback_at_all():
    summary, _ = feedback.compare(predicted(), table())
    assert summary.rate is None
    assert summary.predicted_rate is None


def test_a_table_without_results_is_refused():
    with pytest.raises(InputError, match="drg"):
        feedback.compare(predicted(), pl.DataFrame({"case_id": ["a"]}))
    assert named_columns.columns(["case_id", "sex"], feedback.COLUMNS).keys() != feedback.COLUMNS.keys()
    assert named_columns.columns(["结算ID", "DRG编码", "权重"], feedback.COLUMNS).keys() == feedback.COLUMNS.keys()


def test_what_speaks_against_their_group():
    frame = pl.DataFrame({"sex": ["1"], "age": ["60"], "diagnoses": ["K80.101"], "procedures": ["51.2300"]})
    lines = feedback.against(tiny.scheme(), from_flat(frame), 0, "HC11")
    assert [line[-3:].strip("→ ") for line in lines] == ["成立", "成立", "不成立"]
    assert feedback.against(tiny.scheme(), from_flat(frame), 0, "ZZ99") == []
