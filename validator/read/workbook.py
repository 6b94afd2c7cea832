"""Workbooks, through calamine: every sheet as a grid of cells with its row numbers."""

from io import BytesIO
from typing import Any

import python_calamine as calamine

from validator.read.cells import letters
from validator.read.grids import Grid, SheetRemark
from validator.read.place import Place, is_panic
from validator.read.survey import Remarks, Survey, damaged, survey

_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
MAGIC = (b"PK", b"\xd0\xcf\x11\xe0")  #: how .xlsx, .xlsb and .ods, and .xls begin


def grids(data: bytes, place: Place) -> list[Grid]:
    """The sheets of a workbook."""
    if _ENCRYPTED in data[: 1 << 20] or _ENCRYPTED in data[-(1 << 20) :]:
        raise _locked(place)
    known = survey(data, place) if data.startswith(b"PK") else Survey()
    try:
        book = calamine.CalamineWorkbook.from_filelike(BytesIO(data))
        names = [each.name for each in book.sheets_metadata if each.typ == calamine.SheetTypeEnum.WorkSheet]
        if not names:
            raise ValueError  # noqa: TRY301 - a workbook has a sheet
        return [_grid(book, name, place, known.remarks.get(name, {})) for name in names if name not in known.ours]
    except calamine.PasswordError:
        raise _locked(place) from None
    except BaseException as error:
        if isinstance(error, Exception) or is_panic(error):
            raise damaged(place) from None
        raise


def _grid(book: Any, name: str, place: Place, remarks: Remarks) -> Grid:
    sheet = book.get_sheet_by_name(name)
    rows = sheet.to_python(skip_empty_area=False)
    found = dict(remarks)
    merged = sheet.merged_cell_ranges or ()
    for (top, left), (bottom, right) in merged:
        area = f"{letters(left)}{top + 1}:{letters(right)}{bottom + 1}"
        found[top + 1, left] = SheetRemark("read/merged-cells", {"area": area})
    return Grid(
        place._replace(sheet=name), name, rows, range(1, len(rows) + 1), letters=True, remarks=found, merged=merged
    )


def _locked(place: Place) -> Exception:
    return place.fault("工作簿有密码，请先去掉密码", "the workbook has a password; please remove it first")
