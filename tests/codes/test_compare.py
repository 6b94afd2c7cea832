"""What changed between two versions of a table."""

from datetime import date

import polars as pl
import pytest

from validator.codes.compare import compare

SCHEMA = {"code": pl.String, "name": pl.String, "since": pl.Date, "until": pl.Date, "grey": pl.Boolean}


def table(*rows: tuple[object, ...]) -> pl.DataFrame:
    return pl.DataFrame(rows, SCHEMA, orient="row")


OLD = table(
    ("A", "a", None, None, None), ("B", "b", None, None, True), ("C", "c", None, None, False), ("D", "d", None, None, None)
)  # fmt: skip
NEW = table(
    ("A", "a", date(2026, 1, 1), None, False), ("B", "bb", None, date(2026, 1, 1), True), ("C", "c", None, None, True),
    ("E", "e", None, None, None),
)  # fmt: skip


def test_every_kind_of_change():
    assert compare(OLD, NEW).rows() == [
        ("added", "E", "e", None, None),
        ("removed", "D", "d", None, None),
        ("renamed", "B", "bb", "b", "bb"),
        ("dates", "A", "a", None, "2026-01-01～"),
        ("dates", "B", "bb", None, "～2026-01-01"),
        ("grey", "C", "c", "false", "true"),
    ]


@pytest.mark.parametrize("frame", [OLD, OLD.select("code", "name"), OLD.head(0)])
def test_nothing_differs_from_itself(frame):
    assert compare(frame, frame).is_empty()


def test_maps_and_grey_lists():
    old = pl.DataFrame({"code": ["A", "B"], "target": ["x", "y"], "target_name": ["甲", None]})
    new = pl.DataFrame({"code": ["A", "C"], "target": ["z", "y"], "target_name": ["乙", "丙"]})
    assert compare(old, new).rows() == [
        ("added", "C", "丙", None, None),
        ("removed", "B", None, None, None),
        ("target", "A", "乙", "x 甲", "z 乙"),
    ]
    grey = pl.DataFrame({"code": ["A"], "name": ["a"]})
    assert compare(grey, grey.clear()).rows() == [("removed", "A", "a", None, None)]
