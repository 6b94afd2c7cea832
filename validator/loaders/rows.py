"""The rows of a sheet whose columns are known, as the registry keeps them; what cannot be right is refused by row."""

import re
from collections.abc import Iterator, Sequence
from itertools import zip_longest

import polars as pl

from validator.base.errors import InputError
from validator.base.language import say
from validator.loaders.columns import CodeColumns, folded, is_heading
from validator.read.cells import column, imprecise, texts
from validator.read.grids import Grid
from validator.read.place import some

_NAMED = 5  #: rows that a message names
_IRREGULAR = 0.01  #: share of codes that may be built otherwise
_NOTES = r"^(注|备注|说明|附注|合计|总计|小计|第.{1,4}页)"
_DATE = r"^([129][0-9]{3})[-/.年]?([01]?[0-9])[-/.月]?([0-3]?[0-9])日?(?:[ T].*)?$"
_FOREVER = pl.date(9000, 1, 1)  #: from here on, an end is none
_YES, _NO = ("1", "是", "y", "yes", "true", "灰码", "√"), ("0", "否", "n", "no", "false", "非灰码", "×", "-")


class CodeRows:
    """Turns one sheet into a frame of the standard columns, then the others under their own headings, then ``_line``."""

    def __init__(self, grid: Grid, columns: CodeColumns) -> None:
        self.grid, self.columns, self.table = grid, columns, columns.table
        self.remarks = list[str]()  #: what the user should know of it

    def frame(self) -> pl.DataFrame:
        """All rows that carry a code."""
        frame = self._listed(self._cells())
        if not frame.height:
            raise self.grid.place.fault("标题行下面没有编码", "there is no code below the headings")
        frame = self._coded(frame)
        if self.table.is_map:
            frame = self._targets(frame)
            columns = [pl.col("target"), self._text("target_name"), self._text("name").alias("_name")]
        else:
            names = pl.coalesce(f"{index}" for index in self.columns.roles["name"]).alias("name")
            columns = [names, *self._dates(frame), *self._grey(frame)]
        frame = frame.select("code", *columns, *self._others(), "_line")
        if not self.table.is_map:
            self._refuse(frame.filter(pl.col("name").is_null()), "name", "没有名称", "has no name")
            if {"since", "until"} <= set(frame.columns):
                early = frame.filter(pl.col("until") < pl.col("since"))
                self._refuse(early, "until", "早于生效日期", "is before the first day")
        return frame

    def _cells(self) -> pl.DataFrame:
        """Every cell below the headings as text; blank ones are null, merged ones repeat."""
        rows, lines = self.grid.rows[self.columns.first :], self.grid.lines[self.columns.first :]
        dated = {index for role in ("since", "until") for index in self.columns.roles.get(role, ())}
        read, cells = list[pl.Series](), dict(enumerate(zip_longest(*rows)))
        for index in range(len(self.columns.headings)):
            values = cells.get(index) or [None] * len(rows)
            shown = texts(values, "date" if index in dated else "")
            if (rounded := imprecise(values)) and [index] == self.columns.roles[self.table.coded][:1]:
                raise self._fault([lines[row] for row in rounded], self.table.coded, *_ROUNDED)
            read.append(_plain(shown).alias(f"{index}"))
        return self._unmerged(pl.DataFrame([*read, pl.Series("_line", lines, dtype=pl.UInt32)]))

    def _unmerged(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Cells that are merged over several rows have their text in each of them."""
        first, filled = self.grid.lines[self.columns.first] if frame.height else 0, dict[int, list[tuple[int, int]]]()
        for (line, index), remark in self.grid.remarks.items():
            if remark.check in ("read/cell-error", "read/no-cached-value") and line >= first:
                self._uncalculated(line, index)
            area = re.fullmatch(r"([A-Z]+)([0-9]+):([A-Z]+)([0-9]+)", remark.args.get("area", ""))
            if area and area[1] == area[3] and area[2] != area[4] and int(area[2]) >= first:
                filled.setdefault(column(area[1]), []).append((int(area[2]) - first, int(area[4]) - first))
        for index, spans in filled.items():
            if f"{index}" in frame.columns:
                values = frame[f"{index}"].to_list()
                for top, bottom in spans:
                    values[top : bottom + 1] = [values[top]] * len(values[top : bottom + 1])
                frame = frame.with_columns(pl.Series(f"{index}", values, dtype=pl.String))
        return frame

    def _uncalculated(self, line: int, index: int) -> None:
        for role in ("code", "name", "target"):
            if index in self.columns.roles.get(role, ())[:1]:
                raise self._fault([line], role, "是出错或没有结果的公式", "is a formula that failed or has no result")

    def _listed(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The rows that list a code: not blank ones, notes, repeated headings, or levels without a code of their own."""
        cells, code = [each for each in frame.columns if each != "_line"], self._text("code")
        name = pl.coalesce(f"{index}" for index in self.columns.roles.get("name", self.columns.roles["code"]))
        filled = pl.sum_horizontal(pl.col(each).is_not_null().cast(pl.UInt32) for each in cells)
        first = pl.coalesce(cells) if cells else pl.lit(None, pl.String)
        lone = (filled == 1) & ~code.str.contains("^[ -~]+$").fill_null(False)
        if any(self.columns.headings[: min(self.columns.roles.get("name", [0]))]):  # a note begins in the first column
            lone &= name.is_null()
        left_out = (
            lone
            | first.str.contains(_NOTES).fill_null(False)
            | code.is_in(self._headings_again(frame)).fill_null(False)
        )
        frame = frame.filter((filled > 0) & ~left_out)
        uncoded = frame.filter(code.is_null())
        if not self.table.is_map:
            self._refuse(uncoded.filter(name.is_not_null()), "code", "没有编码", "has no code")
        if uncoded.height:
            self.remarks.append(
                say(f"{uncoded.height} 行没有编码，没有收", f"{uncoded.height} rows without a code left out")
            )
        return frame.filter(code.is_not_null())

    def _headings_again(self, frame: pl.DataFrame) -> list[str]:
        """Return the codes that are headings: repeated on a further page, or in another language."""
        words = frame.select(self._text("code")).to_series().drop_nulls().unique()
        return [word for word in words.filter(~words.str.contains("[0-9]")) if is_heading(self.table, word)]

    def _coded(self, frame: pl.DataFrame) -> pl.DataFrame:
        """``frame`` with ``code`` in its standard form, which must be the table's."""
        code = frame.get_column(f"{self.columns.roles['code'][0]}")
        if self.table.is_map:
            return frame.with_columns(code=code)
        return frame.with_columns(code=self._formed(code, frame, "code"))

    def _targets(self, frame: pl.DataFrame) -> pl.DataFrame:
        """``frame`` with ``target``, without the rows that have none."""
        target = frame.get_column(f"{self.columns.roles['target'][0]}")
        blank = target.is_null() | target.str.contains("灰码|^[-—/无]+$").fill_null(True)
        if count := blank.sum():
            self.remarks.append(say(f"{count} 行没有对应编码，没有收", f"{count} rows without a counterpart left out"))
        frame, target = frame.filter(~blank), target.filter(~blank)
        return frame.with_columns(target=self._formed(target, frame, "target"))

    def _formed(self, codes: pl.Series, frame: pl.DataFrame, role: str) -> pl.Series:
        """Return codes in standard form; fails where more than a few are built otherwise."""
        standard = folded(codes, self.table)
        if changed := (standard != codes).sum():
            zh = f"{changed} 个编码的全半角、空格或字母大小写已按标准写法收录"
            self.remarks.append(say(zh, f"{changed} codes brought to standard width, blanks and letter case"))
        if not self.table.regex:
            return standard
        irregular = ~standard.str.contains(self.table.regex)
        if count := int(irregular.sum()):
            shown = some(standard.filter(irregular).unique(maintain_order=True).head(_NAMED + 1).to_list(), _NAMED)
            if self.table.enforced and count > max(1, _IRREGULAR * standard.len()):
                raise self._fault(
                    frame.filter(irregular)["_line"].to_list(), role, *self._unbuilt(shown, standard.filter(irregular))
                )
            zh = f"{count} 个编码不合编码结构，照收：{shown}"
            self.remarks.append(say(zh, f"{count} codes are not built as the standard says, kept: {shown}"))
        return standard

    def _unbuilt(self, shown: str, irregular: pl.Series) -> tuple[str, str]:
        zh = f"不是{self.table.title_zh}的编码：{shown}"
        en = f"no code of {self.table.title_en}: {shown}"
        if irregular.str.contains("^[0-9.]+$").all():
            return (
                f"{zh}；如果是丢了开头或末尾的 0，请把这一列按文本导出",
                f"{en}; if zeros in front or behind were lost, export it as text",
            )
        return f"{zh}；如果不是这张表，请用 --table 指明", f"{en}; name the table with --table if it is another"

    def _dates(self, frame: pl.DataFrame) -> Iterator[pl.Expr]:
        """``since`` and ``until`` of single codes."""
        if self.table.is_map or self.table.named:
            return
        for role in ("since", "until"):
            if role not in self.columns.roles:
                yield pl.lit(None, pl.Date).alias(role)
                continue
            written = self._text(role)
            parts = written.str.extract_groups(_DATE).struct
            digits = [parts.field(f"{number}").str.zfill(width) for number, width in ((1, 4), (2, 2), (3, 2))]
            day = pl.concat_str(digits).str.to_date("%Y%m%d", strict=False)
            self._refuse(frame.filter(written.is_not_null() & day.is_null()), role, "不是日期", "is no date")
            yield (pl.when(day < _FOREVER).then(day) if role == "until" else day).alias(role)

    def _grey(self, frame: pl.DataFrame) -> list[pl.Expr]:
        """``grey``, null where the sheet has no such column."""
        if self.table.named:
            return []
        if "grey" not in self.columns.roles:
            return [pl.lit(None, pl.Boolean).alias("grey")]
        written = self._text("grey").str.to_lowercase()
        wrong = frame.filter(~written.is_in([*_YES, *_NO]))
        self._refuse(wrong, "grey", "应为 1/0、是/否 或空", "should be 1/0, yes/no or blank")
        return [written.is_in(_YES).fill_null(False).alias("grey")]

    def _others(self) -> Iterator[pl.Expr]:
        """Every other column that has a heading, under that."""
        taken = {indices[0] for role, indices in self.columns.roles.items() if role != "drop"}
        taken.update(self.columns.roles.get("drop", ()))
        names = {"code", "name", "since", "until", "grey", "target", "target_name", "_line", "_name", "_version"}
        if version := self.columns.roles.get("version"):
            yield pl.col(f"{version[0]}").alias("_version")
        for index, heading in enumerate(self.columns.headings):
            if heading and index not in taken:
                name, number = heading, 1
                while name in names:
                    number += 1
                    name = f"{heading} {number}"
                names.add(name)
                yield pl.col(f"{index}").alias(name)

    def _text(self, role: str) -> pl.Expr:
        """The best column of a role, null where there is none."""
        if role in self.columns.roles:
            return pl.col(f"{self.columns.roles[role][0]}").alias(role)
        return pl.lit(None, pl.String).alias(role)

    def _refuse(self, rows: pl.DataFrame, role: str, zh: str, en: str) -> None:
        if rows.height:
            raise self._fault(rows["_line"].to_list(), role, zh, en)

    def _fault(self, lines: Sequence[int], role: str, zh: str, en: str) -> InputError:
        """An error that names the rows (of one sheet) and the column."""
        label_zh, label_en = self.columns.label(self.grid, role)
        shown = "、".join(map(str, lines[:_NAMED]))
        more_zh = (
            f"（第 {shown} 行{'等' if len(lines) > _NAMED else ''}，共 {len(lines)} 行）" if len(lines) > 1 else ""
        )
        more_en = f" (rows {shown}{' …' if len(lines) > _NAMED else ''}, {len(lines)} in all)" if len(lines) > 1 else ""
        return self.grid.place.at(lines[0]).fault(f"{label_zh}{zh}{more_zh}", f"{label_en} {en}{more_en}")


_ROUNDED = (
    "是数字，Excel 只保留 15 位，后面的已丢失；请把这一列按文本导出",
    "is a number of which Excel keeps 15 digits only; export this column as text",
)


def _plain(cells: pl.Series) -> pl.Series:
    """Cells without line breaks, and blanks around them; blank ones are null."""
    cells = cells.str.replace_all("_x000[AD]_|[ \t]*[\r\n]+[ \t]*", "").str.strip_chars(
        " \t\r\n\u00a0\u3000\u200b\ufeff"
    )
    return cells.set(cells == "", None)
