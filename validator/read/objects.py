"""What Python hands over instead of paths: frames of any library, parsed messages, bytes and files, one or several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from io import BytesIO
from math import isnan
from typing import Any

from validator.base.errors import InputError
from validator.base.lazy import pl
from validator.read import workbook
from validator.read.inputs import Item
from validator.read.place import Place

NAME = "data"  #: what messages call bytes, and frames that have no name
_PARQUET, _ZIP = b"PAR1", b"PK\x03\x04"
#: Whole numbers up to here are exact as floats, in which libraries keep a column of them that has blanks.
_EXACT = 2**53


def is_frame(data: object) -> bool:
    """Whether it is a table of some library: Polars, pandas, pyarrow, DuckDB or any that speaks Arrow's stream protocol."""
    return isinstance(data, pl.DataFrame | pl.LazyFrame) or hasattr(data, "__arrow_c_stream__")


def frame(data: Any, name: str = NAME) -> pl.DataFrame:
    """A table as a Polars frame; :class:`InputError` where a column holds what is no value. Whole floats become integers."""
    try:
        table = (
            data if isinstance(data, pl.DataFrame) else data.collect() if isinstance(data, pl.LazyFrame) else _of(data)
        )
    except Exception as error:
        reason = type(error).__name__
        raise Place(name).fault(f"这张表读不了（{reason}）", f"this table cannot be read ({reason})") from error
    return table.with_columns(_whole(column) for column in table.get_columns() if column.dtype.is_float())


def _of(data: Any) -> pl.DataFrame:
    try:
        return pl.DataFrame(data)
    except ImportError:  # pandas needs pyarrow for the protocol
        columns = {str(name): [_value(each) for each in data[name].tolist()] for name in data.columns}
        return pl.DataFrame(columns, strict=False)


def _value(value: Any) -> Any:
    missing = (
        value is None or (isinstance(value, float) and isnan(value)) or type(value).__name__ in ("NAType", "NaTType")
    )
    return None if missing else value


def _whole(column: pl.Series) -> pl.Series:
    """A column of floats as integers where it holds nothing else: ``1.0`` is how a library keeps a 1 in a column with blanks."""
    numbers = column.set(column.is_nan(), None) if column.len() else column
    rest = numbers.drop_nulls()
    whole = rest.is_finite().all() and (rest == rest.floor()).all() and (rest.abs() <= _EXACT).all()
    return numbers.cast(pl.Int64) if whole else numbers


def files(data: object) -> list[Item] | None:
    """Bytes, and files open for reading, as files to read; None where it is neither."""
    given = data if isinstance(data, Sequence) and not isinstance(data, str | bytes | bytearray) else [data]
    if not given or not all(
        isinstance(each, bytes | bytearray | memoryview) or hasattr(each, "read") for each in given
    ):
        return None
    return [_item(each, number if len(given) > 1 else 0) for number, each in enumerate(given, 1)]


def _item(given: Any, number: int) -> Item:
    content = given.read() if hasattr(given, "read") else bytes(given)
    if isinstance(content, str):
        content = content.encode()
    name = getattr(given, "name", None)
    name = name if isinstance(name, str) else f"{NAME}#{number}" if number else NAME
    return Item(name, _kind(content, Place(name)), len(content), NAME, lambda: nullcontext(BytesIO(content)))


def _kind(content: bytes, place: Place) -> str:
    if content.startswith(_PARQUET):
        raise place.fault(
            "Parquet 请给文件路径，或先读成表", "give the path of a Parquet file, or read it into a frame"
        )
    if content.startswith(_ZIP) and b"[Content_Types].xml" not in content and b"mimetype" not in content[:60]:
        raise place.fault("压缩包请给文件路径", "give the path of an archive")
    if content.startswith(workbook.MAGIC):
        return "workbook"
    start = content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    return "stdin" if start in (b"{", b"[", b"") else "delimited"


def messages(data: object) -> list[Any] | None:
    """Messages that are parsed already, one or several; None where it is something else."""
    given = data if isinstance(data, list | tuple) else [data]
    return list(given) if given and all(isinstance(each, Mapping) for each in given) else None


def tables(data: object) -> dict[str, pl.DataFrame] | None:
    """Frames by table name, or one frame under a blank name; None where it is something else.

    Raises :class:`InputError` for a mapping in which only some values are frames.
    """
    if is_frame(data):
        return {"": frame(data)}
    if not isinstance(data, Mapping) or not any(map(is_frame, data.values())):
        return None
    if other := [str(name) for name, each in data.items() if not is_frame(each)]:
        raise InputError(
            f"“{other[0][:24]}”不是表；一个映射里要么都是表，要么是一条报文",
            f"'{other[0][:24]}' is no table; a mapping holds tables alone, or is one message",
        )
    return {str(name): frame(each, str(name)) for name, each in data.items()}


def refusal(data: object) -> InputError:
    """Why this cannot be checked, and what can."""
    kind = type(data).__name__
    return InputError(
        f"不能检查 {kind}；能接受：路径（一个或几个）、表名到表的映射或单独一张表"
        "（Polars、pandas、pyarrow、DuckDB 等支持 Arrow 的表）、报文（dict 或 dict 的列表）、bytes 或打开的文件",
        f"{kind} cannot be checked; taken are paths, a mapping of table names to frames or one frame (Polars, pandas, pyarrow, "
        "DuckDB, whatever speaks Arrow), messages (a dict or a list of them), bytes and open files",
    )
