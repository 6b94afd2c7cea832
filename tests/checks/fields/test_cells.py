"""Each aspect means the same for a column and for a single value, on dirty generated cases and on boundary values."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

import polars as pl
import pytest

from validator import api, generate
from validator.checks import fields
from validator.checks.fields.aspect import FieldCell, cell_fails_in_force
from validator.checks.plan import Plan
from validator.spec.catalogue import Catalogue
from validator.spec.layouts import FieldRow, Layouts

CATALOGUE = api.load()
SINCE, UNTIL = date(2026, 7, 1), date(2026, 7, 31)
DAYS = [None, *(each + timedelta(days) for each in (SINCE, UNTIL) for days in (-1, 0, 1))]
POOL = [
    None, "", " ",
    "\u3000", "\x1c", "\u200b", "-", " - ", "—", "——", "无", "/", "\\", "0", "00", "1", "2", "9", "01", "99", "-1", "+1", "-0",
    "3.5", "3.50", "3.", ".5", "0.001", "250.00", "1e3", "99999999999999999.00", "9" * 30, "x", "abc", "CHN", "chn", "中国",
    "K80", "k80.1", "K80.1", "K80.100", "K80.100x001", "K80.100X001", "A01.002+G01*", "C22.101M81600/3", "C22.101+M81600/3",
    "I10.x00x002", "51", "51.2", "51.23", "51.2300", "58.6x00", "58.6X00", "86.700x0013", "17.91100", "BNW010", "A01.01.01",
    "M03900", "D110105000001", "d110105000001", "N110105000007", "HJ110105000001", "H11010500001", "P11010500001", "310100",
    "A04.01", "A04.01→A28", "a04.01->A28", "2650,2480", "2650，2480", "13000000000", "010-65000000", "100020", "100020\n",
    "2026-07-06", "2026-07-06 00:00:00", "2026-07-06 09:10:00", "2026-07-06 09:10", "2026-7-6", "2026/7/6 9:10", "20260706",
    "46209", "46209.5", "2026-02-30", "0000-01-01", "1899-12-31", "1900-01-01", "2199-12-31",
    "9999-12-31", "2026-07-06T09:10:00", "2026年7月6日",
    "1/2/3", "0/24/60", "0/25/0", "0/0/61", "00/01/02", "1/2", "12345/1/1", "１２", " 1 ", "1\u3000", "长" * 300, "é", "😀" * 30,
]  # fmt: skip


def boundaries(row: FieldRow) -> list[str]:
    """Texts at and next to the limits of the row."""
    length = row.length or 3
    texts = [sign * n for n in (length - 1, length, length + 1) for sign in ("9", "长", "A")]
    texts += [
        f"{sign}{'9' * whole}.{'9' * row.scale}"
        for whole in (length - row.scale, length - row.scale + 1)
        for sign in "+-"
    ]
    texts += [f"{'9' * (length - row.scale)}.{'9' * row.scale}0", f"1.{'1' * (row.scale + 1)}"]
    for limit in (each for each in (row.min, row.max) if each is not None):
        texts += [f"{limit + step:g}" for step in (-1, -0.01, 0, 0.01, 1)]
        texts += [f"{limit + step * 10.0**-row.scale:.{row.scale}f}" for step in (-1, 1)]
    if row.domain:
        codes = list(CATALOGUE.domains[row.domain].names)
        texts += [text for code in (codes[0], codes[-1]) for text in (code, code[:-1], f"{code}1", f" {code}")]
    return [*texts, *row.blank]


def texts_of(interface: str) -> dict[str, dict[str, list[str | None]]]:
    """Table -> field -> distinct texts of dirty cases, boundary values and the pool."""
    layout = CATALOGUE.layouts[interface]
    made = layout.interface.document == "list"  # other documents are generated with lists only
    frames = next(generate.partitions(2_000, 11, 1.0, interface))[0].tables if made else {}
    return {
        name: {
            field: list(
                dict.fromkeys(
                    [
                        *(frames[name][field].unique().sort() if _has(frames, name, field) else ()),
                        *boundaries(row),
                        *POOL,
                    ]
                )
            )
            for field, row in table.fields.items()
        }
        for name, table in layout.tables.items()
    }


def _has(frames: Mapping[str, pl.DataFrame], table: str, field: str) -> bool:
    return table in frames and field in frames[table]


def differences(
    known: Catalogue, interface: str, table: str, texts: dict[str, list[str | None]]
) -> tuple[list[object], int]:
    """The texts of a table's fields whose column does not say what each text alone says, and how many failures there were.

    Each field's texts stand from the top, on days around the limits.
    """
    height = max(map(len, texts.values()))
    raw = {field: column + [None] * (height - len(column)) for field, column in texts.items()}
    days = [DAYS[n % len(DAYS)] for n in range(height)]
    plan = Plan(known, interface, known.layouts[interface].tables)
    columns = plan.typing[table].apply(pl.DataFrame(raw, schema=dict.fromkeys(raw, pl.String))).cells
    wrong: list[object] = []
    failed = 0
    for number, check in enumerate(plan.own_checks[table]):
        row, aspect, cells = check.row, fields.of(check), columns[check.field]
        assert row
        if cells.field.dated:
            cells = cells.on(pl.Series(days, dtype=pl.Date))
        rows = set(cells.rows_of(cells.failing.get(number, [])).to_list())
        assert cells.failed(number) == len(rows)
        failed += len(rows)
        read = cells.field.typing.cell
        for place, (text, day) in enumerate(zip(raw[check.field], days, strict=True)):
            cell = FieldCell(text, *read(text), day)
            if cell_fails_in_force(aspect, known, row, cell) != (place in rows):
                wrong.append((check.id, cell))
    return wrong, failed


@pytest.mark.parametrize("interface", list(CATALOGUE.layouts))
def test_column_and_cell_agree(interface: str) -> None:
    total = 0
    for table, texts in texts_of(interface).items():
        wrong, failed = differences(CATALOGUE, interface, table, texts)
        assert not wrong, wrong[:10]
        total += failed
    assert total > (10_000 if CATALOGUE.layouts[interface].interface.document == "list" else 1_000)


def test_column_and_cell_agree_on_what_is_in_force_for_a_time() -> None:
    layout = CATALOGUE.layouts["4101"]
    rows = {
        name: replace(row, since=SINCE, until=UNTIL if n % 2 else None)
        for n, (name, row) in enumerate(layout.tables["setlinfo"].fields.items())
    }
    tables = layout.tables | {"setlinfo": replace(layout.tables["setlinfo"], fields=rows)}
    domains = {
        name: replace(domain, spans={code: ((SINCE, None), (None, UNTIL), (SINCE, UNTIL))[n % 3] for n, code in enumerate(domain.names)})
        for name, domain in CATALOGUE.domains.items()
    }  # fmt: skip
    dated = replace(CATALOGUE, domains=domains)
    both = replace(dated, layouts=Layouts({**CATALOGUE.layouts, "4101": replace(layout, tables=tables)}))
    for known in (dated, both):
        for table in ("setlinfo", "diseinfo", "iteminfo"):
            texts = {field: [*boundaries(row), *POOL] for field, row in layout.tables[table].fields.items()}
            wrong, failed = differences(known, "4101", table, texts)
            assert not wrong, wrong[:10]
            assert failed > 100
