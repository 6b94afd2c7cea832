"""The cells of a file of tables, whatever it is: its content counts more than its name, for an .xls is often a CSV or a web page."""

from validator.read import delimited, web_page, workbook
from validator.read.encoding import decode
from validator.read.grids import Grid
from validator.read.place import Place


def grids(data: bytes, place: Place) -> list[Grid]:
    """The sheets of a workbook, the tables of a web page, or the one table of a CSV file."""
    if data.startswith(workbook.MAGIC):
        return workbook.grids(data, place)
    text = decode(data, place)
    return web_page.grids(text, place) if web_page.is_page(text) else [delimited.of_text(text, place)]
