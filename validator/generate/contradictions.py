"""Case records that contradict their lists, each in one point: what comparing the documents must find."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import polars as pl

from validator.generate.draw import Draw
from validator.generate.plant import TRUTH
from validator.spec.layouts import Layout

Tables = dict[str, pl.DataFrame]
_DAY = len("2026-01-31")


@dataclass(frozen=True)
class Contradiction:
    """One value of the record's first row of a table that says another thing; ``change`` gives None where it cannot."""

    check: str
    table: str
    field: str
    change: Callable[[str], str | None]
    joins: bool = False  #: the field is part of the only key that a record without a visit ID has


def _other(one: str, other: str) -> Callable[[str], str | None]:
    return {one: other, other: one}.get


def _days(count: int) -> Callable[[str], str | None]:
    return lambda text: f"{date.fromisoformat(text[:_DAY]) + timedelta(days=count)}{text[_DAY:]}"


def _more(count: int) -> Callable[[str], str | None]:
    return lambda text: f"{Decimal(text) + count}"


CONTRADICTIONS = (
    Contradiction("ST102", "baseinfo", "psn_name", lambda text: f"{text[:1]}另名"),
    Contradiction("ST103", "baseinfo", "gend", _other("1", "2")),
    Contradiction("ST104", "baseinfo", "brdy", _days(1)),
    Contradiction("ST201", "baseinfo", "adm_way_code", _other("1", "2")),
    Contradiction("ST203", "baseinfo", "adm_date", _days(-1), joins=True),
    Contradiction("ST204", "baseinfo", "dscg_date", _days(1)),
    Contradiction("ST208", "baseinfo", "ipt_days", _more(2)),
    Contradiction("ST209", "baseinfo", "dscg_way", _other("1", "4")),
    Contradiction("ST301", "diseinfo", "diag_code", lambda text: None if text.startswith("R69") else "R69.x00"),
    Contradiction("ST306", "diseinfo", "adm_cond_code", _other("1", "4")),
    Contradiction("ST315", "oprninfo", "oprn_oprt_date", _days(1)),
    Contradiction("ST316", "oprninfo", "oper_name", lambda text: f"{text[:1]}另名"),
    Contradiction("ST401", "baseinfo", "medfee_sumamt", _more(1)),
)  # fmt: skip


def contradict(
    layout: Layout, draw: Draw, share: float, tables: Tables, ids: Sequence[str]
) -> tuple[Tables, pl.DataFrame]:
    """The record's tables with one contradiction in ``share`` of the cases, and the truth; ``ids``: the lists' case ids."""
    tables, truth = dict(tables), []
    usable = [each for each in CONTRADICTIONS if each.field in layout.tables[each.table].fields]
    usable = [each for each in usable if not each.joins or "mdtrt_id" in layout.tables[layout.case].fields]
    first = {
        name: dict(frame.with_row_index("_at").unique("_case", keep="first").select("_case", "_at").iter_rows())
        for name, frame in tables.items()
    }
    values = {(each.table, each.field): tables[each.table][each.field].to_list() for each in usable}
    for case, bits in enumerate(draw.bits("contradiction").tolist()):
        if bits % 1000 >= share * 1000:
            continue
        turn = bits // 1000 % len(usable)
        for each in (*usable[turn:], *usable[:turn]):
            column, at = values[each.table, each.field], first[each.table].get(case)
            new = each.change(column[at]) if at is not None and column[at] else None
            if at is not None and new is not None:
                truth.append((ids[case], each.table, 1, each.field, each.check, f"{column[at]} → {new}"))
                column[at] = new
                break
    for (table, field), column in values.items():
        tables[table] = tables[table].with_columns(pl.Series(field, column, dtype=pl.String))
    return tables, pl.DataFrame(truth, schema=TRUTH, orient="row")
