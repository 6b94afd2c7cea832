"""A ledger as a release leaves it, kept as text: ``python -m tests.intake.released`` writes that of this zhikong.

Below ``ledgers`` there are, for each migration with which a release went out, ``0001.sql`` (the tables as SQLite has them, then the
rows) and ``0001.json`` (what ``zhikong intake show`` showed of its cases). Run it when a release is made; the files never change again.
"""

import contextlib
import json
import sqlite3
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

from tests.intake.deliveries import HOSPITAL, a_list, as_file
from validator.intake import decisions, views
from validator.intake.decisions import Chosen
from validator.intake.freeze import freeze
from validator.intake.ledger import Ledger, open_ledger
from validator.intake.ledger.store import HEAD
from validator.intake.options import Options
from validator.intake.receive import receive

FOLDER = Path(__file__).parent / "ledgers"
CASES = [f"S{number:04}" for number in range(1, 6)]


def fill(ledger: Ledger) -> None:
    """Two months with every state that a case, a finding and a submission can have."""
    june = {"setl_end_date": "2026-06-30"}
    receive(ledger, [as_file(Path("june.jsonl"), a_list(5, **june))], Options(hospital=HOSPITAL, actor="王审核"))
    freeze(ledger, "202606", "王审核")
    july = [a_list(1, gend=""), a_list(2, age=300), a_list(3, gend=""), a_list(4)]
    receive(ledger, [as_file(Path("july.jsonl"), *july)], Options(actor="王审核"))
    receive(ledger, [as_file(Path("again.jsonl"), a_list(1))], Options(actor="王审核"))
    receive(ledger, [as_file(Path("short.jsonl"), a_list(4, coner_name="吴测试"))], Options(declared=9, actor="王审核"))
    decisions.decide(ledger, "justify", Chosen(cases=["S0002"]), "医院", "系统换算，已核对")
    decisions.decide(ledger, "accept", Chosen(cases=["S0002"]), "王审核", "情况属实：100%", date(2099, 1, 1))
    decisions.decide(ledger, "reject", Chosen(cases=["S0003"]), "王审核", "请更正（医院说 'C:\\list'）")
    decisions.withdraw(ledger, ["S0004"], "王审核", "结算已撤销")


def shown(ledger: Ledger) -> dict[str, Any]:
    """What the ledger tells of each case."""
    with ledger.reading() as session:
        return {case: views.history(session, case) for case in CASES}


def text(file: Path) -> str:
    """The tables and rows of a SQLite ledger, rows as PostgreSQL takes them too: a statement a line for these."""
    with contextlib.closing(sqlite3.connect(file)) as database:
        made = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND type {} 'trigger' ORDER BY type DESC, rowid"
        tables = [f"{sql};" for (sql,) in database.execute(made.format("<>"))]
        triggers = [f"{sql};" for (sql,) in database.execute(made.format("="))]
        rows = list[str]()
        names = [
            name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY rowid")
        ]
        for name in names:
            kinds = {column: kind for _, column, kind, *_ in database.execute(f"PRAGMA table_info({name})")}
            order = "id" if "id" in kinds else "1"
            for row in database.execute(f"SELECT * FROM {name} ORDER BY {order}"):  # noqa: S608 (our own names)
                values = ", ".join(map(_literal, row, kinds.values()))
                rows.append(f"INSERT INTO {name} ({', '.join(kinds)}) VALUES ({values});")  # noqa: S608
    return "\n".join([*tables, "-- rows", *rows, "-- triggers", *triggers, ""])


def _literal(value: Any, kind: str) -> str:
    if value is None:
        return "NULL"
    if kind == "BOOLEAN":
        return "TRUE" if value else "FALSE"
    return str(value) if isinstance(value, int) else "'" + str(value).replace("'", "''") + "'"


def main() -> None:
    """Write the two files."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, contextlib.chdir(scratch):
        ledger = open_ledger(Path(scratch) / "ledger")
        fill(ledger)
        page = json.dumps(shown(ledger), ensure_ascii=False, indent=1)
        ledger.close()
        (FOLDER / f"{HEAD}.sql").write_text(text(ledger.folder / "ledger.sqlite"), encoding="utf-8")
    (FOLDER / f"{HEAD}.json").write_text(page + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
