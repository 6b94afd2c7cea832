"""DBF files: the fields as headings, the records as rows of text."""

import struct
from pathlib import Path, PurePath
from typing import Any

from dbfread import DBF, FieldParser

from validator.base import files
from validator.read.grids import Grid
from validator.read.place import Place

_BROKEN = (ValueError, LookupError, OSError, struct.error)
_ENCODING = "gb18030"  #: also of files that say GBK or nothing


class _Texts(FieldParser):  # type: ignore[misc]
    """Every field as the text that it holds: numbers keep their digits, days are written with dashes."""

    def parse(self, field: Any, data: bytes | None) -> str:
        text: str = self.decode_text(data or b"").replace("\0", "").strip()
        if field.type == "D" and len(text) == len("20260706"):
            return f"{text[:4]}-{text[4:6]}-{text[6:]}"
        return text


def grid(data: bytes, place: Place) -> Grid:
    """The records of a DBF file under their fields; deleted records count as blank rows."""
    with files.scratch_folder() as folder:
        copy = Path(folder) / "table.dbf"  # the reader takes files alone
        copy.write_bytes(data)
        try:
            table = DBF(copy, encoding=_ENCODING, parserclass=_Texts, ignore_missing_memofile=True)
            head = table.header
            if head.recordlen != 1 + sum(field.length for field in table.fields):
                raise ValueError  # the reader would lose its place, or go round in circles
            if head.headerlen + head.numrecords * head.recordlen > len(data):
                raise place.fault(
                    "没有写完，后面的记录缺失；请重新导出", "breaks off, its last records are missing; export it again"
                )
            rows = [list(table.field_names), *(list(record.values()) for record in table)]
            deleted = len(table.deleted)
        except UnicodeDecodeError:
            raise place.fault("不是 GBK（GB18030）编码的 DBF", "is no DBF in GBK (GB18030)") from None
        except _BROKEN:
            raise place.fault("不是完好的 DBF 文件", "is no sound DBF file") from None
    return Grid(place, PurePath(place.file).stem, rows, range(len(rows)), blank=deleted)
