"""Which rows below the headings are rows of the table, and which key each has."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from validator.read.headings import spec

Area = tuple[tuple[int, int], tuple[int, int]]  #: (row, column) of the first and the last cell, from 0


def footers(rows: Sequence[Sequence[Any]]) -> set[int]:
    """The indices of rows that end a sheet or a page: their first filled cell says so (``footers`` in ``sheets.yaml``)."""
    words = re.compile("|".join(f"(?:{each})" for each in spec()["footers"]))
    return {index for index, row in enumerate(rows) if (text := _first(row)) and words.fullmatch(text)}


def _first(row: Sequence[Any]) -> str:
    cell = next((cell for cell in row if cell not in ("", None)), None)
    return re.sub(r"\s", "", cell) if isinstance(cell, str) else ""


def filled_down(
    rows: list[list[Any]], areas: Iterable[Area], keys: Collection[int], first: int
) -> tuple[list[list[Any]], list[Area]]:
    """Return the rows with the value of a key's merged cells in each of their rows, and the areas that were filled.

    ``keys``: the columns that name the case; ``first``: the index of the first data row.
    """
    filled, areas_filled = list(rows), list[Area]()
    for area in areas:
        (top, left), (bottom, right) = area
        if left == right and left in keys and first <= top < bottom:
            areas_filled.append(area)
            for index in range(top + 1, min(bottom + 1, len(filled))):
                filled[index] = [*filled[index]]
                filled[index][left] = rows[top][left]
    return filled, areas_filled
