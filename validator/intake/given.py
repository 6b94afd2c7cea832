"""Tables and messages that officers have: a roll of settlements, the platform's results. Columns are known by what they are called."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from validator.base.errors import InputError
from validator.checks.cell_typing import amount, day
from validator.grouping import written
from validator.read import flat
from validator.read.encoding import decode
from validator.read.place import Place, some

Ways = Mapping[str, Sequence[str]]
_JSON = (".json", ".jsonl")


def rows(path: Path, ways: Ways, needed: Callable[[set[str]], bool], lacking: tuple[str, str]) -> pl.DataFrame:
    """The rows of a CSV, workbook, Parquet file or message as texts: a column for each name of ``ways`` that the file has.

    ``needed``: whether these columns are enough; else :class:`~validator.base.errors.InputError` with ``lacking``, in both
    languages. Blanks and words for nothing are null.
    """
    if not path.is_file():
        raise InputError(f"{path}：没有这个文件", f"{path}: no such file")

    def known(names: list[str]) -> bool:
        return needed(set(written.columns(names, ways)))

    if path.suffix.lower() in _JSON:
        table = _message(path, ways)
        parts: Iterator[pl.DataFrame] | None = iter([table]) if known(table.columns) else None
    else:
        parts = flat.frames([path], known)
    if parts is None:
        raise Place(str(path)).fault(*lacking)
    read = pl.concat(list(parts), how="diagonal_relaxed")
    found = written.columns(read.columns, ways)
    texts = (pl.col(heading).cast(pl.String).str.strip_chars().alias(name) for name, heading in found.items())
    return read.select(texts).with_columns(pl.when(~pl.all().is_in(list(written.NOTHING))).then(pl.all()).name.keep())


def messages(path: Path) -> list[Any]:
    """The messages of a JSON file, or of one with a message a line (``.jsonl``)."""
    text = decode(path.read_bytes(), Place(str(path)))
    texts = [line for line in text.splitlines() if line.strip()] if path.suffix.lower() == ".jsonl" else [text]
    try:
        return [json.loads(each) for each in texts]
    except (ValueError, RecursionError):
        raise Place(str(path)).fault("不是合法的 JSON", "not valid JSON") from None


def _message(path: Path, ways: Ways) -> pl.DataFrame:
    """The objects of a message that hold what is wanted, as rows; an object inside one gets its fields too."""
    wanted = {written.tidy(name) for field, others in ways.items() for name in (field, *others)}
    found = [row for node in messages(path) for row in _objects(node, wanted, {})]
    return pl.DataFrame(found, infer_schema_length=None) if found else pl.DataFrame()


def _objects(node: Any, wanted: set[str], above: dict[str, str]) -> Iterator[dict[str, str]]:
    """The innermost objects with a wanted field, each with what the objects around it say and it does not."""
    if isinstance(node, list):
        for each in node:
            yield from _objects(each, wanted, above)
    elif isinstance(node, dict):
        own = {
            key: str(value) for key, value in node.items() if value is not None and not isinstance(value, dict | list)
        }
        held = above | {key: value for key, value in own.items() if written.tidy(key) in wanted}
        inner = [
            row for value in node.values() if isinstance(value, dict | list) for row in _objects(value, wanted, held)
        ]
        if inner:
            yield from inner
        elif any(written.tidy(key) in wanted for key in own):
            yield held


def days(path: Path, frame: pl.DataFrame, name: str) -> pl.Series:
    """The days of a column of texts in any of the forms that lists have them."""
    return _read(path, frame, name, day, pl.Int32, ("不是日期", "is no date")).cast(pl.Date)


def fen(path: Path, frame: pl.DataFrame, name: str) -> pl.Series:
    """The amounts of a column of texts in yuan, as whole fen."""
    return _read(path, frame, name, _fen, pl.Int64, ("不是金额", "is no amount"))


def _fen(text: str) -> int | None:
    return amount(text.replace(",", ""), 2)


def _read(
    path: Path, frame: pl.DataFrame, name: str, reader: Callable[[str], int | None], kind: Any, wrong: tuple[str, str]
) -> pl.Series:
    texts = frame[name]
    known = texts.unique().drop_nulls()
    meaning = [reader(text) for text in known]
    if None in meaning:
        bad = known[meaning.index(None)]
        row = int((texts == bad).arg_max() or 0) + 1
        zh = f"第 {row} 行数据的 {name}：“{some([bad])}”{wrong[0]}"
        raise Place(str(path)).fault(zh, f"data row {row}, {name}: '{some([bad])}' {wrong[1]}")
    return texts.replace_strict(known, pl.Series(meaning, dtype=kind), default=None, return_dtype=kind)


def whole(path: Path, frame: pl.DataFrame, name: str) -> pl.Series:
    """The whole numbers of a column of texts."""
    return _read(path, frame, name, _whole, pl.Int64, ("不是整数", "is no whole number"))


def _whole(text: str) -> int | None:
    units = amount(text.replace(",", ""), 0)
    return units if units is not None and units >= 0 else None
