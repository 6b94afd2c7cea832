"""Workbooks of knowledge points as published, what rules then find on charge lines, and how much was charged too much."""

import copy
import json
from collections import defaultdict
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest
from python_calamine import CalamineWorkbook

from tests.loaders import second_reading
from tests.shared import SHARED
from validator import api, judge, judge_many, loaders
from validator.base.errors import ConfigError
from validator.checks.examples import interface_message
from validator.codes import points
from validator.codes.tables import Store

WORKBOOKS = SHARED / "knowledge" / "workbooks"
PAIRS = [
    ("序号", "频度", "主项名称", "主项编码", "从项名称", "从项编码", "备注"),
    (1, "单日", "主项甲", "001103000010000", "从项甲", "001102000030000", None),
    (2, "单次就诊", "主项甲", "001103000010000", "从项乙", "001204000020000", None),
    (3, "同一小时", "主项甲", "001103000010000", "从项丙", "001203000010000", None),
    (4, "6小时", "主项甲", "001103000010000", "从项丁", "001206000010000", None),
]
MOST = [
    ("序号", "项目名称", "限制数量", "数量单位", "项目编码"),
    (1, "诊查", 1, "日", "001102000050000"),
    (2, "监测", 24, "小时", "003107010220000"),
    ("合计", None, None, None, None),
    ("备注：各省按本省的目录细化", None, None, None, None),
]
NAMES = [("药品通用名", "药品说明", "限定类型", "限定对象"), ("甲片", None, "限定性别对象", "女")]
CODES = [("药品通用名", "序号", "药品代码", "限定类型"), ("甲片", 1, "XA01ABD075A002010100483", "限定性别对象")]


@pytest.fixture
def kept(store: Store, workbook) -> Store:
    loaders.add(workbook("【第七批 】项目规则库（重复收费）.xlsx", {"知识点明细": PAIRS}), store)
    loaders.add(workbook("【第八批-1】项目规则库（限定频次）.xlsx", {"知识点明细": MOST}), store)
    loaders.add(workbook("【第一批】药品规则库(限定性别对象).xlsx", {"Sheet1": NAMES, "Sheet2": CODES}), store)
    return store


def test_the_batch_and_the_kind_are_the_version(kept: Store):
    versions = {each.version: each.rows for each in kept.versions(points.TABLE)}
    assert versions == {"第一批-药品性别": 1, "第七批-项目重复收费": 4, "第八批-1-项目频次": 2}
    known = points.knowledge(kept)
    assert known["points_sex"].attribute("limit", "XA01ABD075A002099999999") == "2"  # another maker's
    assert known["points_sex"].attribute("limit", "XA01ABD075B002010100483") is None
    assert known["points_frequency"].attribute("most", "003107010220000") == "24"
    assert {name for name, each in known.items() if each.rows} == {
        "points_sex", "points_frequency", "points_pair_day", "points_pair_stay", "points_pair_hour", "points_pair_6h",
    }  # fmt: skip


def lines() -> list[dict[str, str]]:
    """Lines of one stay, some against the points and some at their limits."""
    base = interface_message("2301")["input"]["feedetail"][0]
    wanted = [
        ("001103000010000", "2026-07-08 10:00:00", "1"),
        ("001102000030000", "2026-07-08 23:00:00", "1"),
        ("001102000030000", "2026-07-09 00:00:00", "1"),
        ("001204000020000", "2026-07-15 08:00:00", "2"),
        ("001203000010000", "2026-07-08 10:59:59", "1"),
        ("001203000010000", "2026-07-08 11:00:00", "1"),
        ("001206000010000", "2026-07-08 16:00:00", "1"),
        ("001206000010000", "2026-07-08 16:00:01", "1"),
        ("001102000050000", "2026-07-10 09:00:00", "1"),
        ("001102000050000", "2026-07-10 10:00:00", "1"),
        ("003107010220000", "2026-07-10 10:00:00", "24"),
        ("003107010220000", "2026-07-11 10:00:00", "24.5"),
    ]
    return [
        {**base, "feedetl_sn": f"{n:03}", "med_list_codg": code, "medins_list_codg": code, "fee_ocur_time": when,
         "cnt": quantity, "pric": "10", "det_item_fee_sumamt": f"{float(quantity) * 10:.2f}"}
        for n, (code, when, quantity) in enumerate(wanted)
    ]  # fmt: skip


