"""Lists of rows, a page at a time, in the order in which they came."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import Query
from sqlalchemy import Select
from sqlalchemy.orm import InstrumentedAttribute, Session

After = Annotated[int, Query(ge=0, le=2**53, description="上一页的 next")]
Limit = Annotated[int, Query(ge=1, le=1000, description="一页几条")]


def narrowed(wanted: Select[Any], values: Mapping[InstrumentedAttribute[Any], Any]) -> Select[Any]:
    """A query for the rows with these values; blank ones do not count."""
    for column, value in values.items():
        if value:
            wanted = wanted.where(column == value)
    return wanted


def page(
    session: Session, wanted: Select[Any], number: InstrumentedAttribute[int], after: int, limit: int, names: Sequence[str]
) -> dict[str, Any]:  # fmt: skip
    """The rows behind ``after``: ``items``, and ``next`` to ask for the page behind these, null on the last one."""
    some = wanted.where(number > after).order_by(number).limit(limit + 1)
    found = list(session.execute(some).scalars())
    items = [{name: getattr(each, name) for name in names} for each in found[:limit]]
    return {"items": items, "next": items[-1]["id"] if len(found) > limit else None}
