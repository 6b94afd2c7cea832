"""Measures computed by hand from tables small enough to check by eye."""

from dataclasses import replace
from datetime import date, timedelta

import polars as pl
import pytest

from tests.scoring.rows import ROWS, YEAR, grouped, measured, stays
from tests.shared import MADE_UP
from validator import generate, measure
from validator.base.errors import InputError
from validator.checks import catalogue
from validator.codes.tables import Store
from validator.generate import conduct
from validator.loaders import add
from validator.scoring import leaves, measures, weights
from validator.scoring.cells import CODED
from validator.scoring.faults import ACCURACY, DIP_CLASSES, WRONG, dip_rules
from validator.scoring.formulas import FORMULAS
from validator.scoring.indices import dispersion, indexed
from validator.scoring.period import period
from validator.scoring.readmission import Readmission, next_stays
from validator.scoring.signals import signalled, signals


def test_shares_have_numerator_denominator_excluded_and_unjudged():
    found = measured({"errors": 1}, {}, {"disposition": "cannot_be_judged", "errors": 3}, {"must_missing": 2})
    passed = found["passed"]
    assert (passed["numerator"], passed["denominator"], passed["unjudged"]) == (2, 3, 1)
    assert passed["value"] == pytest.approx(2 / 3)
    assert (found["complete_cases"]["numerator"], found["complete_cases"]["denominator"]) == (3, 4)
    assert (found["complete_cells"]["numerator"], found["complete_cells"]["denominator"]) == (40, 42)


def test_a_denominator_of_nothing_gives_no_value():
    row = measured({})["accurate_principal_diagnosis"]
    assert (row["numerator"], row["denominator"], row["value"], row["low"], row["unjudged"]) == (0, 0, None, None, 1)


def test_documents_that_agree_are_accurate_and_those_not_compared_are_unjudged():
    against = {f"against:{name}": 0 for name in ACCURACY}
    found = measured(
        {"compared": True, **against},
        {"compared": True, **against, "against:principal_diagnosis": 1, "contradicted": 1},
        {},
    )
    row = found["accurate_principal_diagnosis"]
    assert (row["numerator"], row["denominator"], row["unjudged"]) == (1, 2, 1)
    assert found["accurate_other_diagnoses"]["value"] == 1
    assert found["truthful"]["value"] == 0.5


def test_codes_are_held_against_loaded_tables_alone():
    found = measured({f"{CODED}icd10": 4, f"{WRONG}icd10": 1}, {f"{CODED}icd10": 6, f"{WRONG}icd10": 0})
    assert (found["landed_icd10"]["numerator"], found["landed_icd10"]["denominator"]) == (9, 10)
    assert found["landed_icd9cm3"]["unjudged"] == 2


def test_the_three_figures_of_the_case_mix_index():
    rows = [grouped("AA11"), grouped("AA11"), grouped("BB15"), {"status": "failed"}, {"status": "excluded"}]
    found = measured(*rows, weights=[("AA11", 2.0), ("BB15", 0.5)])
    assert found["cmi_all"]["value"] == pytest.approx(4.5 / 5)
    assert found["cmi_taking_part"]["value"] == pytest.approx(4.5 / 4)
    assert found["cmi"]["value"] == pytest.approx(4.5 / 3)
    assert (found["grouping_rate"]["numerator"], found["grouping_rate"]["denominator"]) == (3, 4)
    assert found["grouping_rate"]["excluded"] == 1
    assert found["groups"]["value"] == 2


def test_a_group_without_a_weight_is_not_judged():
    found = measured(grouped("AA11"), grouped("ZZ99"), weights=[("AA11", 2.0)])
    assert (found["cmi"]["value"], found["cmi"]["unjudged"]) == (2.0, 1)
    without = measured(grouped("AA11"), {"status": "failed"})
    assert (without["cmi"]["unjudged"], without["cmi"]["value"]) == (1, None)
    for name in ("cmi_all", "cmi_taking_part"):  # a weight of 0 for those without a group would be a made-up figure
        assert (without[name]["unjudged"], without[name]["value"]) == (2, None)


def test_cost_and_time_index_are_held_against_all_hospitals():
    # Group X: A pays 1000 and 3000, B 2000: the mean is 2000 (A 1.0, B 1.0). Group Y: A alone: 1. Days of X: 2, 4 and 6.
    rows = [
        grouped("X", total=100_000, days=2), grouped("X", total=300_000, days=4), grouped("X", total=200_000, days=6, hospital="B"),
        grouped("Y", total=500_000, days=1), {"status": "failed"},
    ]  # fmt: skip
    found = measured(*rows, by="hospital")
    assert found["A", "cost_index"]["value"] == pytest.approx((0.5 + 1.5 + 1) / 3)
    assert found["A", "time_index"]["value"] == pytest.approx((2 / 4 + 4 / 4 + 1) / 3)
    assert found["B", "time_index"]["value"] == pytest.approx(6 / 4)
    assert found["A", "cost_index"]["excluded"] == 1


