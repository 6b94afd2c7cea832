"""The safe fixes of a run, unmasked and with their exact places, kept until the copies are written."""

import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import polars as pl

from validator.base import files
from validator.read.partition import KEY, Partition, Source
from validator.spec.layouts import Layout

#: More fixes than this wait on disk.
_IN_MEMORY = 1_000_000
#: What tells one cell of the data from another.
_CELL = ["_source", "_line", "_case", "row", "table", "field"]


class Edit(NamedTuple):
    """One value to write in place of another."""

    source: Source
    layout: str
    table: str
    field: str  #: with ``KEY`` before its name where it is not the table's own
    row: int  #: 1-based place within the case
    line: int | None  #: null in a .json file, where ``nth`` counts the cases
    nth: int  #: 0-based place of the case among those of its file and interface
    case_id: str
    check: str
    before: str
    after: str
    personal: str  #: how to mask both texts, blank where they need not be
    clash: bool  #: two checks would write different values

    @property
    def is_key(self) -> bool:
        """Whether this only repeats the key of a case, which was fixed."""
        return self.field.startswith(KEY)


_COLUMNS = Edit._fields[2:]


@dataclass
class _Part:
    """The fixes of one partition and the files they are in."""

    layout: str
    files: frozenset[str]
    rows: pl.DataFrame | Path


class Fixes:
    """Collects the safe fixes of each partition; gives them back file by file."""

    def __init__(self) -> None:
        self.judged = 0  #: fixes that a person must judge
        self._sources: list[Source] = []
        self._parts: list[_Part] = []
        self._cases = Counter[tuple[str, str]]()  #: cases so far of an interface in a file
        self._held = 0
        self._spool: tempfile.TemporaryDirectory[str] | None = None
        self._load = lru_cache(maxsize=1)(self._by_file)

    def add(self, part: Partition, found: pl.DataFrame, layout: Layout) -> None:
        """Take the fixes among one partition's findings (``evidence.findings`` with plain texts)."""
        self.judged += int((found["applicability"] == "judge").sum())
        cases = part.tables[part.case]
        nth = self._count(part, cases)
        rows = [(row.table, row.field, row.personal) for each in layout.tables.values() for row in each.fields.values()]
        personal = pl.DataFrame(rows, dict.fromkeys(("table", "field", "personal"), pl.String), orient="row")
        safe = found.filter(pl.col("applicability") == "safe").join(
            personal, on=["table", "field"], maintain_order="left"
        )
        if not safe.height:
            return
        fixes = _settled(
            safe.select(
                "_case", "row", "_source", "_line", "check", "table", "field", "personal",
                value="_value", suggested="_suggested",
            )
        )  # fmt: skip
        fixes = pl.concat([fixes, *_of_keys(fixes, part, layout.interface.keys)]).sort("_case", maintain_order=True)
        files = frozenset(part.sources[number].file for number in fixes["_source"].unique())
        fixes = fixes.select(
            pl.col("_source") + len(self._sources), "table", "field", "row", "check", "personal", "clash",
            line="_line", before="value", after="suggested", nth=nth[fixes["_case"]],
            case_id=cases["case_id"][fixes["_case"]],
        )  # fmt: skip
        self._sources += part.sources
        self._keep(_Part(part.layout, files, fixes.select("_source", *_COLUMNS)))

    def _count(self, part: Partition, cases: pl.DataFrame) -> pl.Series:
        """The place of each case among those of its file and interface."""
        files = pl.Series([source.file for source in part.sources], dtype=pl.String)
        file = pl.DataFrame({"file": files[cases["_source"]]})
        before = {name: self._cases[part.layout, name] for name in file["file"].unique()}
        for name, count in file["file"].value_counts().iter_rows():
            self._cases[part.layout, name] += count
        if file.is_empty():
            return pl.Series(dtype=pl.Int64)
        first = pl.col("file").replace_strict(before, return_dtype=pl.Int64)
        return file.select(first + pl.int_range(pl.len()).over("file")).to_series()

    def _keep(self, part: _Part) -> None:
        assert isinstance(part.rows, pl.DataFrame)
        self._held += part.rows.height
        if self._held > _IN_MEMORY:
            self._spool = self._spool or files.scratch_directory()
            path = Path(self._spool.name) / f"{len(self._parts)}.parquet"
            with files.naming(path):
                part.rows.write_parquet(path)
            part.rows = path
        self._parts.append(part)

    def close(self) -> None:
        """Forget all fixes; none of them stays on disk."""
        self._parts.clear()
        self._load.cache_clear()
        if self._spool:
            self._spool.cleanup()

    def _by_file(self, number: int) -> dict[str, pl.DataFrame]:
        """The fixes of one partition, by file."""
        rows = self._parts[number].rows
        frame = rows if isinstance(rows, pl.DataFrame) else pl.read_parquet(rows, glob=False)
        files = {place: self._sources[place].file for place in frame["_source"].unique()}
        file = pl.col("_source").replace_strict(files, return_dtype=pl.String)
        return {str(name): each for (name,), each in frame.group_by(file.alias("file"), maintain_order=True)}

    def layouts(self, file: str) -> list[str]:
        """The interfaces of the fixed cases in a file."""
        return list(dict.fromkeys(part.layout for part in self._parts if file in part.files))

    def of(self, file: str, layout: str) -> Iterator[Edit]:
        """The fixes in a file's cases of one interface, case by case in the order of the file."""
        for number, part in enumerate(self._parts):
            if file in part.files and part.layout == layout:
                for source, *rest in self._load(number)[file].iter_rows():
                    yield Edit(self._sources[source], layout, *rest)


def _settled(found: pl.DataFrame) -> pl.DataFrame:
    """One fix per cell: what a check says beyond the form counts, for it is about the standard form already."""
    is_form = pl.col("check").str.ends_with("/format")
    found = found.with_columns(clash=pl.col("suggested").filter(~is_form).n_unique().over(_CELL) > 1)
    return found.sort(is_form, maintain_order=True).unique(_CELL, keep="first", maintain_order=True)


def _of_keys(fixes: pl.DataFrame, part: Partition, names: Sequence[str]) -> Iterator[pl.DataFrame]:
    """The same fixes for the keys of child rows: without them, these would lose their case."""
    other = pl.col("value").str.strip_chars() != pl.col("suggested")  # blanks around a key part nobody
    keys = (
        fixes.filter(other, table=part.case)
        .filter(pl.col("field").is_in(names))
        .drop("row", "_source", "_line", "table")
    )
    for field in keys["field"].unique():
        sources = [number for number, source in enumerate(part.sources) if KEY + field in source.places]
        for table, frame in part.tables.items():
            rows = frame.select("_case", "_source", "_line", row="_row").filter(pl.col("_source").is_in(sources))
            if table != part.case and rows.height:
                found = rows.join(keys.filter(field=field), on="_case", maintain_order="left")
                yield found.with_columns(table=pl.lit(table), field=pl.lit(KEY + field)).select(fixes.columns)
