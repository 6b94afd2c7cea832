"""Score sheets computed by hand: every shape of deduction, and what the whole table says, from tables small enough to check by eye."""

from datetime import date
from fractions import Fraction

import pytest

from validator.base.errors import ConfigError, InputError
from validator.scoring.scheme import given_tables, pages
from validator.scoring.scheme.figures import ScoringInput
from validator.scoring.scheme.given_tables import IndicatorValue, Mark, Marks, RatedHospital
from validator.scoring.scheme.numbers import exact, literal, percent, shown
from validator.scoring.scheme.sheets import sheets_of

F = Fraction
DAY = date(2026, 12, 31)
HEAD = 'name: t\nversion: "1"\ntitle_zh: 表\ntitle_en: t\n'


def scheme(folder, items, *, points=10, head=""):
    """A scheme of one block with these items (texts of YAML flow), or of the blocks that ``items`` is."""
    blocks = (
        items
        if isinstance(items, str)
        else "\n".join(
            [
                f"- id: b\n  title_zh: 块\n  title_en: b\n  points: {points}\n  items:",
                *(f"  - {{title_zh: 项, title_en: i, {each}}}" for each in items),
            ]
        )
    )
    path = folder / "t.yaml"
    path.write_text(f"{HEAD}points: {points}\n{head}\nblocks:\n{blocks}\n", encoding="utf-8")
    return pages.load(str(path))


def given(values, marks=None, hospitals=(), last=None):
    def table(rows):
        return {
            code: {name: IndicatorValue(*map(F, each[:2]), *each[2:]) for name, each in own.items()}
            for code, own in rows.items()
        }

    found = {key: Mark(F(value), "张三", DAY, "会议纪要") for key, value in (marks or {}).items()}
    return ScoringInput(table(values), Marks(found), {each.code: each for each in hospitals}, last and table(last))


def one(folder, item, value, points=10):
    """The points of one item with this figure, and the words."""
    table = scheme(folder, [f"id: i, points: {points}, {item}"], points=points)
    of = {"passed": value} if "measure" in item else {}
    sheet = sheets_of(table, given({"A": of}, {("A", "i"): value} if not of else None), DAY)[0]
    return sheet.items[0].points, sheet.items[0].words


@pytest.mark.parametrize(
    ("item", "value", "points", "words"),
    [
        ("deduct: {each: 0.5}", 3, F("8.5"), "10 − 0.5 × 3"),
        ("deduct: {each: 0.5}", 20, 0, "10 − 0.5 × 20"),
        ("deduct: {each: 0.5}", 21, 0, "10 − 0.5 × 21"),  # no more than the item's points
        ("least: -4, deduct: {each: 1}", 30, -4, "10 − 1 × 30"),
        ("deduct: {each: 1, per: 10, free: 5}", 24, 9, "10 − 1 × (24 − 5) ÷ 10"),
        ("earn: {each: 3}", 2, 6, "3 × 2"),
        ("earn: {each: 3}", 4, 10, "3 × 4"),
        ("given: true", "7.25", F("7.25"), "评 7.25 分"),
        ("bands: [{from: 3, points: 10}, {from: 1, points: 4}]", 1, 4, "1: ≥ 1 → 4"),
        ("bands: [{from: 3, points: 10}, {from: 1, points: 4}]", "0.99", 0, "0.99: 不在各档 → 0"),
        ("better: low, bands: [{to: 3, points: 10}, {points: 2}]", 3, 10, "3: ≤ 3 → 10"),
        ("better: low, bands: [{to: 3, points: 10}, {points: 2}]", "3.01", 2, "3.01: 其余 → 2"),
    ],
)  # fmt: skip
def test_points_of_a_mark(tmp_path, item, value, points, words):
    assert one(tmp_path, item, value) == (points, words)


