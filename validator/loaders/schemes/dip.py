"""The DIP scheme as the bureau publishes it: a workbook of ten sheets, from 先期分组 to 基层病种."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from unicodedata import normalize

import polars as pl

from validator.base.language import say
from validator.grouping.dip_scheme import COLUMNS, WHOLE, diagnoses, filled, mixed_rows, plain
from validator.loaders.schemes import limits
from validator.loaders.schemes.parts import standard
from validator.loaders.schemes.sheets import CODED, Row, SheetLayout, checked, clean, rows
from validator.read.grids import Grid
from validator.read.place import Place, quoted, some

_GROUP = ("number", "principal")
_NAMED = ("category", "name", "principal_name", "procedure_name")
SHEETS = (
    SheetLayout("pre", "先期分组", _GROUP, (*_NAMED, "procedure", "days", "weight", "note")),
    SheetLayout("merge", "并项", (*_GROUP, "procedure", "related"), (*_NAMED, "related_name")),
    SheetLayout(
        "burn",
        "烧伤",
        (*_GROUP, "other", "procedure", "related"),
        (*_NAMED, "degree", "area", "related_name", "other_name"),
    ),
    SheetLayout("tumour", "肿瘤", (*_GROUP, "other", "procedure"), (*_NAMED, "other_name")),
    SheetLayout("resistant", "耐药诊断", ("principal",), ("principal_name",)),
    SheetLayout("tuberculosis", "结核类", (*_GROUP, "procedure", "resistant"), (*_NAMED, "resistance_note")),
    SheetLayout("core", "基[础本]规则", (*_GROUP, "procedure"), _NAMED),
    SheetLayout("excluded_principal", "不纳入分组的主要诊断", ("principal",), ("principal_name", "note")),
    SheetLayout("excluded_procedure", "不纳入分组的主要手术", ("procedure",), ("procedure_name", "note")),
    SheetLayout("grassroots", "基层病种", (*_GROUP, "procedure"), _NAMED),
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
_RESISTANT, _SECONDARY = "DI_JHNY", "DI_JHNY_QT"  #: resistance as principal diagnosis, and next to another one
_OF_RESISTANCE = "U84.3"
_WITHIN = re.compile("(.+)作为主要诊断[,，]?可作为主要手术操作")


def is_scheme(grids: Sequence[Grid]) -> bool:
    """Whether the sheets of a workbook are those of a DIP scheme."""
    return len({sheet.kind for grid in grids if (sheet := _sheet(grid))}) >= 3


def read(grids: Sequence[Grid], place: Place) -> tuple[pl.DataFrame, list[str]]:
    """The scheme of a workbook, and what the user should know; :class:`InputError` names sheet and row of what does not fit."""
    book = _Workbook()
    for grid in grids:
        if any(clean(cell) for row in grid.rows for cell in row):
            book.add(grid)
    if missing := [each.name for each in SHEETS if each.kind not in book.rows]:
        raise place.fault(f"缺工作表：{some(missing, 10)}", f"lacks sheets: {some(missing, 10)}")
    return book.frame(), book.remarks


def _sheet(grid: Grid) -> SheetLayout | None:
    """Which sheet it is by its name; that of resistant diagnoses goes before that of tuberculosis."""
    name = re.sub(r"\s", "", normalize("NFKC", grid.name))
    return next((each for each in SHEETS if re.search(each.name, name)), None)


@dataclass
class _Workbook:
    """Reads one workbook."""

    rows: dict[str, list[Row]] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    secondary: set[str] = field(default_factory=set)  #: what the sheet of tuberculosis says of other diagnoses

    def add(self, grid: Grid) -> None:
        sheet = _sheet(grid)
        if sheet is None:
            zh = "不认识这个工作表；DIP 分组方案的工作表应是官方公布的那些，另加的请删去"
            raise grid.place.fault(zh, "is no sheet of a DIP scheme; please delete what is not the bureau's")
        if sheet.kind in self.rows:
            raise grid.place.fault("同类工作表有两个", "there are two sheets of this kind")
        make = self._makers().get(sheet.kind, self._group)
        self.rows[sheet.kind] = [
            {"kind": sheet.kind, **made} for at, row in rows(grid, sheet) if (made := make(at, sheet.kind, row))
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
            raise at.fault(f"序号应为数字，却是“{quoted(shown)}”", f"the number is '{quoted(shown)}'")
        if not row["principal"]:
            raise at.fault("没有主要诊断编码", "has no principal diagnosis")
        parts = [row.get(name, "") for name in ("principal_name", "degree", "other_name", "area")]
        done = [row.get("procedure_name", "") or "保守治疗", row.get("related_name", "")]
        parts.append({"是": "耐药", "否": "非耐药"}.get(row.get("resistant", ""), ""))
        name = row.get("name", "") or "＋".join(filter(None, [*parts, *done]))
        code = f"{row.get('category') or _LETTERS.get(kind, kind)}-{row['number']}"
        return {"code": code, "name": name} | {each: row.get(each, "") for each in CODED}

    def _pre(self, at: Place, kind: str, row: Row) -> Row:
        days, weight = row.get("days", ""), row.get("weight", "")
        if not (days or weight or row.get("procedure")):
            days, weight = limits.noted(row.get("note", ""))
        try:
            rule = limits.newborn(days, weight)
        except ValueError as error:
            zh, en = f"看不懂天龄或体重“{quoted(error)}”", f"age in days or weight: '{quoted(error)}' is not understood"
            raise at.fault(zh, en) from None
        if not rule and not row.get("procedure"):
            raise at.fault("既没有手术操作，也没有天龄和体重", "has neither operations nor limits of age and weight")
        return self._group(at, kind, row) | {"rule": rule}

    def _tuberculosis(self, at: Place, kind: str, row: Row) -> Row:
        if row["resistant"] not in ("是", "否"):
            shown = row["resistant"] or "（空）"
            raise at.fault(
                f"是否耐药应为是或否，却是“{quoted(shown)}”", f"resistance should be 是 or 否, not '{quoted(shown)}'"
            )
        held = f"ZYZD in {_RESISTANT} or QTZD in {_SECONDARY}"
        self.secondary.update(code[:5] for code in re.findall(r"U8[0-9]\.[0-9]", row.get("resistance_note", "")))
        return self._group(at, kind, row) | {"rule": held if row["resistant"] == "是" else f"not ({held})"}

    def _resistant(self, at: Place, kind: str, row: Row) -> Row:
        del at, kind
        return {"kind": "member", "code": row["principal"], "name": row.get("principal_name", ""), "parent": _RESISTANT}

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
            checked(at, "说明", scope, diagnoses)
        elif note and "保守治疗" not in note:
            raise at.fault(f"看不懂说明“{quoted(note)}”", f"the note '{quoted(note)}' is not understood")
        if len(plain(row["procedure"])) < WHOLE:
            shown = row["procedure"] or "（空）"
            raise at.fault(
                f"应为一个完整的手术操作编码，却是“{quoted(shown)}”",
                f"'{quoted(shown)}' is no whole code of an operation",
            )
        return {"code": row["procedure"], "name": row.get("procedure_name", ""), "rule": rule, "principal": scope}

    # ---- all of them

    def frame(self) -> pl.DataFrame:
        """The scheme."""
        secondary = sorted(self.secondary) or [_OF_RESISTANCE]
        if not self.secondary:
            zh = f"结核类：没有写明其他诊断中的耐药编码，按 {_OF_RESISTANCE}"
            self.remarks.append(say(zh, f"tuberculosis: no code of resistance stated, {_OF_RESISTANCE} taken"))
        self._tell_again()
        self.remarks.append(
            say("综合病种由地方制定，此处按治疗方式分四类", "mixed groups are local; here there are four, by treatment")
        )
        options = {"position": "principal", "edition": "insurance"}
        parts: list[list[Row]] = [
            [{"kind": "option", "code": name, "rule": value} for name, value in options.items()],
            [
                *self.rows.pop("resistant"),
                *({"kind": "member", "code": code, "parent": _SECONDARY} for code in secondary),
            ],
            *self.rows.values(),
        ]
        frame = pl.concat([*(filled(pl.DataFrame(part, schema=_schema(part))) for part in parts), mixed_rows()])
        listed = pl.col("kind").is_in(["member", "excluded_principal", "excluded_procedure"])
        return frame.with_columns(code=pl.when(listed).then(standard(pl.col("code"))).otherwise("code"))

    def _tell_again(self) -> None:
        """Remark on codes that come again."""
        for kind, made in self.rows.items():
            times = Counter(row["code"] for row in made)
            if again := [code for code, number in times.items() if number > 1]:
                self.remarks.append(say(f"{kind}：重复 {some(again)}", f"{kind}: come again: {some(again)}"))


def _schema(rows: Sequence[Row]) -> dict[str, type[pl.DataType]]:
    names = {name for row in rows for name in row}
    return {name: kind for name, kind in COLUMNS.items() if name in names}
