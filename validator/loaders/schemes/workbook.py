"""The configuration workbook of a DRG scheme as the bureau publishes it: sheets MDC, ADRG, DRG, 集合, CC, 排除表."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any
from unicodedata import normalize

import polars as pl

from validator.base.language import say
from validator.grouping import language
from validator.loaders.schemes.parts import SURGICAL, Group, listed, standard, whole
from validator.read.cells import letters, text, texts
from validator.read.grids import Grid
from validator.read.place import Place, quoted, some

#: Sheet -> column -> headings under which it stands.
SHEETS: dict[str, dict[str, tuple[str, ...]]] = {
    "MDC": {"code": ("MDC编码",), "name": ("MDC名称",), "rule": ("MDC规则",), "order": ("排序",)},
    "ADRG": {
        "code": ("ADRG编码",), "name": ("ADRG名称",), "rule": ("ADRG规则",), "parent": ("所属MDC编码",),
        "order": ("MDC内排序", "排序"),
    },
    "DRG": {
        "code": ("DRG编码", "DRG"), "name": ("DRG名称",), "rule": ("DRG规则",), "parent": ("所属ADRG编码",),
        "mdc": ("所属MDC编码",), "order": ("排序",),
    },
    "集合": {"parent": ("集合编号",), "code": ("ICD编码",), "name": ("ICD名称",), "type": ("类型编号", "类型")},
    "CC": {"code": ("疾病编码", "ICD编码"), "name": ("疾病名称", "ICD名称"), "parent": ("排除表",), "rule": ("类型", "类型编号")},
    "排除表": {"parent": ("集合编号",), "code": ("ICD编码",), "name": ("ICD名称",)},
}  # fmt: skip
#: What stands in a column, so that values under a wrong heading are noticed.
_ICD = "[A-Z0-9][!-^a-~†]{2,40}"
_MDC, _ADRG, _ORDER = "MDC[A-Z]|0000", "[A-Z][A-Z0-9]{2}|0{3,4}", "[0-9.]*"
_FORMS = {
    "MDC": {"code": _MDC, "order": _ORDER},
    "ADRG": {"code": _ADRG, "parent": _MDC, "order": _ORDER},
    "DRG": {"code": "[A-Z][A-Z0-9]{2,3}|0{3,4}", "parent": _ADRG, "mdc": _MDC, "order": _ORDER},
    "集合": {"parent": "[A-Z][A-Z0-9_]*", "code": _ICD},
    "CC": {"code": _ICD, "rule": "MCC|CC"},
    "排除表": {"parent": "[!-~]+", "code": _ICD},
}
_LISTS = ("集合", "CC", "排除表")  #: sheets of ICD codes
_UNCODED = 0.01  #: share of their rows that may lack a code
_SEARCHED = 10  #: rows in which the headings may stand
_ROBOTS = "OP_ARB"  #: operations that say a robot was used, though some of them take no part otherwise
_UNGROUPED, _DROPPED = "T004", "OP_T004"  #: type of the sets of operations that take no part, and the set made of them
_STRAY = "(?:_x000[9AD]_|[\\s\u200b\ufeff])+"  #: blanks, and line breaks however they were written
_WORDS = ("and", "or", "not", "in", "length")


@dataclass
class _Sheet:
    """One sheet, its cells without stray characters under the columns of :data:`SHEETS`, and ``_line``."""

    grid: Grid
    frame: pl.DataFrame

    def at(self, line: int) -> Place:
        return self.grid.place.at(line)


@dataclass
class Workbook:
    """Reads the sheets of one workbook."""

    sheets: Mapping[str, _Sheet]
    remarks: list[str] = field(default_factory=list)  #: what differed from what was expected

    def frame(self) -> pl.DataFrame:
        """The scheme; :class:`~validator.base.errors.InputError` names sheet and row of what does not fit."""
        groups = [*self._groups("MDC"), *self._groups("ADRG"), *self._groups("DRG")]
        options = {"surgical": SURGICAL, "skip_medical": "1", "edition": "insurance"}
        mixed = [each for each in groups if each.kind == "adrg" and each.code.endswith("QY")]
        options |= self._ambiguous(mixed, [each for each in groups if each.kind == "mdc"])
        out = {each.code for each in mixed}  # the grouper makes them of the options
        kept = [each for each in groups if not (each.kind != "mdc" and out & {each.code, each.parent})]
        members, dropped = self._members()
        if dropped.height:
            options["dropped"] = _DROPPED
        lists = [
            listed("member", pl.concat([members, dropped])),
            listed("cc", self.sheets["CC"].frame),
            listed("exclusion", self.sheets["排除表"].frame),
        ]
        if again := members.height + dropped.height - lists[0].height:
            self.remarks.append(say(f"集合：{again} 行重复，只记一次", f"集合: {again} rows come again, counted once"))
        frame = whole(kept, lists, options)
        self._check_drgs()
        return frame

    def _groups(self, name: str) -> Iterator[Group]:
        """The rows of a sheet of groups in the order in which they are tried: those that take what is left go last."""
        sheet = self.sheets[name]
        rest = pl.col("code") == "0000" if name == "MDC" else (pl.col("rule") == "") | _ENDS
        scope = pl.col("parent") if "parent" in sheet.frame.columns else pl.lit("")
        frame = sheet.frame.with_columns(
            _order=pl.col("order").cast(pl.Float64, strict=False), _rest=rest, _scope=scope
        )
        self._tell_order(name, frame)
        for row in frame.sort("_rest", "_order", "_line", nulls_last=True).iter_rows(named=True):
            parent = row.get("parent", "")
            yield Group(name.lower(), row["code"], row["name"], _rule(row["rule"]), parent, sheet.at(row["_line"]))

    def _tell_order(self, name: str, frame: pl.DataFrame) -> None:
        """Remark on orders that could not be taken as they are."""
        last = pl.col("_order").filter(~pl.col("_rest")).max().over("_scope")
        if moved := frame.filter(pl.col("_rest") & (pl.col("_order") < last))["code"].to_list():
            zh = f"{name}：规则为空的兜底组 {some(moved)} 移到最后"
            self.remarks.append(say(zh, f"{name}: the rest slots {some(moved)} go last"))
        again = frame.filter(~pl.col("_rest") & pl.struct("_scope", "_order").is_duplicated())["code"].to_list()
        if again:
            zh = f"{name}：排序重复或空缺，按行序：{some(again)}"
            self.remarks.append(say(zh, f"{name}: orders missing or come again, by row: {some(again)}"))

    def _check_drgs(self) -> None:
        """Refuse a DRG whose ADRG belongs to another MDC than the row tells."""
        above = self.sheets["ADRG"].frame.select("code", _mdc="parent")
        drgs = self.sheets["DRG"]
        wrong = drgs.frame.join(above, left_on="parent", right_on="code", how="inner").filter(
            pl.col("mdc") != pl.col("_mdc")
        )
        for row in wrong.sort("_line").head(1).iter_rows(named=True):
            zh = f"{row['code']} 的所属 MDC 是 {row['mdc']}，而 {row['parent']} 属于 {row['_mdc']}"
            raise drgs.at(row["_line"]).fault(
                zh, f"{row['code']} is of {row['mdc']}, but {row['parent']} of {row['_mdc']}"
            )

    def _ambiguous(self, mixed: Sequence[Group], mdcs: Sequence[Group]) -> dict[str, str]:
        """When a surgical case that no surgical ADRG takes is ambiguous, as the slots ``xQY`` tell."""
        if not mixed:
            self.remarks.append(say("ADRG：没有 QY（歧义病案）", "ADRG: there is no QY"))
            return {}
        fields = {name for each in mixed for name in _fields_of_operations(each)}
        without = {each.code[-1] for each in mdcs if each.code != "0000"} - {each.parent[-1] for each in mixed}
        return {"qy": "any" if "QTSS" in fields else "principal", "qy_not": " ".join(sorted(without))}

    def _members(self) -> tuple[pl.DataFrame, pl.DataFrame]:
        """The members of all sets, and those of the operations that take no part in grouping."""
        sheet = self.sheets["集合"].frame
        robots = sheet.filter(parent=_ROBOTS)["code"]
        out = (pl.col("type").str.to_uppercase() == _UNGROUPED) & ~pl.col("code").is_in(robots.implode())
        dropped = sheet.filter(out).with_columns(parent=pl.lit(_DROPPED)).unique("code", maintain_order=True)
        if not dropped.height:
            self.remarks.append(
                say(f"集合：没有类型 {_UNGROUPED}（不参与分组的手术操作）", f"集合: no set of type {_UNGROUPED}")
            )
        return sheet, dropped


_ENDS = pl.col("code").str.contains("^(0+|[A-Z]0{2,3})$")


def is_scheme(grids: Sequence[Grid]) -> bool:
    """Whether the sheets of a workbook are those of a scheme."""
    return len({"MDC", "ADRG", "DRG"} & {_title(grid) for grid in grids}) > 1


def read(grids: Sequence[Grid], place: Place) -> tuple[pl.DataFrame, list[str]]:
    """The scheme of a workbook, and what the user should know of it."""
    known = {_title(grid): grid for grid in reversed(grids)}
    if missing := [name for name in SHEETS if name not in known]:
        zh, en = f"缺工作表：{'、'.join(missing)}", f"lacks sheets: {', '.join(missing)}"
        raise place.fault(f"{zh}；有：{some([grid.name for grid in grids])}", en)
    remarks = list[str]()
    book = Workbook({name: _sheet(known[name], name, remarks) for name in SHEETS}, remarks)
    return book.frame(), book.remarks


def _title(grid: Grid) -> str:
    return _clean(grid.name).upper()


def _sheet(grid: Grid, name: str, remarks: list[str]) -> _Sheet:
    """The columns of a sheet, located by their headings; its rows, in which every cell must be of its column's form."""
    columns, first = _columns(grid, name)
    cells = dict(enumerate(zip_longest(*grid.rows[first:])))
    if name in _LISTS:
        _check_texts(cells.get(columns["code"], ()), grid, first, columns["code"])
    read = [_cleaned(cells.get(index, ()), column) for column, index in columns.items()]
    frame = pl.DataFrame([*read, pl.Series("_line", grid.lines[first:], dtype=pl.UInt32)])
    frame = frame.filter(pl.any_horizontal(pl.col(list(columns)) != ""))
    capitals = [
        each for each in ("parent", "mdc", *(("rule", "type") if name in _LISTS else ("code",))) if each in columns
    ]
    frame = frame.with_columns(pl.col(capitals).str.normalize("NFKC").str.to_uppercase())
    if name in _LISTS:
        frame = _coded(frame.with_columns(standard(pl.col("code"))), grid, name, remarks)
    if not frame.height:
        raise grid.place.fault("标题行下面没有内容", "there is nothing below the headings")
    _check_forms(frame, grid, name, columns)
    return _Sheet(grid, frame)