@pytest.mark.parametrize(
    ("slope", "value", "points", "words"),
    [
        # ≥ 95 % full; each point below −1; under 90 % nothing.
        ("{full: 0.95, zero: 0.9, step: 0.01, each: 1}", (95, 100), 10, "95% ≥ 95%"),
        ("{full: 0.95, zero: 0.9, step: 0.01, each: 1}", (93, 100), 8, "10 − 1 × 2（差 2%，每档 1%）"),
        ("{full: 0.95, zero: 0.9, step: 0.01, each: 1}", (189, 200), F("9.5"), "10 − 1 × 0.5（差 0.5%，每档 1%）"),
        ("{full: 0.95, zero: 0.9, step: 0.01, each: 1, steps: up}", (189, 200), 9, "10 − 1 × 1（差 0.5%，每档 1%）"),
        ("{full: 0.95, zero: 0.9, step: 0.01, each: 1, steps: down}", (189, 200), 10, "10 − 1 × 0（差 0.5%，每档 1%）"),
        ("{full: 0.95, zero: 0.9, step: 0.01, each: 1}", (90, 100), 5, "10 − 1 × 5（差 5%，每档 1%）"),
        ("{full: 0.95, zero: 0.9, step: 0.01, each: 1}", (899, 1000), 0, "89.9% < 90%"),
        ("{full: 0.95, step: 0.01, each: 1}", (80, 100), 0, "10 − 1 × 15（差 15%，每档 1%）"),
        # A straight line: a third of the way from 80 % to 95 %.
        ("{full: 0.95, zero: 0.8}", (85, 100), F(10, 3), "10 × (85% − 80%) ÷ (95% − 80%)"),
        ("{full: 0.95, zero: 0.8}", (1, 3), 0, "33.33% < 80%"),
    ],
)  # fmt: skip
def test_points_of_a_share_on_a_slope(tmp_path, slope, value, points, words):
    assert one(tmp_path, f"measure: passed, slope: {slope}", value) == (points, words)


def test_a_slope_where_less_is_better_and_cases_that_are_missed(tmp_path):
    low = "measure: readmission, better: low, slope: {full: 0.05, zero: 0.15}"
    missed = "measure: passed, take: missed, deduct: {each: 0.1}"
    table = scheme(tmp_path, [f"id: i, points: 8, {low}", f"id: j, points: 2, {missed}"])
    sheet = sheets_of(table, given({"A": {"readmission": (12, 120), "passed": (93, 100)}}), DAY)[0]
    assert [each.points for each in sheet.items] == [4, F("1.3")]
    assert sheet.total == F("5.3")


MISSING = ["id: i, points: 4, measure: passed, slope: {full: 1, zero: 0}", "id: j, points: 6, given: true"]


@pytest.mark.parametrize(("rule", "total"), [("rescale", 5), ("zero", 2), ("full", 8)])
def test_a_missing_mark_is_scaled_up_lost_or_given_and_the_range_is_shown(tmp_path, rule, total):
    sheet = sheets_of(scheme(tmp_path, MISSING, head=f"missing: {rule}"), given({"A": {"passed": (1, 2)}}), DAY)[0]
    assert (sheet.total, sheet.lowest, sheet.highest) == (total, 2, 8)
    assert [each.item.id for each in sheet.missing] == ["j"]
    assert sheet.items[1].words.startswith("没有人评分：")


def test_nothing_to_judge_by_is_no_total(tmp_path):
    sheet = sheets_of(scheme(tmp_path, MISSING, head="missing: rescale"), given({"A": {}}), DAY)[0]
    assert (sheet.total, sheet.lowest, sheet.highest, sheet.rank) == (None, 0, 10, None)


@pytest.mark.parametrize(
    ("value", "why"),
    [((29, 29), "few_cases"), ((0, 0), "few_cases"), ((30, 30, 31), "unjudged"), ((30, 30, 30), ""), (None, "not_measured")],
)  # fmt: skip
def test_too_few_cases_and_too_many_that_could_not_be_judged_give_no_figure(tmp_path, value, why):
    item = "id: i, points: 10, measure: passed, least_cases: 30, slope: {full: 1, zero: 0}"
    table = scheme(tmp_path, [item], head="most_unjudged: 0.5")
    assert sheets_of(table, given({"A": {"passed": value} if value else {}}), DAY)[0].items[0].figure.why == why


def test_a_share_of_nothing_is_no_figure_and_a_value_alone_is_one(tmp_path):
    table = scheme(tmp_path, ["id: i, points: 10, measure: passed, slope: {full: 1, zero: 0}"])
    assert sheets_of(table, given({"A": {"passed": (0, 0)}}), DAY)[0].items[0].figure.why == "no_cases"
    found = ScoringInput({"A": {"passed": IndicatorValue(F("0.5"), None)}}, Marks(), {})
    assert sheets_of(table, found, DAY)[0].total == 5