def test_a_group_whose_mean_is_nothing_is_left_out_and_counted():
    row = measured(grouped("X", total=0), grouped("Y"))["cost_index"]
    assert (row["value"], row["denominator"], row["unjudged"]) == (1, 1, 1)


def test_high_and_low_cost_at_the_limit():
    # The mean of the four is 1000 yuan: 2000 is exactly twice, 500 exactly half of it.
    rows = [grouped("X", total=total) for total in (200_000, 50_000, 49_900, 100_100)]
    found = measured(*rows)
    assert found["high_cost"]["numerator"] == 1
    assert found["low_cost"]["numerator"] == 1


def test_stays_per_person_and_own_expense():
    found = measured({"person": 7}, {"person": 7}, {"person": 8}, {"person": None})
    assert (found["visits_per_person"]["value"], found["visits_per_person"]["unjudged"]) == (1.5, 1)
    assert found["own_share"]["value"] == pytest.approx(0.1)
    nothing = measured({"total": 0, "own": 0})["own_share"]
    assert (nothing["denominator"], nothing["value"]) == (0, None)


def test_deaths_where_few_die():
    # Mortality of P, Q, R: 1/2, 1/2, 1/100. The logs' mean less one SD lies between that of R and those of P and Q.
    rows = [grouped("P", left="5"), grouped("P"), grouped("Q", left="5"), grouped("Q")]
    rows += [grouped("R", left="5"), *[grouped("R")] * 99, grouped("S")]
    row = measured(*rows)["low_risk_deaths"]
    assert (row["numerator"], row["denominator"], row["excluded"]) == (1, 100, 5)


def test_the_interval_of_a_share():
    found = measured({"errors": 1}, *[{}] * 9)["passed"]  # Wilson's interval of 9 of 10
    assert (found["low"], found["high"]) == (pytest.approx(0.5958, abs=1e-4), pytest.approx(0.9821, abs=1e-4))
    assert measured({})["passed"]["high"] == 1


def test_formulas_of_cells_and_money_that_no_other_test_counts():
    doubts = [
        {"dip:compliance": 0, "dip:against_high": 1},
        {"dip:compliance": 0, "dip:against_high": 0},
        {"dip:compliance": 2},
    ]
    found = measured(
        grouped("X", total=300_000, own_charged=45_000, grouping_filled=6, **doubts[0]),
        grouped("Y", total=100_000, own_charged=15_000, grouping_filled=4, grouping_missing=2, **doubts[1]),
        {"status": "failed", "total": 100_000, "own_charged": 0, "dip:against_high": 0, **doubts[2]},
        weights=[("X", 1.5), ("Y", 0.5)],
    )
    of = {name: (row["numerator"], row["denominator"]) for name, row in found.items()}
    assert of["grouping_complete_cases"] == (2, 3)
    assert of["grouping_complete_cells"] == (15, 17)
    assert of["money_per_weight"] == (4000, 2)  # yuan
    assert of["own_charged_share"] == (600, 5000)
    assert (of["dip_compliance"], of["dip_against_high"]) == ((2, 3), (2, 3))


@pytest.mark.parametrize("name", ACCURACY)
def test_what_the_record_contradicts_is_not_accurate(name):
    agreeing = {"compared": True, **{f"against:{each}": 0 for each in ACCURACY}}
    found = measured(agreeing, {**agreeing, f"against:{name}": 2}, {})
    for each in ACCURACY:
        row = found[f"accurate_{each}"]
        assert (row["numerator"], row["denominator"], row["unjudged"]) == (1 if each == name else 2, 2, 1)


def test_nothing_and_one_stay_of_which_nothing_is_known_give_no_value():
    unknown = dict.fromkeys(ROWS)
    for rows, count in (([], 0), ([{**unknown, "discharged": date(2026, 3, 5)}], 1)):
        for name, row in measured(*rows).items():
            known = {"stays": count, "groups": None if count else 0}
            assert row["value"] == known.get(name), name
            assert row["denominator"] in (0, known.get(name)), name


