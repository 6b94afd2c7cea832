"""The engine's field checks against pandera's: two implementations of the same rows must agree on every cell."""

import copy
import random
from decimal import Decimal
from typing import Any

import pandera.errors
import polars as pl
import pytest

from validator import api, contracts, read
from validator.checks import examples

CATALOGUE = api.load()
#: What is put into cells: right, nearly right and wrong values of every type.
POOL = [
    None, "", " ", "-", "无", "/", "0", "1", "2", "9", "01", "99", "-1", "3.5", "250.00",
    "99999999999999999.00", "1e3", "x", "abc", "CHN", "chn", "中国", "K80.100x001",
    "K80.100X001", "k80.1", "58.6x00", "BNW010", "D110105000001", "N110105000007",
    "A04.01", "A04.01→A28", "2026-07-06", "2026-07-06 09:10:00", "20260706",
    "K80", "K80.1", "51.2x", "C22.101M81600/3", "2026/7/6 9:10", "46209", "2026-13-01", "1/2/3", "0/25/61", "1/2", "１２", " 1 ",
    "长" * 300, "110105", "100020", "13000000000", "3250,3100", "H11010500001", "310100",
]  # fmt: skip


def mutated(interface: str, count: int, seed: int) -> list[dict[str, Any]]:
    chance, messages = random.Random(seed), []
    about = CATALOGUE.layouts[interface].interface
    key = about.keys[0]
    for number in range(count):
        message = copy.deepcopy(examples.interface_message(interface))
        node = message["input"][about.made_of or about.case]
        for row in [node] if isinstance(node, dict) else node:
            row[key] = f"T{number}"
        for table, rows in CATALOGUE.layouts[interface].tables.items():
            node = message["input"].get(table)
            for row in [node] if isinstance(node, dict) else node or []:
                for field in rows.fields:
                    if field != key and chance.random() < 0.3:
                        row[field] = chance.choice(POOL)
        messages.append(message)
    return messages


def oracle(interface: str, table: str, frame: pl.DataFrame) -> set[tuple[str, int]]:
    """What pandera finds: (check id, row); its ``not_nullable`` is named after the column."""
    rows = CATALOGUE.layouts[interface].tables[table].fields
    amounts = [
        row for row in rows.values() if row.type == "number" and row.scale
    ]  # the engine has whole numbers of fen
    frame = frame.with_columns(
        (pl.col(row.field).cast(pl.Decimal(38, 0)) * Decimal(1).scaleb(-row.scale)).cast(pl.Decimal(18, row.scale))
        for row in amounts
    )
    try:
        contracts.of(interface, table).validate(frame.select(list(rows)), lazy=True)
    except pandera.errors.SchemaErrors as errors:
        found = errors.failure_cases.select("column", "check", "index").rows()
        return {
            (f"{table}.{column}/null" if check == "not_nullable" else check, index) for column, check, index in found
        }
    return set()


@pytest.mark.parametrize("interface", list(CATALOGUE.layouts))
@pytest.mark.parametrize("seed", [1, 2])
def test_engine_and_pandera_agree(interface: str, seed: int) -> None:
    made_of = CATALOGUE.layouts[interface].interface.made_of
    lines = len(examples.interface_message(interface)["input"][made_of]) if made_of else 10
    count = 1_500 // lines
    [part] = read.from_messages(mutated(interface, count, seed), CATALOGUE.layouts)
    plan = api.plan_for(CATALOGUE, part)
    report = api.run(CATALOGUE, [part], mask=False)
    found = report.compact()
    compared = 0
    for table in part.tables:
        frame = plan.typing[table].apply(part.tables[table]).frame
        place = {(case, row): index for index, (case, row) in enumerate(frame.select("_case", "_row").iter_rows())}
        ours: set[tuple[str, int]] = set()
        for check, case, row in found.filter(pl.col("table") == table).select("check", "_case", "row").iter_rows():
            if "/" not in check or check.startswith("read/"):
                continue
            field, aspect = check.rpartition(".")[2].split("/")
            row_of = plan.rows[table][field]
            if aspect in ("required", "placeholder", "type"):
                if row_of.required and not row_of.blank:  # to pandera an accepted "-" is a blank
                    ours.add((f"{table}.{field}/null", place[case, row]))
            elif aspect != "format" and not (row_of.type == "duration" and aspect == "range"):
                ours.add((check, place[case, row]))
        theirs = oracle(interface, table, frame)
        assert ours == theirs, (sorted(ours - theirs)[:10], sorted(theirs - ours)[:10])
        compared += len(ours)
    assert compared > 1_000


def test_a_report_keeps_its_contract() -> None:
    [part] = read.from_messages(mutated("4101", 20, 3), CATALOGUE.layouts)
    report = api.run(CATALOGUE, [part])
    contracts.findings.validate(report.findings)
    contracts.outcomes.validate(report.outcomes)