def test_peers_by_level_and_ties_share_the_better_place(tmp_path):
    item = "id: i, points: 10, measure: passed, against: peers, bands: [{from: 1, points: 10}, {from: 0.5, points: 6}, {points: 1}]"
    hospitals = [RatedHospital(code, level="3") for code in "ABCD"] + [RatedHospital("E", level="1")]
    shares = dict(zip("ABCDE", [90, 90, 80, 70, 10], strict=True))
    read = given({code: {"passed": (share, 100)} for code, share in shares.items()}, hospitals=hospitals)
    found = {
        each.hospital.code: each
        for each in sheets_of(scheme(tmp_path, [item], head="peers: {by: [level], least: 3}"), read, DAY)
    }
    # Of the three others, those not better: A and B 3 (alike), C 1, D 0.
    assert {code: found[code].items[0].figure.value for code in "ABCD"} == {"A": 1, "B": 1, "C": F(1, 3), "D": 0}
    assert {code: found[code].total for code in "ABCD"} == {"A": 10, "B": 10, "C": 1, "D": 1}
    assert found["E"].items[0].figure.why == "no_peers"
    assert [found[code].peer_rank for code in "ABCDE"] == [1, 1, 3, 3, None]
    other = sheets_of(scheme(tmp_path, [item], head="peers: {by: [level], least: 3, fewer: all}"), read, DAY)
    assert {each.hospital.code: each.items[0].figure.value for each in other}["E"] == 0  # against all, last of five


def test_improvement_against_last_year(tmp_path):
    items = [
        "id: i, points: 4, measure: passed, against: last, slope: {full: 0.1, zero: 0}",
        "id: j, points: 6, measure: stays, against: last_share, slope: {full: 0, zero: -0.2}",
    ]
    now, last = {"passed": (85, 100), "stays": (90, 90)}, {"passed": (160, 200), "stays": (100, 100)}
    sheet = sheets_of(scheme(tmp_path, items), given({"A": now}, last={"A": last}), DAY)[0]
    assert [each.points for each in sheet.items] == [2, 3]  # 5 of 10 points more; a tenth fewer of a fifth
    assert sheets_of(scheme(tmp_path, items), given({"A": now}), DAY)[0].items[0].figure.why == "no_last"


VETO = ["id: i, points: 10, given: true", "id: v, veto: {at: 1}", "id: w, veto: {at: 2, grade: C}"]
GRADES = "grades: [{grade: A, from: 9}, {grade: B, from: 6}, {grade: C, from: 3}, {grade: D, from: 0}]"


@pytest.mark.parametrize(
    ("marks", "total", "grade", "lowest"),
    [
        ({"v": 0, "w": 1}, 9, "A", 9),
        ({"v": 1, "w": 0}, 0, "D", 0),
        ({"v": 0, "w": 2}, 9, "C", 9),
        ({"w": 0}, 9, "A", 0),  # nobody decided: the total holds, the lowest one says what may come
    ],
)  # fmt: skip
def test_a_veto_leads_to_nothing_or_to_a_worse_grade(tmp_path, marks, total, grade, lowest):
    sheet = sheets_of(
        scheme(tmp_path, VETO, head=GRADES),
        given({}, {("A", "i"): 9, **{("A", name): value for name, value in marks.items()}}, [RatedHospital("A")]),
        DAY,
    )[0]
    assert (sheet.total, sheet.grade, sheet.lowest) == (total, grade, lowest)


BONUS = """- {id: b, title_zh: 块, title_en: b, points: 100, items: [{id: i, title_zh: 项, title_en: i, points: 100, given: true}]}
- {id: c, title_zh: 加分, title_en: c, points: 9, bonus: true, items: [{id: j, title_zh: 项, title_en: j, points: 9, earn: {each: 1}}]}"""


