"""Figures of the grouping rate over cases whose faults are planted, and the report as it is shown."""

import re

import polars as pl
import pytest
from openpyxl import load_workbook

from tests.grouping.scheme import keep, scheme
from tests.report.test_html import Outline
from validator.codes.tables import Store
from validator.generate import grouping
from validator.grouping import corrections, drg
from validator.grouping import report as reports
from validator.grouping.cases import from_flat
from validator.grouping.grouper import Grouper
from validator.grouping.rate import figures
from validator.grouping.scheme import DrgScheme
from validator.loaders.schemes import folder

#: What is planted: how many, reason, what is wrong with the case, and whether a single correction would group it.
PLANTED = [
    (40, None, {}, False),
    (20, None, {"diagnoses": "J15.900|J96.000"}, False),
    (6, "principal_refused", {"diagnoses": "K80.100"}, True),
    (2, "principal_refused", {"diagnoses": "I10.x00x002"}, False),
    (3, "principal_refused", {"diagnoses": "I10.x00x002|J15.900"}, True),
    (4, "qy", {"diagnoses": "K80.101", "procedures": "47.0100|51.2300"}, True),
    (1, "qy", {"diagnoses": "K80.101", "procedures": "47.0100"}, False),
    (2, "wrong_sex", {"diagnoses": "C56.x00", "sex": "1", "certno": "110101198001011224", "brdy": "1980-01-01"}, True),
    (5, "stay_out_of_range", {"diagnoses": "K80.100", "los": "90"}, False),
]
COLUMNS = (
    "case_id", "sex", "age", "diagnoses", "procedures", "los", "certno", "brdy", "dscg_caty", "chfpdr_name", "chfpdr_code",
    "medins_fill_psn", "dscg_time",
)  # fmt: skip
TAKEN, GROUPED, AMBIGUOUS, FAILED, CORRECTABLE = 78, 60, 5, 13, 15


def planted():
    """The cases, each department with its share of every fault."""
    rows = []
    for count, _, fault, _ in PLANTED:
        for n in range(count):
            about = {
                "dscg_caty": ("A03", "A04")[n % 2], "chfpdr_name": ("张一", "张二")[n % 2], "chfpdr_code": f"D{n % 2}",
                "medins_fill_psn": ("王甲", "王乙")[n % 2], "dscg_time": f"2026-0{1 + n % 2}-15",
            }  # fmt: skip
            common = {
                "case_id": f"C{len(rows)}",
                "sex": "1",
                "age": "46",
                "diagnoses": "K80.101|I10.x00x002",
                "los": "7",
            }
            rows.append(common | about | fault)
    return pl.DataFrame([{name: row.get(name) for name in COLUMNS} for row in rows], dict.fromkeys(COLUMNS, pl.String))


def judged(frame, **options):
    rules, cases = scheme(**options), from_flat(frame)
    result = drg.group(rules, cases, drg.Limits(longest_stay=60))
    return result, corrections.find(rules, cases, result), cases


def of(frame, blocking=None):
    result, found, cases = judged(frame)
    return figures(result, found, cases.evidence.context, blocking)


def test_the_planted_faults_are_counted_with_their_causes_and_gains():
    rate = of(planted())
    assert (rate.cases, rate.taken, rate.grouped, rate.ambiguous, rate.failed) == (
        83,
        TAKEN,
        GROUPED,
        AMBIGUOUS,
        FAILED,
    )
    assert rate.causes.rows() == [("principal_refused", 11, 9), ("qy", 5, 4), ("wrong_sex", 2, 2)]
    assert rate.excluded.rows() == [("stay_out_of_range", 5)]
    assert (rate.now, rate.after) == (GROUPED / TAKEN, (GROUPED + CORRECTABLE) / TAKEN)
    expected = {}
    for count, reason, _, correctable in PLANTED:
        if reason and reason != "stay_out_of_range":
            counted = expected.setdefault(reason, [0, 0])
            counted[0] += count
            counted[1] += count * correctable
    assert {reason: [count, corrected] for reason, count, corrected in rate.causes.iter_rows()} == expected


def test_gains_of_the_causes_add_up_to_the_whole_gain():
    rate = of(planted())
    assert rate.causes["correctable"].sum() == rate.correctable == CORRECTABLE
    assert rate.causes["cases"].sum() == rate.ambiguous + rate.failed


