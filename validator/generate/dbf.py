"""The statistics report's DBF (WT4): one record a case, in GBK, the rows of other tables in numbered columns."""

import struct
from collections.abc import Iterator, Mapping
from pathlib import Path

import polars as pl

from validator.read.partition import Partition
from validator.spec.layouts import Layout

INTERFACE = "WT4"
_GBK = 0x4D  #: the mark of code page 936
_WIDEST = 254  #: bytes of a cell
WESTERN = r"^[A-Z][0-9]{2}([.][0-9x][0-9x]{2}.*)?$"  #: a code of ICD-10; the others are of Chinese medicine
_DIAGNOSES = pl.col("diag_code").str.contains(WESTERN)
_OPERATIONS = {
    "oprn_oprt_code": "SSJCZBM#", "oprn_oprt_date": "SSJCZRQ#", "oprn_lv_code": "SHJB#", "oprn_oprt_name": "SSJCZMC#",
    "oper_name": "SZ#", "asit_1_name": "YZ#", "asit_name2": "EZ#", "sinc_heal_lv_code": "QKYLB#", "anst_mtd_code": "MZFS#",
    "anst_dr_name": "MZYS#",
}  # fmt: skip
#: Table, which of its rows, how many of them have columns, and field -> column with # for their number.
_ROWS: tuple[tuple[str, pl.Expr, int, Mapping[str, str]], ...] = (
    ("diseinfo", _DIAGNOSES & (pl.col("maindiag_flag") == "1"), 1,
     {"diag_name": "ZYZD", "diag_code": "ZYZD_JBBM", "adm_cond_code": "XY_RYBQ"}),
    ("diseinfo", _DIAGNOSES & (pl.col("maindiag_flag") != "1"), 7,
     {"diag_name": "QTZD#", "diag_code": "ZYZD_JBBM#", "adm_cond_code": "RYBQ#"}),
    ("diseinfo", ~_DIAGNOSES, 7, {"diag_name": "ZZ#", "diag_code": "ZZ_JBBM#", "adm_cond_code": "ZZ_RYBQ#"}),
    ("oprninfo", pl.lit(value=True), 6, _OPERATIONS),
)  # fmt: skip


def frame(layout: Layout, part: Partition) -> pl.DataFrame:
    """The cases of a partition, a row each, under the columns of the DBF."""
    main, fields = part.tables[part.case], layout.tables[layout.case].fields
    cases = main.select("_case", *(each for name, row in fields.items() for each in _columns(name, row.alias)))
    for table, which, count, columns in _ROWS:
        rows = part.tables[table].filter(which).with_columns(_place=pl.int_range(1, pl.len() + 1).over("_case"))
        for place in range(1, count + 1):
            named = (pl.col(name).alias(to.replace("#", str(place))) for name, to in columns.items())
            own = rows.filter(_place=place).select("_case", *named)
            cases = cases.join(own, on="_case", how="left", maintain_order="left")
    return cases.drop("_case")


def _columns(name: str, alias: tuple[str, ...]) -> Iterator[pl.Expr]:
    """A field in the column or columns that it is called by; times of several columns are written with slashes."""
    names = (alias[0] if alias else name).split("+")
    if len(names) == 1:
        yield pl.col(name).alias(names[0])
    else:
        yield from (pl.col(name).str.split("/").list.get(at, null_on_oob=True).alias(to) for at, to in enumerate(names))


def write(cases: pl.DataFrame, to: Path) -> None:
    """Write a table of texts as dBASE III. dbfread, which reads them, writes none, and the format is settled."""
    columns = [[_cell(text or "") for text in column] for column in cases.iter_columns()]
    widths = [max(1, *map(len, column)) if column else 1 for column in columns]
    head = struct.pack("<BBBBIHH17xB2x", 3, 126, 7, 20, cases.height, 33 + 32 * len(columns), 1 + sum(widths), _GBK)
    fields = [
        struct.pack("<11sc4xBB14x", name.encode(), b"C", width, 0)
        for name, width in zip(cases.columns, widths, strict=True)
    ]
    with to.open("wb") as file:
        file.write(head + b"".join(fields) + b"\r")
        for row in zip(*columns, strict=True):
            file.write(b" " + b"".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)))
        file.write(b"\x1a")


def _cell(text: str) -> bytes:
    """A text as the file holds it; characters that GBK lacks are in its successor."""
    content = text.encode("gb18030", "replace")[:_WIDEST]
    return content.decode("gb18030", "ignore").encode("gb18030")
