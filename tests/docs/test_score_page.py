"""The sheet that docs/zh/评分.md computes by hand: its cases from the raw files, its sums, its points, and what the command says."""

import csv
import re
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from validator import check, score
from validator.scoring.scheme.numbers import shown

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs/zh/评分.md").read_text(encoding="utf-8")
HOSPITAL = "H11010500004"


def table(heading):
    lines = TEXT.split(heading, 1)[1].split("\n\n", 1)[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def raw(name):
    with (ROOT / "examples/csv" / name).open(encoding="gb18030", newline="") as file:
        return list(csv.DictReader(file))


def test_the_sheet_by_hand_is_what_the_cases_make_and_what_the_command_gives(tmp_path):
    cases = {row[0]: row[1:] for row in table("| 病例 | 总费用 | 个人自费 | 错误 |")}
    own = {
        row["setl_id"]: row
        for row in raw("setlinfo.csv")
        if row["fixmedins_code"] == HOSPITAL and row["dscg_time"].startswith("2025")
    }
    assert {*own} == {*cases}
    errors = dict(check(ROOT / "examples/csv").cases.select("case_id", "errors").iter_rows())
    for case_id, (total, paid, wrong) in cases.items():
        assert sum(Decimal(row["amt"]) for row in raw("iteminfo.csv") if row["setl_id"] == case_id) == Decimal(total)
        assert (Decimal(own[case_id]["psn_ownpay"]), errors[case_id]) == (Decimal(paid), int(wrong))

    marks = tmp_path / "marks.csv"
    marks.write_text(re.search(r"```csv\n# 评分\.csv\n(.*?)```", TEXT, re.DOTALL)[1], encoding="utf-8")
    found = score(ROOT / "examples/csv", scheme="wuhan-dip", period="2025", marks=marks, codebooks=tmp_path)
    sheet = next(each for each in found.sheets if each.hospital.code == HOSPITAL)
    scores = {each.item.title: each for each in sheet.items}
    by_hand = {}
    for title, full, top, bottom, how, points in table("| 项目 | 分值 | 分子 | 分母 | 怎么算 | 得分 |"):
        by_hand[title] = Fraction(points)
        each = scores[title]
        assert (each.item.points, each.points, each.figure.top) == (Fraction(full), Fraction(points), Fraction(top))
        assert (each.figure.bottom and shown(each.figure.bottom)) == (bottom or None)
        if re.fullmatch(r"[0-9 .()×÷−]+", how):
            assert eval(  # noqa: S307 (our own page)
                re.sub(r"([0-9.]+)", r'Fraction("\1")', how.translate(str.maketrans("×÷−", "*/-")))
            ) == Fraction(points)
    assert {title for title, each in scores.items() if not each.is_missing and not each.item.is_veto} == {*by_hand} | {
        "查实的违规病例"
    }

    total = sum(by_hand.values()) * 100 / 53
    assert (sheet.total, sheet.lowest, sheet.highest) == (total, sum(by_hand.values()), sum(by_hand.values()) + 47 + 5)
    yearly = sheet.payments[1]
    assert yearly.paid == 1_200_000 * (Fraction("0.95") + Fraction("0.05") * (total - 80) / 10) - Fraction("8600.5")
    for text in (
        f"= {shown(total, 2)}，",
        f"最低 {shown(sheet.lowest, 2)}，最高 {shown(sheet.highest, 2)}",
        f"= {shown(yearly.paid, 2)} 元",
        f"等次 {sheet.grade}",
    ):
        assert text in TEXT