def test_groups_of_one_mortality_are_none_of_low_risk():
    rows = [each for name in "PQR" for each in (grouped(name, left="5"), grouped(name))]
    assert (
        measured(*rows)["low_risk_deaths"]["denominator"] == 0
    )  # no group lies below the mean by a deviation of nothing
    assert measured(grouped("P", left="5"))["low_risk_deaths"]["denominator"] == 0  # one group has no deviation


def test_points_are_weights_of_a_hundred(tmp_path):
    path = tmp_path / "points.csv"
    path.write_text("病组编码,基准点数\nX,150\nY,50.5\n", encoding="utf-8")
    assert dict(weights.read(path).iter_rows()) == {"X": 1.5, "Y": 0.505}


def test_which_way_each_stay_went():
    within = indexed(stays({"errors": 1}, {}, {"disposition": "cannot_be_judged"}, {"status": "excluded"}), None, YEAR)
    ways = measures.ways(within)
    assert ways["passed"].to_list() == ["no", "yes", "unjudged", "yes"]
    assert ways["grouping_rate"].to_list() == ["unjudged", "unjudged", "unjudged", "excluded"]
    assert ways["own_share"].to_list() == ["counted"] * 4


def test_stays_count_by_their_day_of_discharge():
    days = [date(2025, 12, 31), date(2026, 1, 1), date(2026, 12, 31), date(2027, 1, 1)]
    assert measured(*({"discharged": day} for day in days))["stays"]["value"] == 2


def test_every_measure_has_words_and_a_formula():
    assert {each.id for each in measures.measures()} == FORMULAS.keys()


@pytest.mark.parametrize(
    ("text", "begin", "end"),
    [
        ("2026", date(2026, 1, 1), date(2026, 12, 31)), ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2026Q4", date(2026, 10, 1), date(2026, 12, 31)), ("2026-01-15..2026-01-15", date(2026, 1, 15), date(2026, 1, 15)),
    ],
)  # fmt: skip
def test_periods(text, begin, end):
    found = period(text)
    assert (found.begin, found.end) == (begin, end)
    assert found.before().end == begin - timedelta(1)


@pytest.mark.parametrize("text", ["", "26", "2026-13", "2026Q5", "2026-02-01..2026-01-01", "2026-02-30..2026-03-01"])
def test_periods_that_are_none(text):
    with pytest.raises(InputError, match="期间"):
        period(text)


def test_the_period_before_has_the_same_months():
    assert period("2026").before().begin == date(2025, 1, 1)
    assert period("2026-03").before().begin == date(2026, 2, 1)
    assert period("2026-01-11..2026-01-20").before().begin == date(2026, 1, 1)


def again(gap, **second):
    first = {"person": 1, "discharged": date(2026, 3, 5)}
    day = date(2026, 3, 5) + timedelta(gap)
    return first, {"person": 1, "admitted": day, "discharged": day + timedelta(3), **second}


@pytest.mark.parametrize(
    ("rows", "how", "counts"),
    [
        (again(15), Readmission(), 1),
        (again(16), Readmission(), 0),
        (again(0), Readmission(), 1),
        (again(3, principal="Z51.102"), Readmission(), 0),
        (again(3, payment="5"), Readmission(), 0),
        (again(3, person=2), Readmission(), 0),
        (again(3, person=None), Readmission(), 0),
        (again(3, hospital="B"), Readmission(), 0),
        (again(3, hospital="B"), Readmission(same_hospital=False), 1),
        (again(0, hospital="B"), Readmission(same_hospital=False), 0),
        (again(0, hospital="B"), Readmission(same_hospital=False, transfers=True), 1),
        (again(0), Readmission(same_hospital=False), 1),
        ((*again(3), again(9)[1]), Readmission(), 2),  # each discharge once: the first, and the second
    ],
)
def test_readmissions(rows, how, counts):
    found = next_stays(stays(*rows), how, None)["readmitted"]
    assert found.sum() == counts
    assert found[0] == (counts > 0)


def test_two_stays_within_one_day_follow_one_another_once():
    day = {"person": 1, "admitted": date(2026, 3, 5), "discharged": date(2026, 3, 5)}
    assert next_stays(stays(day, day), Readmission(), None)["next"].to_list() == [1, None]


def test_the_last_days_of_which_the_data_tell_are_not_judged():
    rows = [{"discharged": date(2026, 12, 16)}, {"discharged": date(2026, 12, 17)}, *again(290)]
    assert measured(*rows)["readmission"]["unjudged"] == 2  # 12-17, and the second of again(290), until 12-23
    later = {"admitted": date(2026, 12, 30), "discharged": date(2027, 1, 6)}
    assert measured(*rows, later)["readmission"]["unjudged"] == 1