def naive(rows: list[dict[str, str]], pairs, most) -> set[tuple[str, str]]:
    """(check, line) of every fault, read from the workbooks' own rows."""
    found, days = set(), defaultdict(list)
    for row in rows:
        days[row["med_list_codg"], row["fee_ocur_time"][:10]].append(row)
    for _, within, _, main, _, included, _ in pairs:
        for row in [each for each in rows if each["med_list_codg"] == included]:
            when = datetime.fromisoformat(row["fee_ocur_time"])
            for other in [each for each in rows if each["med_list_codg"] == main and each is not row]:
                then = datetime.fromisoformat(other["fee_ocur_time"])
                near = {
                    "单日": when.date() == then.date(),
                    "同一小时": when.replace(minute=0, second=0) == then.replace(minute=0, second=0),
                    "6小时": abs((when - then).total_seconds()) <= 6 * 3600,
                    "单次就诊": True,
                }
                if near[within]:
                    check = {"单日": "KP113", "同一小时": "KP111", "6小时": "KP112", "单次就诊": "KP114"}[within]
                    found.add((check, row["feedetl_sn"]))
    for number, _, limit, _, code in most:
        for (own, _), some in days.items() if isinstance(number, int) else ():
            if own == code and sum(float(each["cnt"]) for each in some) > limit:
                found.add(("KP121", max(each["feedetl_sn"] for each in some)))
    return found


def judged(rows: list[dict[str, str]], folder: Path, select=("KP",)) -> set[tuple[str, str]]:
    message = {"infno": "2301", "input": {"feedetail": rows}}
    report = api.check(message, codebooks=folder, select=select)
    return {(row["check"], rows[row["row"] - 1]["feedetl_sn"]) for row in report.findings.iter_rows(named=True)}


def test_findings_are_those_of_a_second_reading(kept: Store):
    rows = lines()
    expected = naive(rows, PAIRS[1:], MOST[1:])
    assert expected == judged(rows, kept.folder)
    assert expected == {
        ("KP113", "001"), ("KP114", "003"), ("KP111", "004"), ("KP112", "006"), ("KP121", "009"), ("KP121", "011"),
    }  # fmt: skip


def test_one_batch_alone(kept: Store):
    rows = lines()
    assert {check for check, _ in judged(rows, kept.folder, ["第八批"])} == {"KP121"}
    assert {check for check, _ in judged(rows, kept.folder, ["第七批"])} == {"KP111", "KP112", "KP113", "KP114"}
    with pytest.raises(ConfigError, match="没有装载第九批的知识点"):
        judged(rows, kept.folder, ["第九批"])


def test_nothing_fires_without_points(tmp_path):
    assert judged(lines(), tmp_path / "none") == set()


def test_lists_and_lines_together_tell_sex(kept: Store):
    message = copy.deepcopy(interface_message("4101+2301"))
    report = api.check(message, codebooks=kept.folder, select=["KP101"])
    codes = [row["med_list_codg"] for row in message["input"]["feedetail"]]
    assert {codes[row - 1][:14] for row in report.findings["row"]} == {"XA01ABD075A002"}


#: A few codes of every kind, so that generated lines hit all of them.
POINTS = second_reading.Points(
    sex={"002101030300000": "2", "XL02BBA326A001": "1"},
    age={"001302000010000": "儿童"},
    level={"XA01ABD075A002": 3},
    insurance={"ZC01AAA0042": "工伤保险"},
    course={"003402000210000": 2},
    day={"001102000040000": 1, "003107010220000": 24},
    cycle={"002503020020000": (1, 7)},
    group=dict.fromkeys(("003310010140000", "003310010160000", "003310010160100", "003310010170000"), "胃肠手术组"),
    pairs=[
        ("同一小时", "001103000010000", "001102000030000"), ("6小时", "001103000010000", "001203000010000"),
        ("单日", "001103000010000", "001206000010000"), ("单次就诊", "001103000010000", "001109000010000"),
    ],
)  # fmt: skip