def _check_texts(cells: Sequence[Any], grid: Grid, first: int, column: int) -> None:
    """Refuse codes that are stored as numbers: they have lost their zeros."""
    for index, cell in enumerate(cells):
        if isinstance(cell, (int, float)):
            zh = f"{letters(column)} 列的编码 {text(cell, '')} 是数字，可能丢了 0；请把这一列改成文本"
            en = f"the code {text(cell, '')} in column {letters(column)} is a number, zeros may be lost; store it as text"
            raise grid.place.at(grid.lines[first + index]).fault(zh, en)


def _cleaned(cells: Sequence[Any], name: str) -> pl.Series:
    """A column as :func:`_clean` cleans each of its cells."""
    shown = texts(cells, "").fill_null("")
    return shown.str.replace_all(f"(?i){_STRAY}", " ").str.strip_chars().alias(name)


def _coded(frame: pl.DataFrame, grid: Grid, name: str, remarks: list[str]) -> pl.DataFrame:
    """The rows that have a code; a few may have none."""
    without = frame.filter(code="")
    if without.height > _UNCODED * frame.height:
        zh = f"{without.height} 行没有编码，请核对各列是否错位"
        raise grid.place.at(without["_line"][0]).fault(zh, f"{without.height} rows lack a code; are columns shifted?")
    if without.height:
        remarks.append(
            say(
                f"{name}：{without.height} 行没有编码，没有收", f"{name}: {without.height} rows without a code left out"
            )
        )
    return frame.filter(pl.col("code") != "")