def test_the_fund_money_and_the_groups_that_are_covered():
    # 600 yuan by DRG, 300 by bed day, nothing known of the third.
    rows = [grouped("X"), grouped("Y", fund=30_000, payment="5"), grouped("X", fund=None)]
    found = measured(*rows, settings=replace(YEAR, scheme_groups=8))
    row = found["fund_covered"]
    assert (row["numerator"], row["denominator"], row["unjudged"]) == (600, 900, 1)
    assert (found["groups_covered"]["numerator"], found["groups_covered"]["denominator"]) == (2, 8)
    assert measured(*rows)["groups_covered"]["unjudged"] == 3


def test_the_three_classes_of_rules_of_dip_supervision_have_thirty_rules_with_pages():
    rules = dip_rules()
    assert {rule.class_ for rule in rules} == DIP_CLASSES.keys()
    assert len({rule.check for rule in rules}) == len(rules) >= 30
    known = catalogue.load()
    pages = {name for layout in known.layouts for name, check in known.checks(layout).items() if check.rule}
    assert {rule.check for rule in rules} <= pages
    row = measured({"dip:against_low": 1}, {"dip:against_low": 0})["dip_against_low"]
    assert (row["numerator"], row["denominator"]) == (1, 2)


def test_dispersion_needs_ten_stays():
    def found(costs):
        rows = dispersion(indexed(stays(*(grouped("X", total=cost) for cost in costs)), None, YEAR))
        return rows.filter(pl.col("hospital").is_null())["cv"][0]

    assert found([100] * 9) is None
    assert found([100, 300] * 5) == pytest.approx(105.409 / 200, abs=1e-4)


def signal(*rows, settings=YEAR):
    every = stays(*rows)
    found = signalled(indexed(every, None, settings), every, settings)
    return {(row["signal"], row["case_id"], row["other_case"]) for row in found.to_dicts()}


def test_low_cost_and_short_stays_at_their_limits():
    others = [
        grouped("X", total=107_000, days=10, person=100 + n) for n in range(10)
    ]  # with 30 000 the mean is 100 000

    def found(cost, days):
        first = grouped("X", total=cost, days=days, **again(3)[0])
        return {each for each, case, _ in signal(first, again(3)[1], *others) if case == "1"}

    assert found(30_000, 2) == found(30_000, 3) == {"EARLY"}  # exactly 0.3 of the mean is not below it
    assert found(29_900, 2) == {"EARLY", "INDICATION"}
    assert found(29_900, 3) == {"EARLY", "UPCODED"}
    assert found(29_900, 5) == {"UPCODED"}  # 5 of 9.5 days are more than half
    assert not signal(grouped("X", total=1000, days=1, tests=0), *others[:8])  # nine stays of a group say too little


TEN = [grouped("X", total=100_000, days=10, tests=10_000, person=100 + n) for n in range(10)]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([{"tests": 60_000, "drugs": 40_000}], ("BED02", "1", None)),
        ([{"bed": 100_000, "tests": 0, "drugs": 0}], ("BED03", "1", None)),
        ([{"days": 9, "leave_days": 5}], ("BED04", "1", None)),
        ([{"outside_stay": 1}], ("BED06", "1", None)),
        (again(1, payment="5"), ("SPLIT02", "1", "2")),
        (again(15, principal="E11.900"), ("SPLIT03", "1", "2")),
        (
            [
                {**row, "procedure": code}
                for row, code in zip(again(30, principal="I10.x02"), ("36.0", "37.2"), strict=True)
            ],
            ("SPLIT04", "1", "2"),
        ),
        (again(0, hospital="B"), ("SPLIT05", "1", "2")),
        (again(1, department="04"), ("SPLIT06", "1", "2")),
        ([{"tests": 80_000}], ("CHECKUP", "1", None)),
        ([grouped("X", total=20_000, days=2), *TEN], ("INDICATION", "1", None)),
        ([grouped("X", total=20_000, days=10), *TEN], ("UPCODED", "1", None)),
        ([grouped("X", days=40), *TEN], ("LONG", "1", None)),
        ([grouped("X", total=20_000, days=2, **again(3)[0]), again(3)[1], *TEN], ("EARLY", "1", None)),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) and isinstance(value[0], str) else "",
)
def test_each_signal_has_a_stay_that_raises_it(rows, expected):
    assert expected in signal(*rows)


