"""Sheets of a DIP scheme, row by row: columns by their headings, cells without stray characters, codes that are such."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from validator.base.errors import InputError
from validator.grouping.dip_scheme import diagnoses, operations
from validator.grouping.language import RuleError
from validator.read.cells import letters, text
from validator.read.grids import Grid
from validator.read.place import Place, quoted, some

Row = dict[str, str]
#: What a column holds -> how its heading reads, without blanks.
HEADINGS: dict[str, tuple[str, ...]] = {
    "category": ("分类", "类别"), "number": ("序号", "编号"), "name": ("分组名称", "病种名称", "DIP名称", "病种组合名称", "名称"),
    "principal": ("主要诊断编码", "主要诊断代码", "主诊断编码", "主诊断代码", "诊断编码", "诊断代码"), "principal_name": ("主要诊断名称",),
    "procedure": ("主要手术操作编码", "主要手术操作代码", "主要手术操作/相关手术操作编码", "手术操作编码",
                  "手术操作代码", "手术及操作编码", "手术操作表达式"),
    "procedure_name": ("主要手术操作名称", "主要手术操作/相关手术操作名称", "手术操作名称"),
    "related": ("相关手术操作编码", "相关手术操作代码"), "related_name": ("相关手术操作名称",),
    "other": ("其他诊断编码", "其他诊断代码"), "other_name": ("其他诊断名称",),
    "degree": ("烧伤腐蚀伤程度", "烧伤程度", "程度"), "area": ("烧伤腐蚀伤面积", "烧伤面积", "面积"),
    "resistant": ("是否耐药",), "resistance_note": ("是否耐药说明", "是否耐药规则", "耐药判断规则"),
    "days": ("天龄", "日龄"), "weight": ("出生体重", "新生儿出生体重"), "note": ("说明", "备注"),
    "code": ("病种编码", "病种代码", "DIP编码", "DIP代码", "DIP病种编码", "病种组合编码"),
    "kind": ("病种类型", "病种类别", "病种分类"), "treatment": ("治疗方式", "治疗方式分类"),
    "cases": ("病例数", "例数"), "cost": ("例均费用", "次均费用", "均次费用", "平均费用", "例均住院费用"),
    "score": ("分值", "病种分值", "基准分值", "标准分值"),
}  # fmt: skip
#: Columns of codes, and what reads them.
CODED: Mapping[str, Callable[[str], object]] = {
    "principal": diagnoses, "other": diagnoses, "procedure": operations, "related": operations,
}  # fmt: skip
_SEARCHED = 10  #: rows in which the first headings may stand


@dataclass(frozen=True)
class SheetLayout:
    """What one sheet is: the kind of its rows, how its name reads, and the columns without which it cannot be."""

    kind: str
    name: str
    required: tuple[str, ...]
    further: tuple[str, ...] = ()


def rows(grid: Grid, sheet: SheetLayout) -> Iterator[tuple[Place, Row]]:
    """The rows of a sheet by column, checked; a sheet may have headings again further down."""
    columns: dict[str, int] = {}
    cells = _spread(grid)
    for index, row in enumerate(cells):
        if found := headings(row, sheet):
            columns = found
        elif not columns:
            if index + 1 >= min(_SEARCHED, len(cells)):
                raise _unheaded(grid, cells, sheet)
        elif _is_row(row):
            at = grid.place.at(grid.lines[index])
            yield at, {name: _cell(at, name, column, row) for name, column in columns.items()}


def _spread(grid: Grid) -> list[list[object]]:
    """The cells, those merged downwards each with the text."""
    cells = [list(row) for row in grid.rows]
    for remark in grid.remarks.values():
        area = re.fullmatch("([A-Z]+)([0-9]+):([A-Z]+)([0-9]+)", remark.args.get("area", ""))
        if area and area[1] == area[3]:
            column = next(index for index in range(1 << 14) if letters(index) == area[1])
            for line in range(int(area[2]), min(int(area[4]), len(cells))):
                cells[line][column] = cells[int(area[2]) - 1][column]
    return cells


def headings(row: Sequence[object], sheet: SheetLayout) -> dict[str, int]:
    """Where each column stands, if the row holds the headings."""
    columns = {clean(cell): index for index, cell in reversed(list(enumerate(row)))}
    found = {
        name: next(columns[heading] for heading in HEADINGS[name] if heading in columns)
        for name in (*sheet.required, *sheet.further)
        if any(heading in columns for heading in HEADINGS[name])
    }
    return found if set(sheet.required) <= set(found) else {}


def _unheaded(grid: Grid, cells: Sequence[Sequence[object]], sheet: SheetLayout) -> InputError:
    """The error that names the columns that are missing, by the row that looks most like headings."""
    every = {heading for headings in HEADINGS.values() for heading in headings}
    index, row = max(enumerate(cells[:_SEARCHED]), key=lambda each: sum(clean(cell) in every for cell in each[1]))
    seen = [clean(cell) for cell in row if clean(cell)]
    lacking = some([HEADINGS[name][0] for name in sheet.required if not set(HEADINGS[name]) & set(seen)])
    zh, en = f"缺列：{lacking}；看到的标题：{some(seen) or '无'}", f"lacks columns: {lacking}; seen: {some(seen)}"
    return grid.place.at(grid.lines[index]).fault(zh, en)


def _is_row(row: Sequence[object]) -> bool:
    """Whether it is more than a blank row or a note."""
    held = [shown for cell in row if (shown := clean(cell))]
    return len(held) > 1 or (len(held) == 1 and bool(re.match("[A-Z]?[0-9]", held[0])))


def _cell(at: Place, name: str, column: int, row: Sequence[object]) -> str:
    """One cell without blanks, but for names; codes must be such."""
    cell = row[column] if column < len(row) else None
    if name == "name" or name.endswith("_name"):
        return _worded(cell)
    if name not in CODED:
        return clean(cell)
    heading = f"{letters(column)} 列“{HEADINGS[name][0]}”"
    if isinstance(cell, (int, float)):
        zh = f"{heading}的 {quoted(clean(cell))} 是数字，可能丢了 0；请把这一列改成文本"
        raise at.fault(zh, f"column {letters(column)}: {quoted(clean(cell))} is a number; store it as text")
    return checked(at, heading, clean(cell), CODED[name])


def checked(at: Place, heading: str, cell: str, read: Callable[[str], object]) -> str:
    try:
        read(cell)
    except RuleError as error:
        raise at.fault(
            f"{heading}读不懂，{error}：{quoted(cell, 60)}",
            f"{heading}: {error.en} at {error.place}: {quoted(cell, 60)}",
        ) from None
    return cell


def _worded(cell: object) -> str:
    """A name without line breaks, and with single blanks."""
    shown = re.sub(r"_x000[9AD]_|[\r\n]+", "", text(cell, "") or "", flags=re.IGNORECASE)
    return re.sub(r"[\s\u200b\ufeff]+", " ", shown).strip()


def clean(cell: object) -> str:
    """Return a cell without blanks and line breaks of any kind."""
    shown = text(cell, "") or ""
    return re.sub(r"(?:_x000[9AD]_|[\s\u00a0\u200b\ufeff])+", "", shown, flags=re.IGNORECASE)
