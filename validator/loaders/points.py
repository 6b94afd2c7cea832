"""Workbooks of knowledge points (知识点) of the state's two libraries, as published."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

import polars as pl

from validator.base.language import say
from validator.codes.points import BATCH, COLUMNS, TABLE, WITHIN, schema
from validator.loaders.tables import CodeTable
from validator.read.cells import text
from validator.read.grids import Grid
from validator.read.place import Place


@dataclass(frozen=True)
class PointTable(CodeTable):
    """The table of the registry that holds the points."""

    @property
    def without(self) -> str:
        """Return what is not checked while none are loaded."""
        return say("不查两库知识点", "the points of the two libraries are not checked")


TABLES = {TABLE: PointTable(TABLE, "", "两库知识点", "points of the two libraries", {}, (), "", "", several_names=True)}
_CODE = ("从项编码", "国标代码", "药品代码", "项目编码", "项目代码")
_NAME = ("从项名称", "项目名称", "药品通用名")
_LIMIT = ("限定性别", "限定对象", "限定内容", "手术组", "分组", "组别", "备注")
_FORM = re.compile(r"[0-9A-Z]{9,27}")
#: Word in the type of limit, or in the file's name -> kind.
_KINDS = {
    "同一切口": "incision",
    "重复收费": "pair", "性别": "sex", "儿童": "age", "新生儿": "age", "年龄": "age", "就医方式": "inpatient", "住院": "inpatient",
    "级别": "level", "工伤": "insurance", "生育": "insurance", "险种": "insurance", "疗程": "course", "频次": "frequency",
    "周期": "frequency",
}  # fmt: skip
_WORDS = {"pair": "重复收费", "sex": "性别", "age": "年龄", "inpatient": "就医方式", "level": "机构级别", "insurance": "险种",
          "course": "疗程", "frequency": "频次", "incision": "同一切口"}  # fmt: skip
_SEX = {"男": "1", "女": "2"}
_LEVELS = {"一": "1", "二": "2", "三": "3"}
_DAYS = re.compile(r"(?<![0-9])([0-9]{1,6})\s*(?:天|日)")
_SPANS = {"周": 7, "星期": 7, "月": 30, "日": 1, "天": 1, "小时": 1}  #: word in the unit of a limit -> days
_HEADED = 10  #: rows in which headings may stand


def of_workbook(grids: Sequence[Grid], place: Place) -> tuple[pl.DataFrame, str] | None:
    """The points that a workbook holds, and their batch (the version); None where it holds none."""
    name = PurePath(place.file).stem
    headed = [(grid, at, heads) for grid in grids for at, heads in _headings(grid)]
    kind = _kind(name, headed)
    if not kind or not any("药品通用名" in heads or set(_CODE) & set(heads) for _, _, heads in headed):
        return None
    if kind == "pair" and not any({"主项编码", "频度"} <= set(heads) for _, _, heads in headed):
        raise place.fault(
            "重复收费的知识点应有“主项编码”“频度”两列", "points on pairs need the columns 主项编码 and 频度"
        )
    limits = dict(_limits(headed))
    rows = [_point(kind, row, limits) for grid, at, heads in headed for row in _records(grid, at, heads)]
    points = [row for row in rows if row]
    if not points:
        return None
    frame = pl.DataFrame(points, schema=schema()).unique(maintain_order=True).sort("code", maintain_order=True)
    titles = [cell for grid, at, _ in headed for row in grid.rows[:at] for cell in row if isinstance(cell, str)]
    batches = map(BATCH.search, (name, *(grid.name for grid, _, _ in headed), *titles))
    batch = next(filter(None, batches), None)
    return frame, f"{batch[0]}-{subject(frame)}" if batch else ""


def subject(frame: pl.DataFrame) -> str:
    """What points are about, as their version says it: 药品性别, 项目频次."""
    drugs = frame["code"].str.contains("^[XZT]").any()
    return ("药品" if drugs else "项目") + _WORDS[frame.item(0, "kind")]


def _kind(name: str, headed: Sequence[tuple[Grid, int, list[str]]]) -> str:
    heads = {head for _, _, some in headed for head in some}
    if {"主项编码", "从项编码"} <= heads:
        return "pair"
    types = {row["限定类型"] for grid, at, some in headed if "限定类型" in some for row in _records(grid, at, some)}
    names = [*sorted(filter(None, types)), *(grid.name for grid, _, _ in headed), name]
    marked = "限定类型" in heads or "限制数量" in heads or "知识点" in "".join(names) or "规则库" in name
    words = (kind for each in names for word, kind in _KINDS.items() if word in each)
    return next(words, "frequency" if "限制数量" in heads else "") if marked else ""


def _headings(grid: Grid) -> Iterator[tuple[int, list[str]]]:
    """The row of headings, if one is there."""
    for at, row in enumerate(grid.rows[:_HEADED]):
        heads = [(text(cell, "") or "").strip() for cell in row]
        if len({*_CODE, *_NAME} & set(heads)) >= 1 and len([head for head in heads if head]) > 1:
            yield at, heads
            return


def _records(grid: Grid, at: int, heads: list[str]) -> Iterator[dict[str, str]]:
    for row in grid.rows[at + 1 :]:
        cells: list[Any] = [*row, *[None] * (len(heads) - len(row))]
        yield {head: (text(cell, "") or "").strip() for head, cell in zip(heads, cells, strict=False) if head}


def _limits(headed: Sequence[tuple[Grid, int, list[str]]]) -> Iterator[tuple[str, str]]:
    """The limit by generic name, of drugs whose codes stand on another sheet."""
    for grid, at, heads in headed:
        if not set(_CODE) & set(heads):
            for row in _records(grid, at, heads):
                if limit := _first(row, _LIMIT):
                    yield _first(row, _NAME), limit


def _point(kind: str, row: dict[str, str], limits: dict[str, str]) -> dict[str, Any] | None:
    """One point; None for a row that holds no code: a footer, or a sheet of names alone."""
    code = _first(row, _CODE).replace(" ", "").upper()
    if not _FORM.fullmatch(code):
        return None
    name = _first(row, _NAME)
    limit = _first(row, _LIMIT) or limits.get(name, "")
    point: dict[str, Any] = dict.fromkeys(("code", "name", *COLUMNS))
    point |= {"code": code, "name": name, "kind": kind, "limit": limit, "note": row.get("备注") or None}
    match kind:
        case "sex":
            point["limit"] = next((sex for word, sex in _SEX.items() if word in limit), None)
        case "level":
            point["limit"] = next((level for word, level in _LEVELS.items() if word in limit), None)
        case "course":
            found = _DAYS.search(limit)
            point["days"] = int(found[1]) if found else 365 if "一年" in limit else None
        case "frequency":
            most = re.search("(?<![0-9])[0-9]{1,9}(?![0-9])", row.get("限制数量", ""))
            point["most"], point["limit"] = int(most[0]) if most else None, row.get("数量单位") or None
            point["days"] = _span(row)
        case "pair":
            point["other"], point["other_name"] = row.get("主项编码", "").replace(" ", ""), row.get("主项名称")
            point["within"] = row.get("频度")
            if point["within"] not in WITHIN:
                return None
    return point


def _span(row: dict[str, str]) -> int | None:
    """The days that a limited number is for: 1 of ``日`` and ``小时``, 14 of ``14天``; None where the row does not say."""
    texts = [row[name] for name in ("周期", "限定周期", "数量单位", "限定内容", "备注") if row.get(name)]
    for each in texts:
        if found := re.search(r"(?<![0-9])([0-9]{1,6})\s*(天|日|周|星期|个?月)", each):
            return int(found[1]) * _SPANS[found[2].removeprefix("个")]
        if re.fullmatch("[0-9]{1,6}", each):
            return int(each)
    words = (days for each in texts for word, days in _SPANS.items() if word in each)
    return next(words, None)


def _first(row: dict[str, str], names: Sequence[str]) -> str:
    return next((row[name] for name in names if row.get(name)), "")
