"""The DIP scheme as the bureau publishes it: a workbook of ten sheets, from 先期分组 to 基层病种."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from unicodedata import normalize

import polars as pl

from validator.errors import InputError
from validator.grouping.dip_scheme import COLUMNS, diagnoses, filled, mixed_rows, operations
from validator.grouping.language import RuleError
from validator.intake.schemes.limits import newborn
from validator.read.cells import letters, text
from validator.read.grids import Grid
from validator.read.place import Place, some
from validator.text import say

Row = dict[str, str]
#: What a column holds -> how its heading reads (without blanks).
_HEADINGS = {
    "category": "分类|类别", "number": "序号|编号", "name": "(?:分组|病种|组别)?名称",
    "principal": "主要诊断[编代]码", "principal_name": "主要诊断名称",
    "procedure": "主要手术(?:及)?操作(?:/相关手术操作)?(?:[编代]码|表达式)",
    "procedure_name": "主要手术(?:及)?操作(?:/相关手术操作)?名称",
    "related": "相关手术操作[编代]码", "related_name": "相关手术操作名称",
    "other": "其他诊断[编代]码", "other_name": "其他诊断名称",
    "degree": "(?:烧伤)?(?:腐蚀伤)?程度", "area": "(?:烧伤)?(?:腐蚀伤)?面积",
    "resistant": "是否耐药", "told": "(?:是否)?耐药(?:说明|规则|判断规则)",
    "days": "天龄|日龄", "weight": "(?:新生儿)?出生体重", "note": "说明|备注",
}  # fmt: skip


@dataclass(frozen=True)
class Sheet:
    """What one sheet is: the kind of its rows, how its name reads, and the columns without which it cannot be."""

    kind: str
    name: str
    due: tuple[str, ...]
    further: tuple[str, ...] = ()


_GROUP = ("number", "principal")
_NAMED = ("category", "name", "principal_name", "procedure_name")
SHEETS = (
    Sheet("pre", "先期分组", _GROUP, (*_NAMED, "procedure", "days", "weight", "note")),
    Sheet("merge", "并项", (*_GROUP, "procedure", "related"), (*_NAMED, "related_name")),
    Sheet(
        "burn",
        "烧伤",
        (*_GROUP, "other", "procedure", "related"),
        (*_NAMED, "degree", "area", "related_name", "other_name"),
    ),
    Sheet("tumour", "肿瘤", (*_GROUP, "other", "procedure"), (*_NAMED, "other_name")),
    Sheet("resistant", "耐药诊断", ("principal",), ("principal_name",)),
    Sheet("tuberculosis", "结核类", (*_GROUP, "procedure", "resistant"), (*_NAMED, "told")),
    Sheet("core", "基[础本]规则", (*_GROUP, "procedure"), _NAMED),
    Sheet("excluded_principal", "不纳入分组的主要诊断", ("principal",), ("principal_name", "note")),
    Sheet("excluded_procedure", "不纳入分组的主要手术", ("procedure",), ("procedure_name", "note")),
    Sheet("grassroots", "基层病种", (*_GROUP, "procedure"), _NAMED),
)
_LETTERS = {"pre": "XQ", "merge": "BX", "burn": "FZ", "tumour": "FZ", "tuberculosis": "FZ", "core": "JC"}
_READ: Mapping[str, Callable[[str], object]] = {
    "principal": diagnoses, "other": diagnoses, "procedure": operations, "related": operations,
}  # fmt: skip
_SEARCHED = 10  #: rows in which the first headings may stand
_RESISTANT, _BESIDE = "DI_JHNY", "DI_JHNY_QT"  #: resistance as principal diagnosis, and beside another one
_OF_RESISTANCE = "U84.3"
_WITHIN = re.compile("(.+)作为主要诊断[,，]?可作为主要手术操作")


def is_scheme(grids: Sequence[Grid]) -> bool:
    """Whether the sheets of a workbook are those of a DIP scheme."""
    return len({sheet.kind for grid in grids if (sheet := _sheet(grid))}) >= 3


def read(grids: Sequence[Grid], place: Place) -> tuple[pl.DataFrame, list[str]]:
    """The scheme of a workbook, and what the user should know; :class:`InputError` names sheet and row of what does not fit."""
    book = _Workbook()
    for grid in grids:
        if any(_clean(cell) for row in grid.rows for cell in row):
            book.add(grid)
    if missing := [each.name for each in SHEETS if each.kind not in book.rows]:
        raise place.fault(f"缺工作表：{some(missing, 10)}", f"lacks sheets: {some(missing, 10)}")
    return book.frame(), book.remarks


def _sheet(grid: Grid) -> Sheet | None:
    """Which sheet it is by its name; that of resistant diagnoses goes before that of tuberculosis."""
    name = re.sub(r"\s", "", normalize("NFKC", grid.name))
    return next((each for each in SHEETS if re.search(each.name, name)), None)


@dataclass
class _Workbook:
    """Reads one workbook."""

    rows: dict[str, list[Row]] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)

    def add(self, grid: Grid) -> None:
        sheet = _sheet(grid)
        if sheet is None:
            zh = "不认识这个工作表；DIP 分组方案的工作表应是官方公布的那些，另加的请删去"
            raise grid.place.fault(zh, "is no sheet of a DIP scheme; please delete what is not the bureau's")
        if sheet.kind in self.rows:
            raise grid.place.fault("同类工作表有两个", "there are two sheets of this kind")
        make = getattr(self, f"_{sheet.kind}", self._group)
        self.rows[sheet.kind] = [
            {"kind": sheet.kind, **made} for at, row in _rows(grid, sheet) if (made := make(at, sheet.kind, row))
        ]
        if not self.rows[sheet.kind]:
            raise grid.place.fault("没有数据", "holds no rows")

    # ---- one row of each kind

    def _group(self, at: Place, kind: str, row: Row) -> Row:
        if not row["number"].isdecimal():
            shown = row["number"] or "（空）"
            raise at.fault(f"序号应为数字，却是“{shown}”", f"the number is '{shown}'")
        if not row["principal"]:
            raise at.fault("没有主要诊断编码", "has no principal diagnosis")
        parts = [row.get(name, "") for name in ("principal_name", "degree", "other_name", "area")]
        done = [row.get("procedure_name", "") or "保守治疗", row.get("related_name", "")]
        name = row.get("name", "") or "＋".join(filter(None, [*parts, *done]))
        code = f"{row.get('category') or _LETTERS.get(kind, kind)}-{row['number']}"
        return {"code": code, "name": name} | {each: row.get(each, "") for each in _READ}

    def _pre(self, at: Place, kind: str, row: Row) -> Row:
        told = [row.get("days", ""), row.get("weight", "")]
        light = not row.get("procedure") and not any(told)
        try:
            rule = newborn(*told) if any(told) else newborn(row.get("note", ""), row.get("note", "")) if light else ""
        except ValueError as error:
            shown = "、".join(filter(None, told)) or row.get("note", "")
            raise at.fault(
                f"看不懂天龄或体重：{error}（{shown}）", f"age or weight: '{error}' is not understood"
            ) from None
        if not rule and not row.get("procedure"):
            raise at.fault("既没有手术操作，也没有天龄和体重", "has neither operations nor limits of age and weight")
        return self._group(at, kind, row) | {"rule": rule}

    def _tuberculosis(self, at: Place, kind: str, row: Row) -> Row:
        if row["resistant"] not in ("是", "否"):
            shown = row["resistant"] or "（空）"
            raise at.fault(f"是否耐药应为是或否，却是“{shown}”", f"resistance should be 是 or 否, not '{shown}'")
        held = f"ZYZD in {_RESISTANT} or QTZD in {_BESIDE}"
        self._codes_beside.update(code[:5] for code in re.findall(r"U8[0-9]\.[0-9]", row.get("told", "")))
        return self._group(at, kind, row) | {"rule": held if row["resistant"] == "是" else f"not ({held})"}

    _codes_beside: set[str] = field(default_factory=set)

    def _resistant(self, at: Place, kind: str, row: Row) -> Row:
        del at, kind
        return {"kind": "member", "code": row["principal"], "name": row["principal_name"], "parent": _RESISTANT}

    def _excluded_principal(self, at: Place, kind: str, row: Row) -> Row:
        del at, kind
        return {"code": row["principal"], "name": row.get("principal_name", "")}

    def _excluded_procedure(self, at: Place, kind: str, row: Row) -> Row:
        del kind
        note, rule, scope = row.get("note", ""), "", ""
        if "不可作为主要手术操作" in note:
            rule = "never"
        elif within := _WITHIN.fullmatch(note):
            rule, scope = "within", within[1]
            _checked(at, "说明", scope, diagnoses)
        elif note and "保守治疗" not in note:
            raise at.fault(f"看不懂说明“{note[:40]}”", f"the note '{note[:40]}' is not understood")
        return {"code": row["procedure"], "name": row.get("procedure_name", ""), "rule": rule, "principal": scope}

    # ---- all of them

    def frame(self) -> pl.DataFrame:
        """The scheme."""
        beside = sorted(self._codes_beside) or [_OF_RESISTANCE]
        if not self._codes_beside:
            zh = f"结核类：没有写明其他诊断中的耐药编码，按 {_OF_RESISTANCE}"
            self.remarks.append(say(zh, f"tuberculosis: no code of resistance told, {_OF_RESISTANCE} taken"))
        self._tell_again()
        self.remarks.append(
            say("综合病种由地方制定，此处按治疗方式分四类", "mixed groups are local; here there are four, by treatment")
        )
        options = {"position": "principal", "edition": "insurance"}
        parts: list[list[Row]] = [
            [{"kind": "option", "code": name, "rule": value} for name, value in options.items()],
            [*self.rows.pop("resistant"), *({"kind": "member", "code": code, "parent": _BESIDE} for code in beside)],
            *self.rows.values(),
        ]
        return pl.concat([*(filled(pl.DataFrame(rows, schema=_schema(rows))) for rows in parts), mixed_rows()])

    def _tell_again(self) -> None:
        """Remark on codes that come again."""
        for kind, rows in self.rows.items():
            codes = [row["code"] for row in rows]
            if (
                again := list(dict.fromkeys(code for code in codes if codes.count(code) > 1))
                if len(set(codes)) < len(codes)
                else []
            ):
                self.remarks.append(say(f"{kind}：重复 {some(again)}", f"{kind}: come again: {some(again)}"))


def _schema(rows: Sequence[Row]) -> dict[str, type[pl.DataType]]:
    names = {name for row in rows for name in row}
    return {name: kind for name, kind in COLUMNS.items() if name in names}


# ---- cells


def _rows(grid: Grid, sheet: Sheet) -> Iterator[tuple[Place, Row]]:
    """The rows of a sheet by column, checked; a sheet may have headings again further down."""
    columns: dict[str, int] = {}
    cells = _spread(grid)
    for index, row in enumerate(cells):
        if headings := _headings(row, sheet):
            columns = headings
        elif not columns:
            if index + 1 >= min(_SEARCHED, len(cells)):
                raise _unheaded(grid, cells, sheet)
        elif _is_row(row, columns):
            at = grid.place.at(grid.lines[index])
            yield at, {name: _cell(grid, at, name, columns, row) for name in columns}


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


def _headings(row: Sequence[object], sheet: Sheet) -> dict[str, int]:
    """Where each column stands, if the row holds the headings."""
    said = {_clean(cell): index for index, cell in reversed(list(enumerate(row)))}
    found = {
        name: index
        for name in (*sheet.due, *sheet.further)
        for heading, index in said.items()
        if re.fullmatch(_HEADINGS[name], heading)
    }
    return found if set(sheet.due) <= set(found) else {}


def _unheaded(grid: Grid, cells: Sequence[Sequence[object]], sheet: Sheet) -> InputError:
    """The error that names the columns that are missing, by the row that looks most like headings."""
    looks = [
        sum(bool(re.fullmatch("|".join(_HEADINGS.values()), _clean(cell))) for cell in row) for row in cells[:_SEARCHED]
    ]
    best = looks.index(max(looks))
    seen = [_clean(cell) for cell in cells[best] if _clean(cell)]
    lacking = [name for name in sheet.due if not any(re.fullmatch(_HEADINGS[name], each) for each in seen)]
    words = [
        re.sub(r"\(\?:.*?\)\??|\[编代\]", "", _HEADINGS[name].split("|")[0]).replace("码", "编码") for name in lacking
    ]
    zh = f"缺列：{some(words)}；看到的标题：{some(seen) or '无'}"
    return grid.place.at(grid.lines[best]).fault(
        zh, f"lacks columns: {some(words)}; headings seen: {some(seen) or 'none'}"
    )


def _is_row(row: Sequence[object], columns: Mapping[str, int]) -> bool:
    """Whether it is more than a blank row or a note."""
    filled_in = [index for index, cell in enumerate(row) if _clean(cell)]
    return len(filled_in) > 1 or (
        (len(filled_in) == 1 and bool(re.match("[A-Z]?[0-9]", _clean(row[filled_in[0]])))) and bool(columns)
    )


def _cell(grid: Grid, at: Place, name: str, columns: Mapping[str, int], row: Sequence[object]) -> str:
    column = columns[name]
    cell = row[column] if column < len(row) else None
    heading = (
        f"{letters(column)} 列“{re.sub(chr(92) + 'W', '', name)}”" if not grid.letters else f"{letters(column)} 列"
    )
    if name in _READ:
        if isinstance(cell, (int, float)) and not isinstance(cell, bool):
            zh = f"{heading}的编码 {text(cell, '')} 是数字，可能丢了 0；请把这一列改成文本"
            raise at.fault(zh, f"column {letters(column)}: the code {text(cell, '')} is a number; store it as text")
        return _checked(at, heading, _clean(cell), _READ[name])
    return _clean(cell)


def _checked(at: Place, heading: str, cell: str, read: Callable[[str], object]) -> str:
    try:
        read(cell)
    except RuleError as error:
        raise at.fault(
            f"{heading}读不懂，{error}：{cell[:60]}", f"{heading}: {error.en} at {error.place}: {cell[:60]}"
        ) from None
    return cell


def _clean(cell: object) -> str:
    """A cell without blanks and line breaks, whatever they were written as."""
    shown = text(cell, "") or ""
    return re.sub(r"(?:_x000[9AD]_|[\s\u00a0\u200b\ufeff])+", "", shown, flags=re.IGNORECASE)
