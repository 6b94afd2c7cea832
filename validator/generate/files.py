"""Writing generated cases: Parquet parts, a CSV set, a workbook, a wide sheet, a DBF, or messages of the interface."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import polars as pl

from validator.base.errors import InputError
from validator.base.files import replacing, whole_folder
from validator.checks import catalogue
from validator.generate import dbf, wide
from validator.generate.plant import TRUTH
from validator.read.partition import Partition
from validator.spec.layouts import Layout

Parts = Iterable[tuple[Partition, pl.DataFrame]]
SINGLE_FILES = 10_000  #: up to so many messages are files of their own
_SHEET_ROWS = 1_048_576
_WORKBOOK, _WIDE_CSV, _DBF = "lists.xlsx", "lists.csv", "lists.dbf"
_ENVELOPE = {
    "mdtrtarea_admvs": "110105", "insuplc_admdvs": "110105", "recer_sys_code": "HIS", "infver": "V1.0",
    "opter_type": "1", "opter": "001", "opter_name": "填报员甲",
}  # fmt: skip


def write(parts: Parts, to: Path, fmt: str, cases: int, encoding: str) -> Iterator[int]:
    """Write the parts below ``to``; gives the number of cases written so far after each."""
    done, truths = 0, [pl.DataFrame(schema=TRUTH)]
    with whole_folder(to), ExitStack() as stack:
        put = _WRITERS[fmt](to, stack, cases, encoding)
        for number, (part, truth) in enumerate(parts):
            put(number, part)
            truths.append(truth)
            done += part.tables[part.case].height
            yield done
        truth = pl.concat(truths)
        if truth.height and fmt == "parquet":
            truth.write_parquet(to / "_truth.parquet")
        elif truth.height:
            truth.write_csv(to / "_truth.csv", include_bom=True)


Put = Callable[[int, Partition], None]
Writer = Callable[[Path, ExitStack, int, str], Put]


def _parquet(to: Path, stack: ExitStack, cases: int, encoding: str) -> Put:
    del stack, cases, encoding

    def put(number: int, part: Partition) -> None:
        for table, frame in _keyed(part).items():
            folder = to / table
            folder.mkdir(exist_ok=True)
            frame.write_parquet(folder / f"part-{number:05}.parquet")

    return put


def _csv(to: Path, stack: ExitStack, cases: int, encoding: str) -> Put:
    """One file per table."""
    del cases
    files: dict[str, Any] = {}

    def put(number: int, part: Partition) -> None:
        for table, frame in _keyed(part).items():
            if table not in files:
                path = to / f"{table}.csv"
                files[table] = stack.enter_context(path.open("w", encoding=encoding, newline=""))
            files[table].write(frame.write_csv(include_header=number == 0, line_terminator="\r\n"))

    return put


def _messages(to: Path, stack: ExitStack, cases: int, encoding: str) -> Put:
    """A file each, or JSON Lines when there are many."""
    del stack, encoding

    def put(number: int, part: Partition) -> None:
        if parts := catalogue.load().layouts[part.layout].parts:
            rows = {name: part.tables[name] for name in part.tables if name in _rows_alone(part.layout)}
            own = {name: frame for name, frame in part.tables.items() if name not in rows}
            put(number, Partition(parts[0], part.case, own, part.sources))
            _put(number, row_messages(part, parts[1], rows), part, parts[1])
            return
        if made_of := catalogue.load().layouts[part.layout].interface.made_of:
            _put(number, row_messages(part, part.layout, {made_of: part.tables[made_of]}), part, part.layout)
            return
        _put(number, messages(part), part, part.layout)

    def _put(number: int, texts: pl.Series, part: Partition, interface: str) -> None:
        if cases > SINGLE_FILES:
            lines = "\n".join(texts) + "\n"
            (to / f"{'part' if interface == part.layout else interface}-{number:05}.jsonl").write_text(
                lines, encoding="utf-8", newline="\n"
            )
            return
        for name, text in zip(part.tables[part.case]["_case"] + 1, texts, strict=True):
            (to / f"{interface}-{name:05}.json").write_text(text, encoding="utf-8", newline="\n")

    return put


def _rows_alone(interface: str) -> set[str]:
    """The tables of a joint interface that are messages of their own."""
    known = catalogue.load().layouts
    whole, rows = known.parts(interface)
    return rows.tables.keys() - whole.tables.keys()


def row_messages(part: Partition, interface: str, tables: dict[str, pl.DataFrame]) -> pl.Series:
    """The rows that make cases, or that a joint interface adds, as messages (JSON) of their own interface, one for each case."""
    main = part.tables[part.case]
    nodes = main.select("_case")
    for table, frame in tables.items():
        lists = pl.DataFrame({"_case": frame["_case"], table: _rows(frame).to_struct()})
        lists = lists.group_by("_case", maintain_order=True).agg(table)
        nodes = nodes.join(lists, on="_case", how="left", maintain_order="left")
        nodes = nodes.with_columns(pl.col(table).fill_null(pl.lit([], nodes.schema[table])))
    envelope = [
        pl.lit(interface).alias("infno"),
        *(pl.lit(value).alias(key) for key, value in _ENVELOPE.items()),
        pl.struct(pl.exclude("_case")).alias("input"),
    ]
    return nodes.select(text=pl.struct(envelope).struct.json_encode())["text"]


def messages(part: Partition) -> pl.Series:
    """The cases of a partition as messages (JSON), one text each."""
    main = part.tables[part.case]
    nodes = pl.DataFrame({"_case": main["_case"], part.case: _rows(main).to_struct()})
    for table, frame in part.tables.items():
        if table != part.case:
            rows = pl.DataFrame({"_case": frame["_case"], table: _rows(frame).to_struct()})
            lists = rows.group_by("_case", maintain_order=True).agg(table)
            nodes = nodes.join(lists, on="_case", how="left", maintain_order="left")
            nodes = nodes.with_columns(pl.col(table).fill_null(pl.lit([], nodes.schema[table])))
    about = {"inf_time": "dcla_time", "fixmedins_code": "fixmedins_code", "fixmedins_name": "fixmedins_name"}
    envelope = [
        pl.lit(part.layout).alias("infno"),
        ("H11010500001" + pl.lit(main["mdtrt_id"])).alias("msgid"),
        *(pl.lit(value).alias(key) for key, value in _ENVELOPE.items()),
        *((pl.lit(main[name]) if name in main.columns else pl.lit("")).alias(key) for key, name in about.items()),
        pl.struct(pl.exclude("_case")).alias("input"),
    ]
    return nodes.select(text=pl.struct(envelope).struct.json_encode())["text"]


def _rows(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.select(pl.exclude("case_id", "^_.*$"))


def _keyed(part: Partition) -> dict[str, pl.DataFrame]:
    """The official fields of each table; rows of child tables also carry the key of their case. Of cases that are made of
    rows, the rows alone.
    """
    about = catalogue.load().layouts[part.layout].interface
    if about.made_of:
        return {about.made_of: _rows(part.tables[about.made_of])}
    main, key = part.tables[part.case], about.keys[0]
    keys = main.select(pl.coalesce(pl.when(~pl.col(key).is_in(["-", "无", "/", "—"])).then(key), "case_id").alias(key))
    return {
        table: _rows(frame) if table == part.case else keys[frame["_case"]].hstack(_rows(frame).drop(key, strict=False))
        for table, frame in part.tables.items()
    }


def _workbook(to: Path, stack: ExitStack, cases: int, encoding: str) -> Put:
    """One workbook with a sheet per table, looking as a hospital's own does."""
    from openpyxl import Workbook

    del encoding
    book = Workbook(write_only=True)
    sheets: dict[str, Any] = {}
    stack.callback(_save, book, to / _WORKBOOK)

    def put(number: int, part: Partition) -> None:
        for table, frame in _keyed(part).items():
            if table not in sheets:
                layout = catalogue.load().layouts[part.layout]
                own, case = layout.tables[table].fields, layout.tables[layout.case].fields
                heads = [(own.get(name) or case[name]).name_zh for name in frame.columns]
                sheets[table] = _sheet(book, layout.interface.titles.get(table, table), heads)
            _fits((number + 1) * frame.height, cases)
            for row in frame.iter_rows():
                sheets[table].append(row)

    return put