@pytest.mark.parametrize(
    ("head", "base", "cases", "total"),
    [
        ("", 98, 9, 107),
        ("cap: 105", 98, 9, 105),
        ("bonus: {most: 5}", 98, 9, 103),
        ("bonus: {beyond: false}", 98, 9, 100),
        ("bonus: {beyond: false}", 90, 9, 99),
        ("floor: 60", 0, 0, 60),
    ],
)  # fmt: skip
def test_a_bonus_leads_beyond_the_points_up_to_a_cap(tmp_path, head, base, cases, total):
    table = scheme(tmp_path, BONUS, points=100, head=head)
    assert (
        sheets_of(table, given({}, {("A", "i"): base, ("A", "j"): cases}, [RatedHospital("A")]), DAY)[0].total == total
    )


def test_sources_have_weights_and_blocks_a_floor_and_a_cap(tmp_path):
    """Total 200, the bureau's part counts 80 %, the patients' 20 %; a block of penalties takes 5 at most."""
    sources = """sources:
- {id: bureau, title_zh: 经办机构, title_en: bureau, weight: 0.8}
- {id: patients, title_zh: 患者问卷, title_en: patients, weight: 0.2}"""
    blocks = """- {id: b, title_zh: 块, title_en: b, points: 200, items: [{id: i, title_zh: 项, title_en: i, points: 200, given: true}]}
- id: p
  title_zh: 扣分
  title_en: penalties
  points: 0
  floor: -5
  items:
  - {id: x, title_zh: 项, title_en: i, least: -4, deduct: {each: 1}}
  - {id: y, title_zh: 项, title_en: i, least: -4, deduct: {each: 1}}
- id: c
  title_zh: 块
  title_en: c
  points: 200
  source: patients
  items: [{id: j, title_zh: 项, title_en: j, points: 200, given: true}]"""
    table = scheme(tmp_path, blocks, points=200, head=sources)
    sheet = sheets_of(
        table, given({}, {("A", "i"): 180, ("A", "j"): 150, ("A", "x"): 9, ("A", "y"): 3}, [RatedHospital("A")]), DAY
    )[0]
    assert [each.points for each in sheet.items] == [180, -4, -3, 150]
    assert sheet.sums.blocks["p"] == -5  # not −7
    assert sheet.total == F("0.8") * (180 - 5) + F("0.2") * 150


def test_ties_are_broken_by_what_the_scheme_names_or_share_a_rank(tmp_path):
    items = ["id: i, points: 5, given: true", "id: j, points: 5, given: true"]
    points = {"A": (4, 4), "B": (3, 5), "C": (4, 4), "D": (1, 1)}
    read = given(
        {},
        {(code, item): value for code, own in points.items() for item, value in zip("ij", own, strict=True)},
        [RatedHospital(code) for code in points],
    )

    def ranks(head):
        return {each.hospital.code: each.rank for each in sheets_of(scheme(tmp_path, items, head=head), read, DAY)}

    assert ranks("") == {"A": 1, "B": 1, "C": 1, "D": 4}
    assert ranks("ties: {rank: dense}") == {"A": 1, "B": 1, "C": 1, "D": 2}
    assert ranks("ties: {by: [j]}") == {"A": 2, "B": 1, "C": 2, "D": 4}


def test_money_goes_by_pieces_and_violations_are_deducted_and_carried_over(tmp_path):
    money = """money:
- {id: d, title_zh: 保证金, title_en: d, amount: deposit, shares: [[6, 0], [8, 0.5], [9, 1]]}
- {id: q, title_zh: 次年指标, title_en: q, amount: quota, shares: [[0, 0.9], [8, 1]], between: steps, less: violating, less_share: 1}"""
    table = scheme(tmp_path, ["id: i, points: 10, given: true"], head=money)

    def paid(mark):
        marks = {("A", "i"): mark, ("A", "deposit"): 1000, ("A", "quota"): 50_000, ("A", "violating"): "1234.56"}
        return [each.paid for each in sheets_of(table, given({}, marks, [RatedHospital("A")]), DAY)[0].payments]

    assert paid(5) == [0, 45_000 - F("1234.56")]
    assert paid(7) == [250, 45_000 - F("1234.56")]  # half way from 6 to 8
    assert paid("8.5") == [750, 50_000 - F("1234.56")]
    assert paid(10) == [1000, 50_000 - F("1234.56")]
    without = sheets_of(table, given({}, {("A", "i"): 7}, [RatedHospital("A")]), DAY)[0].payments
    assert [(each.share, each.paid) for each in without] == [(F(1, 4), None), (F("0.9"), None)]


