"""New workbooks saved by openpyxl, the same bytes for the same content."""

from pathlib import Path
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl import Workbook
from openpyxl.writer.excel import ExcelWriter

from validator.base import clock


class _Undated(ZipFile):
    """A zip whose members all have one date."""

    def writestr(self, zinfo_or_arcname: str | ZipInfo, data: Any, *args: Any, **options: Any) -> None:
        name = zinfo_or_arcname if isinstance(zinfo_or_arcname, str) else zinfo_or_arcname.filename
        entry = ZipInfo(name, clock.ZIP_DATE)
        entry.compress_type = ZIP_DEFLATED
        super().writestr(entry, data, *args, **options)

    def write(self, filename: Any, arcname: Any = None, *_: Any) -> None:
        entry = ZipInfo(str(arcname or filename), clock.ZIP_DATE)
        entry.compress_type = ZIP_DEFLATED
        with Path(filename).open("rb") as content, self.open(entry, "w", force_zip64=True) as member:
            while part := content.read(1 << 20):
                member.write(part)


def save(book: Workbook, path: Path | IO[bytes]) -> None:
    """Save a workbook; its dates are those of the run."""
    moment = clock.now().replace(tzinfo=None, microsecond=0)
    book.properties.created = book.properties.modified = moment
    with _Undated(path, "w", ZIP_DEFLATED, allowZip64=True) as archive:
        ExcelWriter(book, archive).save()
