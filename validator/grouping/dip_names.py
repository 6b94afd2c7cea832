"""Names by the loaded code tables: of codes, and of DIP groups that a catalogue lists by codes alone."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import polars as pl

from validator.base.language import say
from validator.codes.tables import Book, Store
from validator.grouping.dip_scheme import DipScheme

#: What the national tables write after a code that is cut off: K80.1 is K80.100, I10 is I10.x00.
_ENDINGS = ("", "00", ".x00", "x00", "000")
_CODE = re.compile(r"[A-Z]?[0-9]{2}(?:\.[0-9A-Za-z]+)*")


@dataclass(frozen=True)
class CodeNames:
    """The names of codes and of the groups that are made of them; without tables there are none."""

    diagnoses: Book | None = None
    operations: Book | None = None

    @classmethod
    def loaded(cls, store: Store, pinned: Mapping[str, str]) -> Self:
        """Those of the newest tables of a registry, or of the versions ``pinned``."""
        versions = (store.at(table, None, pinned.get(table, "")) for table in ("icd10", "icd9cm3"))
        return cls(*(store.book(version) if version else None for version in versions))

    def code(self, code: str) -> str:
        """The name of a diagnosis or an operation; blank where no table has it."""
        book = self.diagnoses if code[:1].isalpha() else self.operations
        names = (book.name(code + ending) for ending in _ENDINGS) if book else ()
        return next((name for name in names if name), "")

    def with_code(self, code: str) -> str:
        """A code with its name behind it."""
        return f"{code} {self.code(code)}".rstrip()

    def group(self, row: Mapping[str, Any]) -> str:
        """The name of a group (a row of a layer): the catalogue's own, else made of those of its codes."""
        own: str = row["name"]
        if own and not (row["principal"] and own.startswith(row["principal"])):
            return own
        plain = own or f"{row['principal']} {row['procedure'] or say('保守治疗', 'conservative treatment')}"
        words = _CODE.sub(lambda found: self.code(found[0]) or found[0], plain)
        return words if words != plain else own


def named(result: pl.DataFrame, scheme: DipScheme, names: CodeNames) -> pl.DataFrame:
    """``result`` (``dip.RESULT``) with a name for the groups that have none, or only codes for one."""
    rows = pl.concat(
        [layer.rows.select("code", "name", "principal", "procedure") for layer in (*scheme.layers, scheme.mixed)]
    )
    there = rows.filter(pl.col("code").is_in(result["dip"].drop_nulls().unique().implode())).unique("code")
    made = {row["code"]: names.group(row) for row in there.iter_rows(named=True)}
    made = {code: name for code, name in made.items() if name}
    found = pl.col("dip").replace_strict(made, default=None, return_dtype=pl.String)
    return result.with_columns(name=pl.coalesce(found, "name")) if made else result
