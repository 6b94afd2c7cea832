"""Sheets to partitions: rows of child tables find their case by the key that both tables have."""

from collections.abc import Iterator, Sequence

import polars as pl

from validator.layouts import PLACEHOLDERS, Layout
from validator.read.names import CASE, CASE_KEYS
from validator.read.place import Place
from validator.read.shape import KEY, Sheet, key_text
from validator.tables import Note, Partition, Source


def partitions(layout: Layout, sheets: Sequence[Sheet], notes: list[Note], size: int) -> Iterator[Partition]:
    """The cases of some sheets, at most ``size`` at a time. ``notes`` go with the first partition."""
    cases, children = _cases(sheets, notes), [sheet for sheet in sheets if sheet.table != CASE]
    sources = [sheet.source for sheet in sheets]
    placed: dict[str, list[pl.DataFrame]] = {}
    for sheet in children:
        rows = _placed(sheet, cases, notes).with_columns(_source=pl.lit(sources.index(sheet.source), pl.UInt32))
        placed.setdefault(sheet.table, []).append(rows)
    tables = {name: _numbered(pl.concat(rows, how="diagonal_relaxed")) for name, rows in placed.items()}
    cases = _identified(cases, sources)
    for start in range(0, max(cases.height, 1), size):
        within = pl.col("_case").is_between(start, start + size - 1)
        part = {CASE: cases.slice(start, size), **{name: table.filter(within) for name, table in tables.items()}}
        shift = pl.col("_case") - pl.lit(start, pl.UInt32)
        order = [name for name in layout.tables if name in part]
        yield Partition(layout.name, {name: part[name].with_columns(shift) for name in order}, sources, notes)
        notes = []


def _cases(sheets: Sequence[Sheet], notes: list[Note]) -> pl.DataFrame:
    """All rows of setlinfo with ``_source`` and ``_case``; without such a sheet, the cases that the others speak of."""
    own = [
        sheet.frame.with_columns(_source=pl.lit(number, pl.UInt32))
        for number, sheet in enumerate(sheets)
        if sheet.table == CASE
    ]
    if not own:
        first = sheets[0]
        notes.append(Note("read/missing-setlinfo", CASE, source=first.source))
        key = next(iter(first.keys), None)
        if key is None:
            raise _place(first.source).fault(
                "没有结算清单基本信息，也没有结算ID、就诊ID或病案号可以区分病例",
                "there is no setlinfo, and no setl_id, mdtrt_id or medcasno to tell the cases apart",
            )
        ids = first.frame.select(first.key(key).alias(key)).drop_nulls().unique(maintain_order=True)
        own = [ids.with_columns(_line=pl.lit(None, pl.UInt32), _source=pl.lit(0, pl.UInt32))]
    return pl.concat(own, how="diagonal_relaxed").with_row_index("_case")


def _placed(sheet: Sheet, cases: pl.DataFrame, notes: list[Note]) -> pl.DataFrame:
    """The sheet's rows with their ``_case``; a row without one becomes a note."""
    key = _common_key(sheet, cases)
    if key is None:
        if cases.height > 1:
            raise _place(sheet.source).fault(
                f"没有一列能和 {CASE} 对上（结算ID、就诊ID、病案号等，两张表都要有）",
                f"no column links it to {CASE}: both need setl_id, mdtrt_id, medcasno or the like",
            )
        rows = sheet.frame.with_columns(_case=pl.lit(0, pl.UInt32))
    else:
        column = key if key in cases.columns else KEY + key
        known = cases.select(key_text(column).alias("_id"), "_case").drop_nulls().unique("_id", keep="first")
        rows = sheet.frame.with_columns(sheet.key(key).alias("_id")).join(
            known, on="_id", how="left", maintain_order="left"
        )
    lost = rows.filter(pl.col("_case").is_null())
    notes += [Note("read/orphan-row", sheet.table, source=sheet.source, line=line) for line in lost["_line"]]
    return rows.filter(pl.col("_case").is_not_null()).select(pl.exclude("_id", f"^{KEY}.*$"))


def _common_key(sheet: Sheet, cases: pl.DataFrame) -> str | None:
    for key in sheet.keys:
        column = next((name for name in (key, KEY + key) if name in cases.columns), None)
        if column and cases.height == cases[column].null_count():
            column = None
        if column and (sheet.frame.is_empty() or not sheet.frame.select(sheet.key(key).is_null().all()).item()):
            return key
    return None


def _numbered(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows in the order of their cases, with ``_row`` counted within each."""
    ordered = rows.sort("_case", maintain_order=True)
    return ordered.with_columns(_row=pl.int_range(1, pl.len() + 1, dtype=pl.UInt32).over("_case"))


def _identified(cases: pl.DataFrame, sources: Sequence[Source]) -> pl.DataFrame:
    """Setlinfo with ``_row`` and ``case_id``."""
    columns = [name for key in CASE_KEYS for name in (key, KEY + key) if name in cases.columns]
    files = pl.Series("_file", [source.file for source in sources], dtype=pl.String)
    number = pl.coalesce("_line", pl.col("_case") + 1).cast(pl.String)
    otherwise = pl.concat_str(
        pl.col("_source").replace_strict(dict(enumerate(files)), return_dtype=pl.String), pl.lit("#"), number
    )
    keys = [pl.when(~key_text(name).is_in(PLACEHOLDERS)).then(key_text(name)) for name in columns]
    return cases.with_columns(_row=pl.lit(1, pl.UInt32), case_id=pl.coalesce(*keys, otherwise)).select(
        pl.exclude(f"^{KEY}.*$")
    )


def _place(source: Source) -> Place:
    return Place(source.file, source.sheet)
