"""Names for DIP groups that a catalogue lists by codes alone: those of the loaded code tables."""

import re
from collections.abc import Mapping

import polars as pl

from validator.base.language import say
from validator.codes.tables import Book, Store
from validator.grouping.dip_scheme import DipScheme

#: What the national tables write after a code that is cut off: K80.1 is K80.100, I10 is I10.x00.
_ENDINGS = ("", "00", ".x00", "x00", "000")
_CODE = re.compile(r"[A-Z]?[0-9]{2}(?:\.[0-9A-Za-z]+)*")


def named(result: pl.DataFrame, scheme: DipScheme, store: Store, pinned: Mapping[str, str]) -> pl.DataFrame:
    """``result`` (``dip.RESULT``) with a name for the groups that have none, or only codes for one."""
    rows = pl.concat(
        [layer.rows.select("code", "name", "principal", "procedure") for layer in (*scheme.layers, scheme.mixed)]
    )
    there = result["dip"].drop_nulls().unique()
    bare = [
        row
        for row in rows.filter(pl.col("code").is_in(there.implode())).unique("code").iter_rows(named=True)
        if not row["name"] or (row["principal"] and row["name"].startswith(row["principal"]))
    ]
    if not bare:
        return result
    diagnoses, operations = (_book(store, table, pinned) for table in ("icd10", "icd9cm3"))
    names: dict[str, str] = {}
    for row in bare:
        plain = row["name"] or f"{row['principal']} {row['procedure'] or say('保守治疗', 'conservative treatment')}"
        words = _CODE.sub(lambda found: _title(found[0], diagnoses if found[0][0].isalpha() else operations), plain)
        if words != plain:
            names[row["code"]] = words
    found = pl.col("dip").replace_strict(names, default=None, return_dtype=pl.String)
    return result.with_columns(name=pl.coalesce(found, "name"))


def _book(store: Store, table: str, pinned: Mapping[str, str]) -> Book | None:
    version = store.at(table, None, pinned.get(table, ""))
    return store.book(version) if version else None


def _title(code: str, book: Book | None) -> str:
    """The name of a code; the code itself where no table has it."""
    names = (book.name(code + ending) for ending in _ENDINGS) if book else ()
    return next((name for name in names if name), code)
