"""The list's day: it picks the edition of a rule, a field, a code of a value set and a code table."""

from __future__ import annotations

from collections.abc import Sequence

from validator.base.lazy import pl

#: The column that holds it: of the case's table always, of the others where some field or code is in force for a time only.
LIST_DATE = "list_date"


def add(work: dict[str, pl.DataFrame], case: str, fields: Sequence[str], *, everywhere: bool) -> None:
    """Put the day on the typed tables: the first of the case's ``fields`` that holds a date that can be read."""
    dates = [pl.col(name).cast(pl.Date) for name in fields]
    work[case] = work[case].with_columns(pl.coalesce(dates).alias(LIST_DATE))
    for table, frame in work.items() if everywhere else ():
        if table != case:
            work[table] = frame.with_columns(work[case][LIST_DATE][frame["_case"]])
