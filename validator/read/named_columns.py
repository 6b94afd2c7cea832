"""Tables and messages that officers have: a roll of settlements, weights, results that came back. Columns are known by what they
are called.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from unicodedata import normalize

from validator.base.errors import InputError
from validator.base.lazy import pl
from validator.base.masking import misplaced
from validator.read import flat, parse
from validator.read.encoding import decode
from validator.read.place import Place

Ways = Mapping[str, Sequence[str]]
#: Nothing to say.
NOTHING = {"", "-", "--", "—", "－", "/", "\\", "无", "不详", "null", "NULL", "None", "nan"}
#: Fields of a hospital's code and name. A person's number or name there (a column shifted by one) is hidden, in lists too: whatever
#: names hospitals hides them alike, so that they still find each other.
HOSPITALS = ("hospital", "alliance", "name")
_INVISIBLE = re.compile("[\u200b-\u200d\ufeff\u2060]")
_JSON = (".json", ".jsonl")


def tidy(text: str) -> str:
    """Half width, capitals, nothing invisible, no blanks around."""
    return _INVISIBLE.sub("", normalize("NFKC", text)).strip().upper()


def columns(names: Sequence[str], ways: Ways) -> dict[str, str]:
    """Which of some headings is which field: field -> heading. ``ways``: what else each field is called."""
    known = {tidy(name): name for name in reversed(names)}
    every = {field: (field, *others) for field, others in ways.items()}
    found = {field: [known[key] for way in each if (key := tidy(way)) in known] for field, each in every.items()}
    return {field: headings[0] for field, headings in found.items() if headings}


def rows(path: Path, ways: Ways, needed: Callable[[set[str]], bool], lacking: tuple[str, str]) -> pl.DataFrame:
    """The rows of a CSV, workbook, Parquet file or message as texts: a column for each name of ``ways`` that the file has.

    ``needed``: whether these columns are enough; else :class:`~validator.base.errors.InputError` with ``lacking``, in both
    languages. Blanks and words for nothing are null. Where a hospital should stand, no person is shown (:data:`HOSPITALS`).
    """
    if not path.is_file():
        raise InputError(f"{path}：没有这个文件", f"{path}: no such file")

    def known(names: list[str]) -> bool:
        return needed(set(columns(names, ways)))

    if path.suffix.lower() in _JSON:
        table = _message(path, ways)
        parts: Iterator[pl.DataFrame] | None = iter([table]) if known(table.columns) else None
    else:
        parts = flat.frames([path], known)
    if parts is None:
        raise Place(str(path)).fault(*lacking)
    held = list(parts)
    if not held:
        raise Place(str(path)).fault("没有一行数据", "has no row of data")
    read = pl.concat(held, how="diagonal_relaxed")
    found = columns(read.columns, ways)
    texts = (pl.col(heading).cast(pl.String).str.strip_chars().alias(name) for name, heading in found.items())
    read = read.select(texts).with_columns(pl.when(~pl.all().is_in(list(NOTHING))).then(pl.all()).name.keep())
    return read.with_columns(misplaced(read[name]) for name in HOSPITALS if name in read.columns)


def messages(path: Path) -> list[Any]:
    """The messages of a JSON file, or of one with a message a line (``.jsonl``); numbers keep their literal text."""
    place = Place(str(path))
    text = decode(path.read_bytes(), place)
    if path.suffix.lower() == ".jsonl":
        lines = enumerate(text.splitlines(), 1)
        return [parse.value(line, place.at(number)) for number, line in lines if line.strip()]
    return [parse.value(text, place)]


def _message(path: Path, ways: Ways) -> pl.DataFrame:
    """The objects of a message that hold what is wanted, as rows; an object inside one gets its fields too."""
    wanted = {tidy(name) for field, others in ways.items() for name in (field, *others)}
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
        held = above | {key: value for key, value in own.items() if tidy(key) in wanted}
        inner = [
            row for value in node.values() if isinstance(value, dict | list) for row in _objects(value, wanted, held)
        ]
        if inner:
            yield from inner
        elif any(tidy(key) in wanted for key in own):
            yield held
