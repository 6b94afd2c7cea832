"""Replacing pieces of a text, every other byte kept."""

import codecs
from enum import Enum

from validator.read.encoding import decode, encoding_of
from validator.read.place import Place

_UTF16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


class Reason(Enum):
    """Why a fix was not written: in Chinese, in English."""

    CHANGED = ("原处已不是检查时的值", "the place no longer holds what the check saw")
    CLASH = ("两项检查建议的值不同", "two checks suggest different values")
    FORMULA = ("单元格是公式", "the cell is a formula")
    FORMAT = (
        "--fix 写不了这种文件；请先 check --format xlsx，得到内容相同、全是文本的 .xlsx，再修正它",
        "--fix cannot write this kind of file; check it with --format xlsx, which gives an .xlsx of its texts, and fix that",
    )
    TYPE = ("Parquet 列的类型写不下", "the Parquet column's type cannot hold it")


class Splices:
    """The replacements to make in a text."""

    def __init__(self) -> None:
        self._pieces: dict[tuple[int, int], str] = {}

    def __bool__(self) -> bool:
        return bool(self._pieces)

    def put(self, start: int, end: int, new: str) -> None:
        self._pieces[start, end] = new

    def made(self, content: str) -> str:
        """The text with all pieces put in."""
        pieces, done = [], 0
        for (start, end), new in sorted(self._pieces.items()):
            pieces += [content[done:start], new]
            done = end
        return "".join([*pieces, content[done:]])


class Text:
    """A file's text, and how to write it as the file was written."""

    def __init__(self, data: bytes, place: Place) -> None:
        self.content = decode(data, place)
        self._encoding = _UTF16.get(data[:2]) or encoding_of(data)
        self._mark = "\ufeff" if data.startswith("\ufeff".encode(self._encoding)) else ""
        if self.encoded(self.content) != data:
            raise place.fault(
                "它的编码写不回原样，请另存为 UTF-8", "its encoding cannot be written back; save as UTF-8"
            )

    def encoded(self, content: str) -> bytes:
        """The bytes of a text in the file's encoding, with its mark at the beginning if it has one."""
        return (self._mark + content).encode(self._encoding)
