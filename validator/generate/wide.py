"""One wide sheet, a row a case: the rows of other tables in columns of their own, as hospitals export it."""

from collections.abc import Mapping

import polars as pl

from validator.read.partition import Partition
from validator.spec.layouts import Layout
from validator.spec.wide import WideTable

Frames = list[pl.DataFrame]


def frame(layout: Layout, part: Partition) -> pl.DataFrame:
    """The cases of a partition, a row each; the columns go by their headings."""
    main = part.tables[part.case]
    fields = layout.tables[layout.case].fields
    cases = main.select("_case", *(pl.col(name).alias(row.name_zh) for name, row in fields.items()))
    for table, about in layout.wide.items():
        rows = part.tables[table].with_columns(_place=pl.int_range(pl.len()).over("_case"))
        for place in range(_most(rows)):
            titles = _titles(layout, table, about, place)
            own = rows.filter(_place=place).select("_case", *(pl.col(name).alias(to) for name, to in titles.items()))
            cases = cases.join(own, on="_case", how="left", maintain_order="left")
    return cases.drop("_case")


def joined(layout: Layout, frames: Frames) -> pl.DataFrame:
    """The cases of all partitions, with the columns in the order of the interface."""
    cases = pl.concat(frames, how="diagonal")
    titles = [row.name_zh for row in layout.tables[layout.case].fields.values()]
    for table, about in layout.wide.items():
        for place in range(len(cases.columns)):
            more = list(_titles(layout, table, about, place).values())
            if more[0] not in cases.columns:
                break
            titles += more
    return cases.select(titles)


def _most(rows: pl.DataFrame) -> int:
    """The most rows of a case; one where no case has any, so that the table is not missing."""
    return max(1, int(rows["_place"].max() or 0) + 1)  # type: ignore[arg-type]


def _titles(layout: Layout, table: str, about: WideTable, place: int) -> Mapping[str, str]:
    """Field -> its heading for the row in this place, from 0; rows that are named by a code (床位费) are numbered here."""
    first = max((rows.first for rows in about.rows if rows.values == {}), default=1)
    return {name: about.heading(first + place, row.name_zh) for name, row in layout.tables[table].fields.items()}