@pytest.mark.parametrize(
    "rows",
    [
        [{}],
        [{"tests": 60_000, "drugs": 39_999}],
        [{"days": 10, "leave_days": 5}],
        again(2, payment="5"),
        again(31, principal="I10.x02", procedure="36.0"),
        again(1, hospital="B"),
        [{"tests": 79_900}],
        [{"tests": 80_000, "drugs": 10_000, "procedure": "36.0"}],
        [grouped("X", days=30), *TEN],
        TEN,
    ],
)
def test_stays_at_the_other_side_of_the_limits_raise_no_signal(rows):
    assert not signal(*rows)


def test_critical_cases_that_fall_in_number_and_share():
    def cases(year, critical, others):
        day = {"admitted": date(year, 3, 1), "discharged": date(year, 3, 5)}
        return [{**day, "critical": True}] * critical + [day] * others

    # 40 and 20 of 100: 0.3 together, so a deviation of 0.0648; the fall of 0.2 is three of them and more, that to 21 is not.
    assert signal(*cases(2025, 40, 60), *cases(2026, 20, 80)) == {("REFUSE03", None, None)}
    assert not signal(*cases(2025, 40, 60), *cases(2026, 21, 79))
    assert signal(*cases(2025, 10, 90), *cases(2026, 0, 100)) == {("REFUSE03", None, None)}
    assert not signal(*cases(2025, 10, 90), *cases(2026, 8, 92))  # a fifth less, as chance has it
    assert not signal(*cases(2025, 10, 90), *cases(2026, 9, 91))  # a tenth less
    assert not signal(*cases(2025, 9, 90), *cases(2026, 1, 92))  # fewer than ten before
    assert not signal(*cases(2025, 10, 90), *cases(2026, 5, 40))  # the share did not fall by a fifth


def test_every_form_of_conduct_says_what_it_needs_or_is_judged():
    from validator.scoring.signals import _MAKERS, NEEDS

    known = {each.id: each for each in signals()}
    assert _MAKERS.keys() == {name for name, each in known.items() if each.data in ("lists", "fees", "leave")}
    assert {each.data for each in known.values()} <= {"lists", *NEEDS}
    assert {each.form for each in known.values()} >= {
        *(f"6({n})" for n in range(1, 7)), *(f"7({n})" for n in range(1, 8)), *(f"10({n})" for n in range(1, 5)),
        *(f"11({n})" for n in range(1, 5)), "8", "9", "12",
    }  # fmt: skip


def test_days_of_leave_count_once(tmp_path):
    path = tmp_path / "leaves.csv"
    path.write_text(
        "结算ID,请假开始,返院日期\nS1,2026-03-01,2026-03-04\nS1,2026/3/3,2026-03-05\nS2,2026-03-01,2026-03-01\n",
        encoding="gb18030",
    )
    assert dict(leaves.read(path).sort("case_id").iter_rows()) == {"S1": 4, "S2": 1}  # 1, 2, 3 and 4 March
    path.write_text("setl_id,leave_begin,leave_end\nS1,2026-03-04,2026-03-01\n", encoding="utf-8")
    with pytest.raises(InputError, match="S1"):
        leaves.read(path)


def test_conduct_that_is_planted_is_found_and_clean_lists_raise_no_signal(tmp_path):
    books = tmp_path / "books"
    add(MADE_UP.scheme, Store(books), version="made-up")
    generate.write(2400, 2, 0, tmp_path / "planted", "parquet", conduct=0.2)
    planted = pl.read_parquet(tmp_path / "planted" / "_truth.parquet")
    assert set(planted["check"]) == {*conduct.SIGNALS, "REFUSE03"}
    found = measure(tmp_path / "planted", "2026-01-01..2026-06-30", codebooks=books)
    # Signals of cost and length need a group of ten; others are at every stay of the period.
    usual = set(found.stays.filter(pl.col("group_stays") >= 10)["case_id"])
    here = set(found.stays["case_id"])
    wanted = {
        (check, case if check != "REFUSE03" else None)
        for check, case in planted.select("check", "case_id").iter_rows()
        if check == "REFUSE03" or case in (usual if check in conduct.CHANGED else here)
    }
    assert set(found.signals.select("signal", "case_id").iter_rows()) == wanted
    assert {check for check, _ in wanted} == {*conduct.SIGNALS, "REFUSE03"}
    assert found.signals.filter(signal="REFUSE03")["hospital"].to_list() == [conduct.REFUSING]
    generate.write(2400, 2, 0, tmp_path / "clean", "parquet")
    assert measure(tmp_path / "clean", "2026-01-01..2026-06-30", codebooks=books).signals.is_empty()