def test_an_alliance_is_scored_as_one(tmp_path):
    items = [
        "id: i, points: 8, measure: passed, slope: {full: 1, zero: 0}",
        "id: j, points: 2, measure: visits_per_person, slope: {full: 1, zero: 0}",
    ]
    hospitals = [RatedHospital("A", alliance="A"), RatedHospital("B", alliance="A"), RatedHospital("C")]
    own = {"visits_per_person": (2, 2)}
    read = given(
        {"A": {"passed": (10, 20), **own}, "B": {"passed": (80, 80), **own}, "C": {"passed": (1, 2), **own}},
        hospitals=hospitals,
    )
    found = {each.hospital.code: each for each in sheets_of(scheme(tmp_path, items, head="alliances: true"), read, DAY)}
    assert {code: each.items[0].points for code, each in found.items()} == {"A": F(8 * 90, 100), "C": 4}
    assert found["A"].members == ("A", "B")
    assert found["A"].items[1].figure.why == "not_measured"  # persons of two hospitals cannot be added up
    assert len(sheets_of(scheme(tmp_path, items), read, DAY)) == 3
    read.marks.found["B", "x"] = Mark(F(1), "张三", DAY, "…")
    with pytest.raises(InputError, match="牵头机构 A"):
        sheets_of(scheme(tmp_path, items, head="alliances: true"), read, DAY)


def test_tables_and_items_hold_from_a_day_to_a_day(tmp_path):
    items = ["id: i, points: 10, given: true, until: 2025-12-31", "id: j, points: 10, given: true, since: 2026-01-01"]
    table = scheme(tmp_path, items, head="since: 2025-01-01\nuntil: 2026-12-31")
    read = given({}, {}, [RatedHospital("A")])
    assert [each.item.id for each in sheets_of(table, read, DAY)[0].items] == ["j"]
    assert [each.item.id for each in sheets_of(table, read, date(2025, 12, 31))[0].items] == ["i"]
    with pytest.raises(ConfigError, match="2025-01-01"):
        sheets_of(table, read, date(2024, 12, 31))
    with pytest.raises(ConfigError, match="分值合计 10，应为 9"):
        sheets_of(scheme(tmp_path, items[1:], points=9), read, DAY)


@pytest.mark.parametrize(
    ("item", "line", "words"),
    [
        ("id: i, points: 10, measure: pased, slope: {full: 1, zero: 0}", 13, "passed"),
        ("id: i, points: 10, measure: passed", 13, "给分办法"),
        ("id: i, points: 10, given: true, deduct: {each: 1}", 13, "给分办法"),
        ("id: i, points: 10, measure: passed, slope: {full: 1}", 13, "zero"),
        ("id: i, points: 10, measure: passed, slope: {full: 0.5, zero: 1}", 13, "另一侧"),
        ("id: i, points: 10, measure: passed, slope: {full: 1, zero: 0, steps: most, step: 1, each: 1}", 13, "most"),
        ("id: i, points: 10, deduct: {each: 0}", 13, "大于 0"),
        ("id: i, points: ten, given: true", 13, "应是数"),
        ("id: i, points: 10, bands: [{from: 1, points: 11}]", 13, "10"),
        ("id: i, points: 10, bands: [{from: 1, points: 1}, {from: 2, points: 10}]", 13, "从好到差"),
        ("id: i, points: 10, measure: passed, given: true", 13, "given"),
        ("id: i, points: 10, measure: stays, take: share, slope: {full: 1, zero: 0}", 13, "numerator"),
        ("id: i, points: 1, veto: {at: 1}", 13, "一票否决"),
        ("id: i, veto: {at: 1, grade: Z}", 13, "Z"),
        ("id: b, points: 10, given: true", 13, "两次"),
        ("id: i, points: 10, given: true, wieght: 2", 13, "wieght"),
    ],
)  # fmt: skip
def test_a_wrong_scheme_is_refused_with_its_line(tmp_path, item, line, words):
    with pytest.raises(ConfigError) as error:
        scheme(tmp_path, [item])
    assert f"t.yaml:{line}：" in error.value.zh
    assert words in error.value.zh


