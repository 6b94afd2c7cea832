"""A DIP catalogue (病种目录库) of a region or hospital: one table of disease groups with their diagnosis and operations."""

from collections.abc import Sequence
from math import isfinite

import polars as pl

from validator.base.language import say
from validator.grouping.dip_scheme import COLUMNS, MIXED, TREATMENTS, filled, mixed_rows
from validator.loaders.schemes.sheets import Row, SheetLayout, headings, rows
from validator.read.grids import Grid
from validator.read.place import Place, quoted

_TABLE = SheetLayout(
    "core", "", ("code", "principal", "procedure"), ("name", "kind", "treatment", "cases", "cost", "score")
)
_NUMBERS = {"cases": "number", "cost": "cost", "score": "score"}
_MOST = 1 << 31  #: which no number of cases, cost or score reaches
_SEARCHED = 10  #: rows in which the headings may stand


def is_scheme(grids: Sequence[Grid]) -> bool:
    """Whether a workbook or CSV holds such a table."""
    return any(_holds(grid) for grid in grids)


def read(grids: Sequence[Grid], place: Place) -> tuple[pl.DataFrame, list[str]]:
    """The scheme, and what the user should know of it; :class:`~validator.base.errors.InputError` names what does not fit."""
    found = [_group(at, row) for grid in grids if _holds(grid) for at, row in rows(grid, _TABLE)]
    core, mixed = ([row for row in found if row["kind"] == kind] for kind in ("core", MIXED))
    if not core:
        raise place.fault("没有核心病种", "holds no core groups")
    remarks = []
    if not mixed:
        zh, en = (
            "目录里没有综合病种，按治疗方式分四类",
            "the catalogue has no mixed groups; there are four, by treatment",
        )
        remarks.append(say(zh, en))
    left_out = [grid.name for grid in grids if not _holds(grid) and any(any(row) for row in grid.rows)]
    if left_out:
        remarks.append(say(f"没有收的工作表：{'、'.join(left_out)}", f"sheets left out: {', '.join(left_out)}"))
    option = filled(pl.DataFrame({"kind": ["option"], "code": ["position"], "rule": ["any"]}))
    return pl.concat([option, _framed(core), _framed(mixed) if mixed else mixed_rows()]), remarks


def _holds(grid: Grid) -> bool:
    return any(headings(row, _TABLE) for row in grid.rows[:_SEARCHED])


def _group(at: Place, row: Row) -> dict[str, object]:
    for name, zh, en in (
        ("code", "病种编码", "code of the group"),
        ("principal", "主要诊断编码", "principal diagnosis"),
    ):
        if not row[name]:
            raise at.fault(f"没有{zh}", f"has no {en}")
    made: dict[str, object] = {
        "kind": "core", "code": row["code"], "name": row.get("name", ""), "principal": row["principal"], "procedure": row["procedure"],
        **{column: _number(at, row.get(name, "")) for name, column in _NUMBERS.items()},
    }  # fmt: skip
    if "综合" in row.get("kind", ""):
        made |= {"kind": MIXED, "procedure": "", "rule": _treatment(at, row)}
    return made


def _treatment(at: Place, row: Row) -> str:
    """Which of the four a mixed group is."""
    words = row.get("treatment", "") + row.get("name", "")
    found = [
        code for code, (zh, _) in TREATMENTS.items() if zh in words or (code == "surgical" and words.endswith("手术"))
    ]
    if len(found) != 1:
        ways = "、".join(zh for zh, _ in TREATMENTS.values())
        raise at.fault(f"综合病种的治疗方式应为 {ways}", f"the treatment of a mixed group should be one of {ways}")
    return found[0]


def _number(at: Place, cell: str) -> float | None:
    if cell in ("", "-", "/", "—"):
        return None
    try:
        number = float(cell.replace(",", "").replace("，", ""))
    except ValueError:
        number = float("nan")
    if not (isfinite(number) and 0 <= number < _MOST):
        zh, en = f"“{quoted(cell)}”不是数，或者太大", f"'{quoted(cell)}' is no number from 0 on, or too large"
        raise at.fault(zh, en)
    return number


def _framed(found: Sequence[dict[str, object]]) -> pl.DataFrame:
    columns = {name for row in found for name in row}
    rows = pl.DataFrame(
        found, schema={name: kind for name, kind in COLUMNS.items() if name in columns and name != "number"}
    )
    numbers = pl.Series("number", [row["number"] for row in found], dtype=pl.Float64)
    return filled(rows.with_columns(numbers.round().cast(pl.UInt32)))