def _fits(rows: int, cases: int) -> None:
    """Fail where a sheet cannot hold so many rows and its heading."""
    if rows >= _SHEET_ROWS:
        raise InputError(
            f"{cases} 例超过一张工作表能容纳的行数，请改用 parquet 或 csv",
            f"{cases} cases do not fit into a sheet; use parquet or csv",
        )


def _wide(write_cases: Callable[[Layout, pl.DataFrame, Path, str], None]) -> Writer:
    """One sheet with a row a case, written when its columns are known: those of the case with the most rows."""

    def writer(to: Path, stack: ExitStack, cases: int, encoding: str) -> Put:
        frames: list[pl.DataFrame] = []
        layouts: list[Layout] = []
        _fits(cases, cases)
        stack.callback(lambda: write_cases(layouts[0], wide.joined(layouts[0], frames), to, encoding))

        def put(number: int, part: Partition) -> None:
            del number
            layouts.append(catalogue.load().layouts[part.layout])
            frames.append(wide.frame(layouts[0], part))

        return put

    return writer


def _dbf(to: Path, stack: ExitStack, cases: int, encoding: str) -> Put:
    """One DBF file, written when the widths of its columns are known."""
    del cases, encoding
    frames: list[pl.DataFrame] = []
    stack.callback(lambda: dbf.write(pl.concat(frames), to / _DBF))

    def put(number: int, part: Partition) -> None:
        del number
        frames.append(dbf.frame(catalogue.load().layouts[part.layout], part))

    return put


def _wide_csv(layout: Layout, cases: pl.DataFrame, to: Path, encoding: str) -> None:
    del layout
    (to / _WIDE_CSV).write_text(cases.write_csv(line_terminator="\r\n"), encoding=encoding, newline="")


def _wide_workbook(layout: Layout, cases: pl.DataFrame, to: Path, encoding: str) -> None:
    from openpyxl import Workbook

    del encoding
    book = Workbook(write_only=True)
    sheet = _sheet(book, layout.interface.titles[layout.case], cases.columns)
    for row in cases.iter_rows():
        sheet.append(row)
    _save(book, to / _WORKBOOK)


def _save(book: Any, path: Path) -> None:
    from validator.workbook import saving

    with replacing(path) as scratch:
        saving.save(book, scratch)


def _sheet(book: Any, title: str, heads: list[str]) -> Any:
    """A sheet with these headings, filled and frozen."""
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    sheet = book.create_sheet(title)
    sheet.freeze_panes = "B2"
    cells = []
    for number, head in enumerate(heads, 1):
        cell = WriteOnlyCell(sheet, value=head)
        cell.fill, cell.font = PatternFill("solid", fgColor="FFD9E6F2"), Font(bold=True)
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        cells.append(cell)
        sheet.column_dimensions[get_column_letter(number)].width = min(max(2 * len(head) + 2, 10), 36)
    sheet.append(cells)
    return sheet


_WRITERS: dict[str, Writer] = {
    "parquet": _parquet, "csv": _csv, "xlsx": _workbook, "4101": _messages,
    "wide": _wide(_wide_workbook), "wide-csv": _wide(_wide_csv), "dbf": _dbf,
}  # fmt: skip