def _check_forms(frame: pl.DataFrame, grid: Grid, name: str, columns: Mapping[str, int]) -> None:
    """Refuse a sheet in which something else stands under a heading."""
    for column, form in _FORMS[name].items():
        wrong = frame.filter(~pl.col(column).str.contains(f"^(?:{form})$"))
        if wrong.height:
            line, value, heading = (
                wrong["_line"][0],
                wrong[column][0] or say("（空）", "(blank)"),
                SHEETS[name][column][0],
            )
            where = letters(columns[column])
            zh = f"{where} 列“{heading}”的内容不对：{quoted(value)}（共 {wrong.height} 行）；请核对各列是否错位"
            en = f"column {where} '{heading}' cannot hold {quoted(value)} ({wrong.height} rows); are columns shifted?"
            raise grid.place.at(line).fault(zh, en)


def _columns(grid: Grid, name: str) -> tuple[dict[str, int], int]:
    """Where each column of a sheet stands, and the index of the first row below the headings."""
    best: dict[str, int] = {}
    row = 0
    for index, cells in enumerate(grid.rows[:_SEARCHED]):
        columns = {
            _clean(cell).upper(): column for column, cell in reversed(list(enumerate(cells))) if isinstance(cell, str)
        }
        found = {
            column: next(columns[heading] for heading in headings if heading in columns)
            for column, headings in SHEETS[name].items()
            if any(heading in columns for heading in headings)
        }
        if len(found) > len(best):
            best, row = found, index
    if missing := [headings[0] for column, headings in SHEETS[name].items() if column not in best]:
        seen = (
            some([_clean(cell) for cell in grid.rows[row] if isinstance(cell, str) and cell.strip()])
            if grid.rows
            else ""
        )
        zh, en = f"缺列：{'、'.join(missing)}；看到的标题：{seen or '无'}", f"lacks columns: {', '.join(missing)}"
        raise grid.place.at(grid.lines[row] if grid.rows else 1).fault(zh, en)
    return best, row + 1