def test_a_second_reading_agrees_to_the_fen(tmp_path: Path, store: Store):
    """For many stays and the state's own points: ``python -m tests.loaders.second_reading``."""
    report, given, found, expected = second_reading.both(POINTS, 80, 3, tmp_path)
    assert found == expected
    assert {check for check, _ in found} == {
        "KP101", "KP102", "KP103", "KP104", "KP111", "KP112", "KP113", "KP114", "KP121", "KP122", "KP123", "KP131",
    }  # fmt: skip
    alone = judge_many(given, codebooks=tmp_path / "kept", select=["KP"])
    assert second_reading.judged([row for each in alone for row in each.findings], given) == found
    priced = {key: fen for key, (_, fen) in found.items() if fen is not None}
    assert report.excess["fen"].sum() == sum(priced.values())
    assert report.excess["unpriced"].sum() == len(found) - len(priced)
    lines = {}
    for (_, line), fen in priced.items():
        lines[line] = max(fen, lines.get(line, 0))
    assert report.excess["line_fen"].sum() == sum(lines.values())
    assert report.excess["lines"].sum() == len({line for _, line in found})


def test_a_batch_alone_says_what_it_costs(kept: Store):
    sums = [_cost(kept, batch) for batch in ("第七批", "第八批")]
    assert sums == [{"KP111": 1000, "KP112": 1000, "KP113": 1000, "KP114": 2000}, {"KP121": 1500}]


def _cost(kept: Store, batch: str) -> dict[str, int]:
    message = {"infno": "2301", "input": {"feedetail": lines()}}
    report = api.check(message, codebooks=kept.folder, select=[batch])
    assert set(report.excess["department"]) == {"普通外科"}
    return dict(report.excess.group_by("check").agg(pl.col("fen").sum()).sort("check").iter_rows())


def test_rules_without_points_did_not_run_and_say_why(kept: Store):
    message = interface_message("4101+2301")
    report = api.check(message, codebooks=kept.folder, select=["KP"])
    why = "没有这一类的两库知识点；用 zhikong codebooks add 装载"
    for outcomes in (
        report.outcomes.iter_rows(named=True),
        judge(message, codebooks=kept.folder, select=["KP"]).outcomes,
    ):
        rows = {row["check"]: (row["status"], row["reason"]) for row in outcomes}
        assert rows["KP122"] == ("not_run", why)
        assert rows["KP121"] == ("ran", None)


def test_reports_sum_what_is_too_much(kept: Store, tmp_path: Path):
    message = {"infno": "2301", "input": {"feedetail": lines()}}
    report = api.check(message, codebooks=kept.folder)
    for name in ("r.txt", "r.html", "r.jsonl", "r.parquet", "r.xlsx"):
        report.write(tmp_path / name)
    text, page = ((tmp_path / name).read_text(encoding="utf-8") for name in ("r.txt", "r.html"))
    assert "多收的费用：6 行，65.00 元" in text
    assert "医师丁（6 行，65.00 元）" in text
    assert "65.00" in page
    assert "医**" in page
    assert "医师丁" not in page
    found = [json.loads(line) for line in (tmp_path / "r.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [row["excess_quantity"] for row in found if row["check"] == "KP121"] == ["1.0000", "0.5000"]
    sums = pl.read_parquet(tmp_path / "r.excess.parquet")
    assert sums["fen"].sum() == 6500
    assert pl.read_parquet(tmp_path / "r.parquet")["excess_fen"].sum() == 6500
    book = CalamineWorkbook.from_path(tmp_path / "r.xlsx")
    rows = [row for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python()]
    assert ["KP121", 2.0, 1.5, 15.0] in [[row[1], *row[3:6]] for row in rows if len(row) > 5]


@pytest.mark.skipif(not WORKBOOKS.is_dir(), reason="the published workbooks are not at hand")
def test_the_published_workbooks_are_taken_whole(store: Store):
    counts = {path.name: loaders.add(path, store).rows for path in sorted(WORKBOOKS.glob("*.xlsx"))}
    assert sorted(counts.values()) == [11, 67, 390, 900, 6472]
    assert all(each.version.startswith("第") for each in store.versions(points.TABLE))
