"""Flat tables, one row a case: CSV, workbook or Parquet, read some rows at a time."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from itertools import zip_longest
from pathlib import Path

from validator.base import files
from validator.base.errors import InputError
from validator.base.lazy import pl
from validator.read import delimited, inputs, workbook
from validator.read.cells import texts
from validator.read.encoding import encoding_of
from validator.read.file_notes import FileNotes
from validator.read.grids import Grid
from validator.read.inputs import Item
from validator.read.parquet import sound, types_and_rows

Progress = Callable[[str, int, int], None]
_HEAD = 1 << 16  #: bytes in which the heading row ends
_TITLES = 5  #: rows of a sheet in which the heading row may stand
_CHUNK = 1 << 20
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def frames(
    paths: Sequence[str | Path],
    is_flat: Callable[[list[str]], bool],
    *,
    rows: int = 100_000,
    progress: Progress | None = None,
) -> Iterator[pl.DataFrame] | None:
    """The rows of flat tables as texts, at most so many at a time; None where the paths hold none.

    ``is_flat`` tells by its headings whether a table is flat. Raises :class:`InputError` where some are and others are not.
    """
    if any(str(path) == "-" for path in paths):
        return None
    with ExitStack() as stack:
        items, _ = inputs.find(paths, stack, FileNotes(strict=False))
        flat = [item for item in items if is_flat(_headings(item, is_flat))]
    if not flat:
        return None
    if len(flat) < len(items):
        other = next(item.name for item in items if item not in flat)
        raise InputError(
            f"{flat[0].name} 是一行一例的平表，{other} 不是，请分开处理",
            f"{flat[0].name} is a flat table and {other} is not; please take them one after the other",
        )
    return _rows(paths, is_flat, rows, progress)


def _rows(
    paths: Sequence[str | Path], is_flat: Callable[[list[str]], bool], rows: int, progress: Progress | None
) -> Iterator[pl.DataFrame]:
    with ExitStack() as stack:
        items, _ = inputs.find(paths, stack, FileNotes(strict=False))
        total, done = sum(item.size for item in items), 0
        for item in items:
            size = 0
            for part in _parts(item, is_flat, rows):
                size = min(size + int(part.estimated_size()), item.size)  # texts take about as much as in the file
                if progress:
                    progress(item.name, done + size, total)
                yield part
            done += item.size


def _headings(item: Item, is_flat: Callable[[list[str]], bool]) -> list[str]:
    """The headings of a table; none where the file holds no table."""
    match item.kind:
        case "delimited":
            with item.open() as stream:
                head = stream.read(_HEAD)
            text = codecs.getincrementaldecoder(_encoding_of(item))("replace").decode(head)
            return _names(text)
        case "parquet":
            return _schema(item)
        case "workbook":
            return next((grid.rows[at] for grid, at in _sheets(item, is_flat)), [])
    return []


def _names(text: str) -> list[str]:
    line = text.lstrip("\ufeff").split("\n", 1)[0].strip("\r")
    return [cell.strip().strip('"') for cell in line.split(delimited.delimiter(text))]


def _encoding(head: bytes) -> str:
    """The encoding of a file by its first bytes, which may end inside a character."""
    if head.startswith(_UTF16):
        return "utf-16"
    for cut in range(4):
        try:
            return encoding_of(head[: len(head) - cut])
        except UnicodeDecodeError:
            continue
    return "gb18030"


def _schema(item: Item) -> list[str]:
    assert item.path
    try:
        return list(pl.scan_parquet(item.path, glob=False).collect_schema())
    except (pl.exceptions.PolarsError, OSError):
        return []  # the reader of tables tells what is wrong


def _parts(item: Item, is_flat: Callable[[list[str]], bool], rows: int) -> Iterator[pl.DataFrame]:
    if item.kind == "delimited":
        yield from _delimited(item, rows)
    elif item.kind == "parquet":
        assert item.path
        types_and_rows(item)
        with sound(item.place):
            yield from pl.scan_parquet(item.path, glob=False).collect_batches(chunk_size=rows, maintain_order=True)
    else:
        for grid, at in _sheets(item, is_flat):
            columns = zip_longest(*grid.rows[at + 1 :])
            read = {name: texts(column, "") for name, column in zip(grid.rows[at], columns, strict=False) if name}
            frame = pl.DataFrame(read) if read else pl.DataFrame(schema=dict.fromkeys(grid.rows[at], pl.String))
            yield from frame.filter(~pl.all_horizontal(pl.all().is_null())).iter_slices(rows)


def _sheets(item: Item, is_flat: Callable[[list[str]], bool]) -> Iterator[tuple[Grid, int]]:
    """The sheets that hold a flat table, and where their heading row is."""
    data = item.read()
    if not data.startswith(workbook.MAGIC):
        return
    for grid in workbook.grids(data, item.place):
        for at, row in enumerate(grid.rows[:_TITLES]):
            if is_flat([str(cell) for cell in row]):
                grid.rows[at] = [str(cell).strip() for cell in row]
                yield grid, at
                break


def _delimited(item: Item, rows: int) -> Iterator[pl.DataFrame]:
    with files.scratch_folder() as folder:
        path = _utf8(item, Path(folder) / "flat.csv")
        with path.open("rb") as stream:
            head = codecs.getincrementaldecoder("utf-8")("replace").decode(stream.read(_HEAD))
        try:
            scan = pl.scan_csv(path, separator=delimited.delimiter(head), infer_schema=False, glob=False)
            scan = scan.rename(lambda name: name.strip())
            for part in scan.collect_batches(chunk_size=rows, maintain_order=True):
                yield part.with_columns(pl.all().str.replace(r'\A="(.*)"\z', "${1}"))
        except pl.exceptions.PolarsError:
            delimited.check_widths(delimited.grid(item.read(), item.place), 0)  # names the lines
            raise item.place.fault("读不了，不是完整的 CSV", "cannot be read; it is no complete CSV") from None


def _utf8(item: Item, copy: Path) -> Path:
    """The file itself where it is UTF-8, else a copy that is."""
    encoding = _encoding_of(item)
    try:
        if encoding == "utf-8" and item.path and str(item.path) == item.name:  # else Polars cannot open it
            for _ in _decoded(item, encoding):
                pass
            return item.path
        with copy.open("w", encoding="utf-8", newline="") as file:
            file.writelines(_decoded(item, encoding))
    except UnicodeError:
        raise item.place.fault(
            "有的字既不是 UTF-8 也不是 GB18030，文件可能没有写完，请重新导出",
            "has characters that are neither UTF-8 nor GB18030; it may break off, please export it again",
        ) from None
    return copy


def _encoding_of(item: Item) -> str:
    """The encoding of a file by the first part of it that is not ASCII."""
    with item.open() as stream:
        while chunk := stream.read(_CHUNK):
            if not chunk.isascii():
                return _encoding(chunk)
    return "utf-8"


def _decoded(item: Item, encoding: str) -> Iterator[str]:
    """The text of a file piece by piece; UnicodeError where it breaks off or has another encoding."""
    decoder = codecs.getincrementaldecoder(encoding)()
    with item.open() as stream:
        while chunk := stream.read(_CHUNK):
            yield decoder.decode(chunk)
        yield decoder.decode(b"", final=True)
