"""How many cells of each list are filled that must be, that grouping reads, and that hold codes of a standard."""

from collections.abc import Collection
from functools import cached_property

import polars as pl

from validator.base import files, yaml_csv
from validator.base.certainty import NULL_WORDS
from validator.read.partition import Partition
from validator.spec.catalogue import Catalogue

LINES = "feedetail"  #: the table of charge lines
CODED = "codes:"  #: prefix of the columns of code cells by table of codes
_COLUMNS = {"table", "field", "name_zh", "name_en"}


class Counter:
    """Counts filled cells for each list."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue

    @cached_property
    def grouping(self) -> frozenset[tuple[str, str]]:
        """Table and field of what influences grouping (``schemas/scoring/grouping_items.csv``)."""
        rows = yaml_csv.read_csv(files.data("schemas") / "scoring" / "grouping_items.csv", _COLUMNS)
        return frozenset((cells["table"], cells["field"]) for _, cells in rows)

    def coded(self, layout: str, table: str) -> dict[str, list[str]]:
        """Table of codes -> the fields of a layout's table that hold such codes; charge lines are counted by ``lines``."""
        found = dict[str, list[str]]()
        if table == LINES:
            return found
        for row in self.catalogue.layouts[layout].tables[table].fields.values():
            pattern = self.catalogue.patterns.get(row.pattern) if row.pattern else None
            for form in pattern.forms[:1] if pattern else ():
                if form.table:
                    found.setdefault(form.table, []).append(row.field)
        return found

    @cached_property
    def standards(self) -> dict[tuple[str, str], str]:
        """Table and field of a list -> the table of codes that its codes should stand in."""
        lists = {name: each for name, each in self.catalogue.layouts.items() if each.interface.document == "list"}
        return {
            (table, field): code_table
            for name, layout in lists.items()
            for table in layout.tables
            for code_table, fields in self.coded(name, table).items()
            for field in fields
        }

    def of(self, part: Partition) -> pl.DataFrame:
        """For each list ``must_filled``, ``grouping_filled`` and, by table of codes, ``codes:…``: cells that are filled."""
        layout, height = self.catalogue.layouts[part.layout], part.tables[part.case].height
        sums = dict[str, pl.Series]()
        for name, table in layout.tables.items():
            frame = part.tables.get(name)
            if frame is None or name == LINES:
                continue
            must = [row.field for row in table.fields.values() if row.required or row.required_when]
            wanted = {
                "must_filled": must,
                "grouping_filled": [field for at, field in self.grouping if at == name],
                **{f"{CODED}{code_table}": names for code_table, names in self.coded(part.layout, name).items()},
            }
            for column, fields in wanted.items():
                zero = pl.repeat(0, height, dtype=pl.Int64, eager=True)
                sums[column] = sums.get(column, zero) + _filled(frame, fields, height)
        return pl.DataFrame(sums)


def _filled(frame: pl.DataFrame, fields: Collection[str], height: int) -> pl.Series:
    """Filled cells of some fields, by list."""
    there = [name for name in fields if name in frame.columns]
    if not there:
        return pl.repeat(0, height, dtype=pl.Int64, eager=True)
    blank = pl.col(there).cast(pl.String).fill_null("").str.strip_chars().is_in(["", *NULL_WORDS])
    rows = frame.select("_case", n=pl.sum_horizontal((~blank).cast(pl.Int64)))
    found = rows.group_by("_case").agg(pl.col("n").sum())
    return pl.repeat(0, height, dtype=pl.Int64, eager=True).scatter(found["_case"], found["n"])