def test_a_case_with_several_corrections_counts_once():
    frame = planted().head(1).with_columns(diagnoses=pl.lit("K80.100|J15.900|K81.000"))
    rate = of(frame)
    assert (rate.correctable, rate.after) == (1, 1.0)
    assert rate.best.select("kind", "before", "cases", "only").rows() == [
        ("diagnosis_first", "K80.100", 1, 0), ("refine", "K80.100", 1, 0),
    ]  # fmt: skip


def test_the_corrections_that_bring_the_most_come_first():
    best = of(planted()).best
    assert best.select("kind", "before", "cases", "only").rows() == [
        ("refine", "K80.100", 6, 6), ("procedure_first", "47.0100", 4, 4), ("diagnosis_first", "I10.x00x002", 3, 3),
        ("sex", None, 2, 2),
    ]  # fmt: skip
    assert best["groups"].to_list()[0] == ["HU15"]


def test_every_group_of_cases_has_its_own_denominator():
    groups = of(planted()).groups
    assert list(groups) == ["department", "physician", "physician_code", "coder", "month"]
    for frame in groups.values():
        assert frame["cases"].sum() == 83
        assert frame["taken"].sum() == TAKEN
        assert frame["correctable"].sum() == CORRECTABLE
    assert groups["month"]["name"].to_list() == ["2026-01", "2026-02"]
    lost = groups["department"].select(pl.col("ambiguous") + pl.col("failed")).to_series().to_list()
    assert lost == sorted(lost, reverse=True)


def test_what_the_data_do_not_tell_has_no_figures():
    rate = of(planted().drop("dscg_caty", "medins_fill_psn", "dscg_time"))
    assert list(rate.groups) == ["physician", "physician_code"]


def test_findings_that_block_are_counted_and_bound_the_rate_from_above():
    frame = planted()
    result, _, _ = judged(frame)
    lost = result.filter(pl.col("reason") == "qy")["case_id"].to_list()  # the last of them has no correction
    blocking = pl.DataFrame(
        {"case_id": [lost[-1], lost[-1], lost[0], "C0", "elsewhere"], "check": ["DX1", "DX1", "DX1", "DX1", "DX2"]}
    )
    rate = of(frame, blocking)
    assert rate.blocking.rows() == [("DX1", 3, 2)]
    assert (rate.blocked, rate.either) == (2, CORRECTABLE + 1)
    assert rate.at_most == (GROUPED + CORRECTABLE + 1) / TAKEN


def test_nothing_grouped_gives_no_rate():
    rate = of(planted().clear())
    assert (rate.cases, rate.now, rate.after, rate.groups) == (0, None, None, {})
    rate = of(planted().filter(pl.col("los") == "90"))
    assert (rate.taken, rate.now) == (0, None)


@pytest.fixture(scope="module")
def spoiled(published):
    """Cases of a whole scheme that group, some of them spoiled; the truth; and what is found."""
    rules = DrgScheme(folder.read(published.scheme), "chs-drg-1.1")
    frame, truth = grouping.planted(rules, 2_000, seed=5, share=0.2)
    cases = from_flat(frame)
    result = drg.group(rules, cases)
    return truth, result, corrections.find(rules, cases, result), cases


def test_planted_defects_of_a_whole_scheme_are_named_and_counted_exactly(spoiled):
    truth, result, found, cases = spoiled
    rate = figures(result, found, cases.evidence.context)
    assert (rate.taken, rate.grouped) == (2_000, 1_600)
    assert dict(rate.causes.select("reason", "cases").iter_rows()) == dict(truth["reason"].value_counts().iter_rows())


def test_what_the_case_itself_tells_gives_its_group_back(spoiled):
    """What was dropped cannot be known; all else is, with the very group that the case had, but where a rule is against it."""
    truth, result, found, cases = spoiled
    counted = truth.filter(pl.col("defect") != "operation_dropped")
    swapped = (pl.col("defect") == "swapped") & (pl.col("reason") == "newborn_data")
    lost = counted.join(found.select("case_id", "drg"), on=["case_id", "drg"], how="anti").filter(~swapped)
    assert lost.filter(~pl.col("was").str.starts_with("R")).is_empty()  # a symptom does not go before a disease
    rate = figures(result, found, cases.evidence.context)
    correctable = dict(rate.causes.select("reason", "correctable").iter_rows())
    plain = truth.filter(pl.col("reason") == "newborn_data", pl.col("defect") != "swapped")
    assert correctable["newborn_data"] >= plain.height > 0
    assert rate.after == (1_600 + found["case"].n_unique()) / 2_000


