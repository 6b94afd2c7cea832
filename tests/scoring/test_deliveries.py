"""Delivery, timeliness and correction from a roll and a ledger, counted by hand; charge lines and front pages by stay."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from tests.scoring.rows import measured, stays
from tests.shared import MADE_UP
from validator import generate, measure
from validator.checks import catalogue
from validator.codes.tables import Store
from validator.loaders import add
from validator.read.partition import Partition, Source
from validator.scoring import deliveries, lines, measures
from validator.scoring.cells import CODED
from validator.scoring.faults import WRONG
from validator.scoring.pages import INDICATOR
from validator.scoring.period import period
from validator.spec.intake import Deadline, Intake

TWELVE_DAYS = Intake(deadline=Deadline("settlement", 12, None, "calendar", 0, "first"))
ROLL = """setl_id,fixmedins_code,setl_time
S0001,H11010500001,2026-01-05
S0002,H11010500001,2026-01-05
S0003,H11010500001,2026-01-20
S0004,H11010500001,2026-01-20
S0009,H11010500001,2025-12-31
S0005,H11010500002,2026-02-03
"""


def counted(found: deliveries.Deliveries, by: str = "all") -> dict[object, tuple[float, float, int, int]]:
    rows = measures.measured(found.counted, [by])
    return {
        (row["hospital"], row["measure"]) if by != "all" else row["measure"]: (
            row["numerator"], row["denominator"], row["excluded"], row["unjudged"],
        )
        for row in rows.to_dicts()
    }  # fmt: skip


def test_a_roll_alone_tells_what_came_and_not_when(tmp_path: Path) -> None:
    roll = tmp_path / "roll.csv"
    roll.write_text(ROLL, encoding="utf-8")
    every = stays(*({"case_id": f"S000{n}", "hospital": "H11010500001", "month": "2026-01"} for n in (1, 2, 9)))
    found = deliveries.read(roll, None, every, period("2026"), TWELVE_DAYS, date(2026, 12, 31))
    assert counted(found)["delivered"] == (2, 5, 0, 0)  # S0009 is of the year before
    assert counted(found)["hospitals_delivered"] == (1, 2, 0, 0)
    assert counted(found)["timely"] == (0, 0, 0, 5)
    assert counted(found, "month")["H11010500001", "delivered"] == (2, 4, 0, 0)
    roll.write_text("fixmedins_code,setl_ym,cases\nH11010500001,202601,4\nH11010500002,202602,1\nH3,202512,9\n")
    of_counts = deliveries.read(roll, None, every, period("2026"), TWELVE_DAYS, date(2026, 12, 31))
    assert counted(of_counts)["hospitals_delivered"] == (1, 2, 0, 0)
    assert counted(of_counts)["delivered"] == (0, 0, 0, 0)


def test_a_ledger_tells_what_was_in_time_and_what_became_of_errors(tmp_path: Path) -> None:
    pytest.importorskip("alembic", reason="needs the extra service")
    from tests.intake.deliveries import a_list, as_file
    from validator.intake.ledger import open_ledger
    from validator.intake.options import Options
    from validator.intake.receive import receive

    ledger = open_ledger(tmp_path / "ledger")
    try:
        first = as_file(tmp_path / "a.jsonl", a_list(1, gend=""), a_list(2, gend="", naty=""))
        receive(ledger, [first], Options(received="2026-01-17T09:00:00+08:00"))  # the last day for those of the 5th
        again = as_file(tmp_path / "b.jsonl", a_list(1), a_list(2, gend="", naty="01"), a_list(3))
        receive(ledger, [again], Options(received="2026-02-02T09:00:00+08:00"))  # a day late for the 20th
        roll = tmp_path / "roll.csv"
        roll.write_text(ROLL, encoding="utf-8")
        every = stays({})
        found = deliveries.read(roll, ledger, every, period("2026"), TWELVE_DAYS, date(2026, 2, 10))
        nothing = deliveries.read(None, ledger, every, period("2025"), TWELVE_DAYS, date(2026, 2, 10))
    finally:
        ledger.close()
    # In time: 1, 2. Late: 3. Never: 4. Not over yet: that of 02-03. By the first acceptance 1 is late, 2 never accepted.
    assert counted(found)["timely"] == counted(found)["timely_first"] == (2, 4, 1, 0)
    assert counted(found)["timely_accepted"] == (0, 4, 1, 0)
    assert counted(found)["delivered"] == (3, 5, 0, 0)
    errors = found.counted["faults"].group_by("case_id").agg(pl.col("corrected", "repeated").sum()).sort("case_id")
    total = found.counted["faults"].height
    assert errors["case_id"].to_list() == ["S0001", "S0002"]
    assert counted(found)["corrected"] == (errors["corrected"].sum(), total, 0, 0)
    assert counted(found)["repeated"] == (total - errors["corrected"].sum(), total, 0, 0)
    assert errors["repeated"].to_list()[0] == 0
    assert errors.row(1)[1:] != (0, 0)
    assert nothing.counted["faults"].is_empty()


def a_partition(codes: list[str | None], amounts: list[str]) -> Partition:
    count = len(codes)
    housekeeping = {"_source": [0] * count, "_line": [None] * count}
    kinds = {"_case": pl.UInt32, "_row": pl.UInt32, "_source": pl.UInt32, "_line": pl.UInt32}
    cases = pl.DataFrame({"_case": [0, 1], "_row": [1, 1], "_source": [0, 0], "_line": [None] * 2}).cast(kinds)
    rows = pl.DataFrame(
        {
            "_case": [0] * count, "_row": list(range(1, count + 1)), **housekeeping, "med_list_codg": codes,
            "det_item_fee_sumamt": amounts, "fee_ocur_time": ["2026-01-02 08:00:00"] * count,
        },
        schema_overrides={"med_list_codg": pl.String},
    ).cast(kinds)  # fmt: skip
    named = cases.with_columns(case_id=pl.Series(["A", "B"]))
    return Partition("4101+2301", "setlinfo", {"setlinfo": named, "feedetail": rows}, [Source("lines")])


def test_lines_and_money_on_national_codes() -> None:
    # A service, a drug (written small), a local code, none; a service taken back in part.
    codes = ["003112010040000", "xa01abd075a002010100483", "331100001", None, "003112010040000"]
    part = a_partition(codes, ["100.00", "50.00", "30.00", "20.00", "-10.00"])
    found = lines.of(part, catalogue.load())
    first = found.row(0, named=True)
    assert [first[name] for name in ("lines", "national", "line_money", "national_money")] == [5, 3, 19_000, 14_000]
    assert (first[f"{CODED}service_item"], first[f"{WRONG}service_item"], first[f"{CODED}drug"]) == (2, 0, 1)
    assert found["lines"][1] is None  # the other list has no lines
    row = measured({name: first[name] for name in ("lines", "national", "line_money", "national_money")}, {})
    assert (row["catalogue_lines"]["value"], row["catalogue_lines"]["unjudged"]) == (0.6, 1)
    assert (row["catalogue_money"]["numerator"], row["catalogue_money"]["denominator"]) == (140, 190)


def test_scores_and_indicators_of_pages_by_stay() -> None:
    page = {"compared": True, "page_filled": 10}
    found = measured(
        {**page, "procedure": "36.0"},
        {
            **page,
            "page_score": 89.5,
            "page_missing": 2,
            f"{INDICATOR}2": True,
            f"{INDICATOR}7": True,
            "procedure": "36.0",
        },
        {**page, "page_score": 90.0, f"{INDICATOR}9": True},
        {},
    )
    assert (found["front_page_score"]["value"], found["front_page_score"]["unjudged"]) == (pytest.approx(279.5 / 3), 1)
    shares = {
        name: (found[f"front_page_{name}"]["numerator"], found[f"front_page_{name}"]["denominator"]) for name in
        ("1a", "1b", "2", "3", "7", "8", "9")
    }  # fmt: skip
    assert shares == {"1a": (2, 3), "1b": (30, 32), "2": (2, 3), "3": (2, 2), "7": (1, 2), "8": (2, 3), "9": (2, 3)}
    assert found["front_page_3"]["excluded"] == 2


def test_records_count_for_pages_and_lists_for_lists(tmp_path: Path) -> None:
    generate.write(6, 5, 0, tmp_path / "lists", "csv", encoding="utf-8")
    generate.write(6, 5, 0, tmp_path / "pages", "csv", encoding="utf-8", interface="4401")
    name = next((tmp_path / "pages").glob("*baseinfo*"))
    text = pl.read_csv(name, infer_schema_length=0)
    text.with_columns(gend=pl.when(pl.int_range(pl.len()) == 0).then(pl.lit("")).otherwise("gend")).write_csv(name)
    found = measure(tmp_path / "lists", "2000-01-01..2099-12-31", record=tmp_path / "pages")
    every = {row["measure"]: row for row in found.measured.filter(by="all").to_dicts()}
    assert (every["front_page_1a"]["numerator"], every["front_page_1a"]["denominator"]) == (5, 6)
    assert every["front_page_score"]["value"] == pytest.approx(100 - 1 / 6)  # sex is worth a point
    assert every["complete_cases"]["value"] == 1
    assert every["front_page_1b"]["denominator"] - every["front_page_1b"]["numerator"] == 1


def test_lists_that_grouping_cannot_read_are_not_judged(tmp_path: Path) -> None:
    generate.write(5, 5, 0, tmp_path / "lists", "csv", encoding="utf-8")
    for path in (tmp_path / "lists").glob("*diseinfo*"):
        path.unlink()
    add(MADE_UP.scheme, Store(tmp_path / "books"), version="made-up")
    found = measure(tmp_path / "lists", "2000-01-01..2099-12-31", codebooks=tmp_path / "books")
    every = {row["measure"]: row for row in found.measured.filter(by="all").to_dicts()}
    assert every["grouping_rate"]["unjudged"] == found.stays.height == 5
    assert sum(found.not_grouped.values()) == 5
    assert "诊断" in next(iter(found.not_grouped))