def _clean(cell: str) -> str:
    """Return a cell without line breaks of any kind, with single blanks."""
    return re.sub(_STRAY, " ", cell, flags=re.IGNORECASE).strip()


def _rule(words: str) -> str:
    """A rule with its sets and fields in capitals, its words in small letters."""
    return re.sub("[A-Za-z][A-Za-z0-9_]*", _cased, normalize("NFKC", words))


def _cased(word: re.Match[str]) -> str:
    return word[0].lower() if word[0].lower() in _WORDS else word[0].upper()


def _fields_of_operations(group: Group) -> set[str]:
    """The fields of operations by which a slot ``xQY`` takes a case; what else it may ask for is the age of newborns."""
    try:
        node = language.parse(group.rule)
    except language.RuleError as error:
        zh = f"{group.code} 的规则看不懂，第 {error.place} 字：{error.zh}"
        raise group.at.fault(zh, f"the rule of {group.code} at {error.place}: {error.en}") from None
    fields = {name for each in language.atoms(node) for name in each.fields}
    if language.sets(node) != {SURGICAL} or not fields <= {"ZYSS", "QTSS"} or not language.numbers(node) <= {"XSRTL"}:
        zh, en = f"{group.code} 的规则不是“手术属于 {SURGICAL}”", f"the rule of {group.code} is not known"
        raise group.at.fault(f"{zh}：{group.rule}", f"{en}: {group.rule}")
    return fields