# ---- the report


@pytest.fixture
def grouper(tmp_path):
    keep(Store(tmp_path / "books"))
    return Grouper("mini-1.0", codebooks=tmp_path / "books")


def report(grouper, frame, **findings):
    builder = reports.ReportBuilder(grouper)
    for batch in grouper.batches(frame):
        builder.add(batch)
    return builder.report(["清单.csv"], **findings)


def test_the_report_says_the_same_however_the_cases_are_cut(grouper):
    frame = planted()
    whole = report(grouper, frame)
    builder = reports.ReportBuilder(grouper)
    for part in (frame.head(30), frame.slice(30, 40), frame.slice(70)):
        for batch in grouper.batches(part):
            builder.add(batch)
    cut = builder.report(["清单.csv"])
    assert cut.corrections.equals(whole.corrections)
    assert cut.rate.causes.equals(whole.rate.causes)
    assert whole.rate.correctable == CORRECTABLE


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_is_well_formed_loads_nothing_and_hides_names(grouper, tmp_path, lang):
    page, book = reports.write(report(grouper, planted()), tmp_path / "out", lang)
    text = page.read_text(encoding="utf-8")
    outline = Outline()
    outline.feed(text)
    assert outline.open == []
    assert outline.loads == []
    assert not re.search(r"https?://|url\(|@import", text)
    assert book.is_file()
    for name in ("张一", "张二", "王甲", "王乙", "110101198001011224"):
        assert name not in text
    assert "王**（1）" in text
    assert "王**（2）" in text
    assert "张** D0" in text


def test_the_page_shows_the_figures(grouper, tmp_path):
    text = reports.write(report(grouper, planted()), tmp_path)[0].read_text(encoding="utf-8")
    assert "76.92%" in text  # 60 of 78
    assert "96.15%" in text  # 75 of 78
    assert "60/78" in text
    assert "+11.54（9 份）" in text
    assert "只能以病历为准" not in text


def test_what_the_data_say_is_never_markup(grouper, tmp_path):
    nasty = pl.lit("<script>alert(1)</script>")
    frame = planted().with_columns(case_id=pl.col("case_id") + nasty, medins_fill_psn=nasty)
    text = reports.write(report(grouper, frame), tmp_path)[0].read_text(encoding="utf-8")
    assert text.count("<script>") == 1


def test_the_workbook_has_a_row_for_each_correction(grouper, tmp_path):
    counted = report(grouper, planted())
    book = load_workbook(reports.write(counted, tmp_path)[1])
    assert book.sheetnames == ["概览", "原因", "可改病例", "疑点", "科室", "医师", "编码员", "月份"]
    rows = list(book["可改病例"].iter_rows(values_only=True))
    assert len(rows) == counted.corrections.height + 1
    assert rows[0][-5:] == ("把握", "病案号", "科室", "医师", "编码员")
    assert all(row[-5] == "需判断" for row in rows[1:])
    overview = dict(row[:2] for row in book["概览"].iter_rows(values_only=True) if row[0])
    assert overview["参加分组（分母）"] == TAKEN
    assert overview["现在的入组率"] == pytest.approx(GROUPED / TAKEN)


def test_what_the_data_lack_is_shown(grouper, tmp_path):
    frame = planted().drop("dscg_caty", "chfpdr_name", "chfpdr_code", "medins_fill_psn", "dscg_time")
    page, book = reports.write(report(grouper, frame), tmp_path)
    assert "数据里没有出院科室、主诊医师、填报人（编码员）、出院月份，不按它们统计" in page.read_text(encoding="utf-8")
    assert load_workbook(book).sheetnames == ["概览", "原因", "可改病例", "疑点"]


def test_an_empty_run_still_has_a_report(grouper, tmp_path):
    page, _ = reports.write(report(grouper, planted().clear()), tmp_path)
    assert "—" in page.read_text(encoding="utf-8")
