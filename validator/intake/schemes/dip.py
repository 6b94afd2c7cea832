"""The DIP scheme as the bureau publishes it: a workbook of ten sheets, from 先期分组 to 基层病种."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from unicodedata import normalize

import polars as pl

from validator.errors import InputError
from validator.grouping.dip_scheme import COLUMNS, WHOLE, diagnoses, filled, mixed_rows, operations, plain
from validator.grouping.language import RuleError
from validator.intake.schemes import limits
from validator.intake.schemes.parts import standard
from validator.read.cells import letters, text
from validator.read.grids import Grid
from validator.read.place import Place, some
from validator.text import say

Row = dict[str, str]
#: What a column holds -> how its heading reads, without blanks.
_HEADINGS: dict[str, tuple[str, ...]] = {
    "category": ("分类", "类别"), "number": ("序号", "编号"), "name": ("分组名称", "病种名称", "名称"),
    "principal": ("主要诊断编码", "主要诊断代码"), "principal_name": ("主要诊断名称",),
    "procedure": ("主要手术操作编码", "主要手术操作代码", "主要手术操作/相关手术操作编码", "手术操作编码", "手术操作表达式"),
    "procedure_name": ("主要手术操作名称", "主要手术操作/相关手术操作名称", "手术操作名称"),
    "related": ("相关手术操作编码", "相关手术操作代码"), "related_name": ("相关手术操作名称",),
    "other": ("其他诊断编码", "其他诊断代码"), "other_name": ("其他诊断名称",),
    "degree": ("烧伤腐蚀伤程度", "烧伤程度", "程度"), "area": ("烧伤腐蚀伤面积", "烧伤面积", "面积"),
    "resistant": ("是否耐药",), "told": ("是否耐药说明", "是否耐药规则", "耐药判断规则"),
    "days": ("天龄", "日龄"), "weight": ("出生体重", "新生儿出生体重"), "note": ("说明", "备注"),
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
#: How the category reads where its cell is blank.
_LETTERS = {
    "pre": "XQ",
    "merge": "BX",
    "burn": "FZ",
    "tumour": "FZ",
    "tuberculosis": "FZ",
    "core": "JC",
    "grassroots": "JCBZ",
}
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
    beside: set[str] = field(default_factory=set)  #: what the sheet of tuberculosis says of other diagnoses

    def add(self, grid: Grid) -> None:
        sheet = _sheet(grid)
        if sheet is None:
            zh = "不认识这个工作表；DIP 分组方案的工作表应是官方公布的那些，另加的请删去"
            raise grid.place.fault(zh, "is no sheet of a DIP scheme; please delete what is not the bureau's")
        if sheet.kind in self.rows:
            raise grid.place.fault("同类工作表有两个", "there are two sheets of this kind")
        make = self._makers().get(sheet.kind, self._group)
        self.rows[sheet.kind] = [
            {"kind": sheet.kind, **made} for at, row in _rows(grid, sheet) if (made := make(at, sheet.kind, row))
        ]
        if not self.rows[sheet.kind]:
            raise grid.place.fault("没有数据", "holds no rows")

    # ---- one row of each kind

    def _makers(self) -> dict[str, Callable[[Place, str, Row], Row]]:
        return {
            "pre": self._pre, "tuberculosis": self._tuberculosis, "resistant": self._resistant,
            "excluded_principal": self._excluded_principal, "excluded_procedure": self._excluded_procedure,
        }  # fmt: skip

    def _group(self, at: Place, kind: str, row: Row) -> Row:
        if not row["number"].isdecimal():
            shown = row["number"] or "（空）"
            raise at.fault(f"序号应为数字，却是“{shown}”", f"the number is '{shown}'")
        if not row["principal"]:
            raise at.fault("没有主要诊断编码", "has no principal diagnosis")
        parts = [row.get(name, "") for name in ("principal_name", "degree", "other_name", "area")]
        done = [row.get("procedure_name", "") or "保守治疗", row.get("related_name", "")]
        parts.append({"是": "耐药", "否": "非耐药"}.get(row.get("resistant", ""), ""))
        name = row.get("name", "") or "＋".join(filter(None, [*parts, *done]))
        code = f"{row.get('category') or _LETTERS.get(kind, kind)}-{row['number']}"
        return {"code": code, "name": name} | {each: row.get(each, "") for each in _READ}

    def _pre(self, at: Place, kind: str, row: Row) -> Row:
        days, weight = row.get("days", ""), row.get("weight", "")
        if not (days or weight or row.get("procedure")):
            days, weight = limits.noted(row.get("note", ""))
        try:
            rule = limits.newborn(days, weight)
        except ValueError as error:
            zh, en = f"看不懂天龄或体重“{error}”", f"age in days or weight: '{error}' is not understood"
            raise at.fault(zh, en) from None
        if not rule and not row.get("procedure"):
            raise at.fault("既没有手术操作，也没有天龄和体重", "has neither operations nor limits of age and weight")
        return self._group(at, kind, row) | {"rule": rule}

    def _tuberculosis(self, at: Place, kind: str, row: Row) -> Row:
        if row["resistant"] not in ("是", "否"):
            shown = row["resistant"] or "（空）"
            raise at.fault(f"是否耐药应为是或否，却是“{shown}”", f"resistance should be 是 or 否, not '{shown}'")
        held = f"ZYZD in {_RESISTANT} or QTZD in {_BESIDE}"
        self.beside.update(code[:5] for code in re.findall(r"U8[0-9]\.[0-9]", row.get("told", "")))
        return self._group(at, kind, row) | {"rule": held if row["resistant"] == "是" else f"not ({held})"}

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
        if len(plain(row["procedure"])) < WHOLE:
            shown = row["procedure"] or "（空）"
            raise at.fault(f"应为一个完整的手术操作编码，却是“{shown}”", f"'{shown}' is no whole code of an operation")
        return {"code": row["procedure"], "name": row.get("procedure_name", ""), "rule": rule, "principal": scope}

    # ---- all of them

    def frame(self) -> pl.DataFrame:
        """The scheme."""
        beside = sorted(self.beside) or [_OF_RESISTANCE]
        if not self.beside:
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
        frame = pl.concat([*(filled(pl.DataFrame(rows, schema=_schema(rows))) for rows in parts), mixed_rows()])
        listed = pl.col("kind").is_in(["member", "excluded_principal", "excluded_procedure"])
        return frame.with_columns(code=pl.when(listed).then(standard(pl.col("code"))).otherwise("code"))

    def _tell_again(self) -> None:
        """Remark on codes that come again."""
        for kind, rows in self.rows.items():
            times = Counter(row["code"] for row in rows)
            if again := [code for code, number in times.items() if number > 1]:
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


def _headings(row: Sequence[object], sheet: Sheet) -> dict[str, int]:
    """Where each column stands, if the row holds the headings."""
    said = {_clean(cell): index for index, cell in reversed(list(enumerate(row)))}
    found = {
        name: next(said[heading] for heading in _HEADINGS[name] if heading in said)
        for name in (*sheet.due, *sheet.further)
        if any(heading in said for heading in _HEADINGS[name])
    }
    return found if set(sheet.due) <= set(found) else {}


def _unheaded(grid: Grid, cells: Sequence[Sequence[object]], sheet: Sheet) -> InputError:
    """The error that names the columns that are missing, by the row that looks most like headings."""
    every = {heading for headings in _HEADINGS.values() for heading in headings}
    index, row = max(enumerate(cells[:_SEARCHED]), key=lambda each: sum(_clean(cell) in every for cell in each[1]))
    seen = [_clean(cell) for cell in row if _clean(cell)]
    lacking = some([_HEADINGS[name][0] for name in sheet.due if not set(_HEADINGS[name]) & set(seen)])
    zh, en = f"缺列：{lacking}；看到的标题：{some(seen) or '无'}", f"lacks columns: {lacking}; seen: {some(seen)}"
    return grid.place.at(grid.lines[index]).fault(zh, en)


def _is_row(row: Sequence[object]) -> bool:
    """Whether it is more than a blank row or a note."""
    held = [text for cell in row if (text := _clean(cell))]
    return len(held) > 1 or (len(held) == 1 and bool(re.match("[A-Z]?[0-9]", held[0])))


def _cell(at: Place, name: str, column: int, row: Sequence[object]) -> str:
    """One cell without blanks; codes must be such."""
    cell = row[column] if column < len(row) else None
    if name not in _READ:
        return _clean(cell)
    heading = f"{letters(column)} 列“{_HEADINGS[name][0]}”"
    if isinstance(cell, (int, float)):
        zh = f"{heading}的 {_clean(cell)} 是数字，可能丢了 0；请把这一列改成文本"
        raise at.fault(zh, f"column {letters(column)}: {_clean(cell)} is a number; store it as text")
    return _checked(at, heading, _clean(cell), _READ[name])


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
