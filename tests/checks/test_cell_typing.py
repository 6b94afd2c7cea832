"""What a cell's text means, and that a column of texts means the same."""

import random
from dataclasses import replace

import polars as pl
import pytest

from validator import api
from validator.checks import typing
from validator.checks.cell_typing import CellTyping, duration_parts, text_column
from validator.checks.typing import Typing

CATALOGUE = api.load()
SETTLEMENT = CATALOGUE.layouts["4101"].tables["setlinfo"].fields
PLAIN = replace(SETTLEMENT["ntly"], length=None, domain="", pattern="", blank=())
DAY = 86_400_000_000


def cell(
    kind: str, text: str, scale: int = 0, pattern: str = "", fold: str = ""
) -> tuple[str | None, str | int | None]:
    return CellTyping(replace(PLAIN, type=kind, scale=scale, pattern=pattern), fold).cell(text)


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("1", 100), ("+1.5", 150), (".5", 50), ("3.", 300), ("-.5", -50), ("1.005", 100), ("1.015", 102), ("1.025", 102),
        ("-1.015", -102), ("1.0050001", 101), ("0" * 40 + "1", 100), ("999999999999999.994", 10**17 - 1),
        ("999999999999999.995", None), ("1" + "0" * 15, None), ("1e3", None), ("1,000.00", None), ("-", None), (".", None),
        ("--1", None), ("１２．５", 1250), ("12元", None), ("-0.001", 0),
    ],
)  # fmt: skip
def test_amounts_are_whole_numbers_of_fen_rounded_half_to_even(text: str, units: int | None) -> None:
    assert cell("number", text, 2)[1] == units


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("7", 7),
        ("-7", -7),
        ("7.00", 7),
        ("7.5", None),
        ("9" * 15, 10**15 - 1),
        ("1" + "0" * 15, None),
        ("007", 7),
        ("七", None),
    ],
)
def test_whole_numbers(text: str, number: int | None) -> None:
    assert cell("number", text)[1] == number


def test_of_several_numbers_the_lowest_counts() -> None:
    assert cell("number", "2650,2480", 2, "weights")[1] == 248_000
    assert cell("number", "2650,", 2, "weights")[1] is None


@pytest.mark.parametrize(
    ("text", "days", "seconds"),
    [
        ("1970-01-02", 1, 0), ("1970-1-2 3:4", 1, 11_040), ("1970/1/2 03:04:05", 1, 11_045), ("19700102", 1, 0),
        ("19700102030405", 1, 11_045), ("1970-01-02T03:04:05.9", 1, 11_045.9), ("1970.1.2", 1, 0), ("1970年1月2日", 1, 0),
        ("46209.5", 20_640, 43_200), ("46209", 20_640, 0), ("1900-01-01", -25_567, 0), ("2199-12-31 23:59:59", 84_005, 86_399),
    ],
)  # fmt: skip
def test_dates_and_times(text: str, days: int, seconds: float) -> None:
    assert cell("datetime", text)[1] == days * DAY + int(seconds * 1_000_000)
    assert cell("date", text)[1] == days


@pytest.mark.parametrize(
    "text",
    [
        "0000-01-01", "0001-01-01", "1899-12-31 23:59:59", "2200-01-01", "9999-12-31", "+12026-01-01", "2026-02-30",
        "2026-07-06 24:00", "2026-07-06 10:60", "2026-07-06 10:00:60", "2026-7- 06", "2026-07/06", "10000", "70000", "26-07-06",
    ],
)  # fmt: skip
def test_no_dates(text: str) -> None:
    assert cell("datetime", text) == (text, None)
    assert cell("date", text) == (text, None)


def test_durations_are_minutes() -> None:
    assert cell("duration", "1/2/3")[1] == 1563
    assert cell("duration", "１/2/3")[1] == 1563
    assert duration_parts("12345/0/0") is None


def test_codes_are_cleaned_and_free_text_is_not() -> None:
    assert cell("code", "　k80.100X001\u200b", fold="icd") == ("K80.100x001",) * 2
    assert cell("code", "Ａ—1", fold="upper") == ("A-1",) * 2
    assert cell("string", " １号楼 ") == ("１号楼",) * 2
    assert cell("string", " — ") == (None, None)


#: Pieces of which random texts are made: near the forms that are read.
PIECES = [
    *"0123456789+-/.:,T eExX 年月日　１\u200b无", "2026", "-07-", "/7/", "06", "12:00", ":59", ":60", "2026-07-06", "2026-07-06 09:10:00",
    "0/1/2", "00000", "99999", "46209", ".005", ".015", "2026年7月6日", "K80.1", "k80.100X", "20260706",
]  # fmt: skip
TYPES = [
    ("number", 0),
    ("number", 2),
    ("number", 4),
    ("date", 0),
    ("datetime", 0),
    ("duration", 0),
    ("code", 0),
    ("string", 0),
]


def test_a_column_means_what_its_cells_mean() -> None:
    draw = random.Random(5)
    texts = ["".join(draw.choices(PIECES, k=draw.randint(1, 4))) for _ in range(6_000)]
    rows = [
        replace(PLAIN, field=f"{kind}{scale}{length}{pattern}", type=kind, scale=scale, length=length, pattern=pattern)
        for kind, scale in TYPES
        for length in (None, 8)
        for pattern in ("", "weights")
        if not pattern or scale
    ]
    frame = pl.DataFrame({row.field: texts for row in rows}, schema_overrides={row.field: pl.String for row in rows})
    for some in (frame, pl.concat([frame.head(300)] * 5)):  # texts that hardly repeat, and those that do
        table = Typing(CATALOGUE, rows).apply(some)
        assert any(cells.rows is not None for cells in table.cells.values()) == (some is frame)
        read = 0
        for row in rows:
            pattern, domain = CATALOGUE.patterns.get(row.pattern), CATALOGUE.domains.get(row.domain)
            cells = CellTyping(row, pattern.fold if pattern else "", domain)
            expected = [cells.cell(text) for text in some[row.field]]
            read += sum(value is not None for _, value in expected)
            assert table.frame[text_column(row)].to_list() == [text for text, _ in expected]
            found = table.frame[row.field]
            assert found.equals(typing.values(row, [value for _, value in expected]).alias(row.field)), row.field
        assert read > (20_000 if some is frame else 5_000)
