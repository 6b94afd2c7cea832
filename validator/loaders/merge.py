"""One table from all the sheets that hold it: each code once."""

from collections.abc import Sequence

import polars as pl

from validator.base.errors import InputError
from validator.base.language import say
from validator.loaders.rows import CodeRows
from validator.read.grids import Grid
from validator.read.place import quoted

_JOINT = "；"  #: between the texts that one code has in several rows
_OTHER_NAMES = "其他名称"
_NAMED = 3  #: codes that a message names


def whole(sheets: Sequence[CodeRows]) -> tuple[pl.DataFrame, list[str]]:
    """The rows of all sheets, one for each code, and what the user should know of them.

    Rows of one code that differ in published columns become one with all their texts; names must be the same (unless
    the table says otherwise), and so must a map's targets.
    """
    frames = [sheet.frame().with_columns(_sheet=pl.lit(index)) for index, sheet in enumerate(sheets)]
    remarks = [remark for sheet in sheets for remark in sheet.remarks]
    frame, table = pl.concat(frames, how="diagonal"), sheets[0].table
    repeated = frame.filter(pl.col("code").is_duplicated())
    if repeated.height:
        one = "target" if table.is_map else "name"
        if not table.several_names:
            _refuse_conflicts(repeated, one, sheets)
        joined = _joined(repeated, table.several_names)
        frame = pl.concat([frame.filter(~pl.col("code").is_duplicated()), joined], how="diagonal")
        zh = f"{repeated.height} 行的编码重复出现，合并为 {joined.height} 行"
        remarks.append(say(zh, f"{repeated.height} rows repeat codes, merged into {joined.height}"))
    return frame.drop("_sheet", "_line"), remarks


def _refuse_conflicts(repeated: pl.DataFrame, one: str, sheets: Sequence[CodeRows]) -> None:
    """Fail where a code has two names (or targets)."""
    conflicts = repeated.filter(pl.col(one).n_unique().over("code") > 1).sort("code", "_sheet", "_line")
    if not conflicts.height:
        return
    codes = conflicts["code"].unique(maintain_order=True)
    first = conflicts.filter(pl.col("code") == codes[0]).unique(one, maintain_order=True)
    raise _conflict(first, one, sheets, codes.to_list())


def _conflict(rows: pl.DataFrame, one: str, sheets: Sequence[CodeRows], codes: list[str]) -> InputError:
    line, other = rows.row(0, named=True), rows.row(1, named=True)
    grid: Grid = sheets[line["_sheet"]].grid
    there = sheets[other["_sheet"]].grid.name if other["_sheet"] != line["_sheet"] else ""
    where_zh = f"{f'工作表“{there}”' if there else ''}第 {other['_line']} 行"
    where_en = f"{f'sheet {there}, ' if there else ''}line {other['_line']}"
    what_zh, what_en = ("对应的编码", "targets") if one == "target" else ("名称", "names")
    more = len(codes) - 1
    named = "、".join(map(quoted, codes[1 : _NAMED + 1]))
    more_zh = f"；另有 {more} 个编码也是这样：{named}{'…' if more > _NAMED else ''}" if more else ""
    more_en = f"; {more} more such codes: {named}{' …' if more > _NAMED else ''}" if more else ""
    return grid.place.at(line["_line"]).fault(
        f"编码 {quoted(line['code'])} 重复而{what_zh}不同：“{quoted(line[one])}”，{where_zh}是“{quoted(other[one])}”{more_zh}",
        f"code {quoted(line['code'])} comes again with other {what_en}: '{quoted(line[one])}', {where_en} '{quoted(other[one])}'{more_en}",
    )


def _joined(repeated: pl.DataFrame, several_names: bool) -> pl.DataFrame:
    """One row for each code: the first name, the longest time, all other texts."""
    rules = []
    for name, dtype in repeated.schema.items():
        column = pl.col(name)
        match name:
            case "code" | "_line":
                continue
            case "since":
                rules.append(pl.when(~column.has_nulls()).then(column.min()).alias(name))
            case "until":
                rules.append(pl.when(~column.has_nulls()).then(column.max()).alias(name))
            case "name" | "target" | "target_name" | "_name" | "_sheet":
                rules.append(column.first())
            case _ if dtype == pl.Boolean:
                rules.append(column.any())
            case _:
                rules.append(column.drop_nulls().unique(maintain_order=True).str.join(_JOINT).replace("", None))
    others = (
        pl.col("name").filter(pl.col("name") != pl.col("name").first()).unique(maintain_order=True).str.join(_JOINT)
    )
    if several_names:
        rules.append(others.replace("", None).alias(_OTHER_NAMES))
    return repeated.group_by("code", maintain_order=True).agg(rules)