MARK_HEAD = "hospital,item,value,author,date,evidence"


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("A,i,5,,2026-12-01,纪要", "author 空着"),
        ("A,i,5,张三,2026-12-01,", "evidence 空着"),
        ("A,i,11,张三,2026-12-01,纪要", "0 与 10 之间"),
        ("A,i,-1,张三,2026-12-01,纪要", "小于 0"),
        ("A,i,五,张三,2026-12-01,纪要", "不是数"),
        ("A,k,5,张三,2026-12-01,纪要", "没有要人评的项目 k"),
        ("A,i,5,张三,昨天,纪要", "不是日期"),
        ("A,i,5,张三,2026-12-01,纪要\nA,i,6,张三,2026-12-01,纪要", "两次"),
    ],
)  # fmt: skip
def test_a_wrong_mark_is_refused_with_its_row(tmp_path, row, words):
    table = scheme(tmp_path, ["id: i, points: 10, given: true"])
    path = tmp_path / "marks.csv"
    path.write_text(f"{MARK_HEAD}\n{row}\n", encoding="utf-8")
    with pytest.raises(InputError) as error:
        given_tables.read_marks(path, table)
    assert words in error.value.zh
    assert "第 " in error.value.zh


def test_tables_are_read_as_people_have_them(tmp_path):
    table = scheme(tmp_path, ["id: i, points: 10, given: true"])
    path = tmp_path / "t.csv"
    path.write_text(
        "机构编码,项目,分值,评分人,日期,依据\n*,i,8,张三,2026年12月1日,现场查看\nA,i,9.5,张三,20261201,现场查看\n",
        encoding="gb18030",
    )
    marks = given_tables.read_marks(path, table)
    assert (marks.get("A", "i").value, marks.get("B", "i").value, marks.get("A", "i").date) == (
        F("9.5"),
        8,
        date(2026, 12, 1),
    )
    marks.check({"A"}, {})
    with pytest.raises(InputError, match="A 没有指标"):
        marks.check({"B"}, {})
    path.write_text("机构编码,指标,分子,分母\nA,passed,19,20\nA,own_share,0.3,3\n", encoding="utf-8")
    assert given_tables.read_values(path)["A"]["own_share"] == IndicatorValue(F("0.3"), F(3))
    path.write_text("机构编码,指标,值\nA,passed,95%\n", encoding="utf-8")
    assert given_tables.read_values(path)["A"]["passed"] == IndicatorValue(F("0.95"), None)
    path.write_text("机构编码,指标,值\nA,passed,高\n", encoding="utf-8")
    with pytest.raises(InputError, match="第 1 行数据的 value"):
        given_tables.read_values(path)
    path.write_text("机构编码,机构名称,等级,类型,医联体\nA,甲,3,综合,A\nB,乙,1,综合,A\n", encoding="utf-8")
    assert given_tables.leads(given_tables.read_hospitals(path)) == {"A": "A", "B": "A"}
    path.write_text("机构编码,医联体\nA,B\nB,\n", encoding="utf-8")
    with pytest.raises(InputError, match="牵头机构"):
        given_tables.read_hospitals(path)


@pytest.mark.parametrize("name", pages.known())
def test_the_examples_say_that_their_points_are_ours(name):
    table = pages.load(name).on(DAY)
    assert table.example
    assert "不是官方评分表" in table.note_zh
    assert [len(block.items) > 0 for block in table.blocks] == [True] * {"zhejiang-drg": 8, "wuhan-dip": 8}[name]


def test_numbers_are_exact_until_they_are_shown():
    assert exact("0.1") + exact("0.2") == F("0.3")
    assert exact(0.1) == F(1, 10)
    assert [exact(each) for each in ("1,234.5", "95%", "", "x", None, True, "nan", "1e999999999")] == [
        F("1234.5"),
        F("0.95"),
        *[None] * 6,
    ]
    assert (shown(F(1, 3)), shown(F(-1, 100_000)), percent(F(1, 8)), shown(F(5, 2), 0)) == ("0.3333", "0", "12.5%", "3")
    assert (literal(F("0.125")), literal(F(1, 3)), literal(F(-2))) == ("0.125", "(1/3)", "-2")
