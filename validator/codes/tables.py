"""The registry of national code tables that users load: one Parquet file per table and version, all in one folder.

``<home>/<table>/<version>.parquet`` holds the codes, sorted, and says in its own metadata where they came from and
from when to when they hold; so a version is there whole or not at all, and removing one is deleting one file.
"""

from __future__ import annotations

import dataclasses
import json
import os
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Any

from validator.base import files
from validator.base.errors import InputError
from validator.base.lazy import pl

#: The columns whose meaning zhikong knows: of code lists, then of maps.
STANDARD = ("code", "name", "since", "until", "grey", "target", "target_name")
_KEY = "zhikong"  #: of the file's own metadata
_FEW = 8_000  #: up to so many codes, looking each up costs less than preparing a join
_OPEN = 32  #: books kept in memory


def home() -> Path:
    """The folder of the tables: ``ZHIKONG_CODEBOOKS``, else the user's data folder."""
    if named := os.environ.get("ZHIKONG_CODEBOOKS"):
        return Path(named)
    return _of_user(os.environ.get("HOME"), os.environ.get("XDG_DATA_HOME"))


@cache
def _of_user(_home: str | None, _data: str | None) -> Path:
    """The folder of the tables as the environment has it now: single lists ask for it one by one."""
    import platformdirs

    return Path(platformdirs.user_data_dir("zhikong", appauthor=False)) / "codebooks"


@dataclass(frozen=True)
class Version:
    """One version of one table, and where it came from."""

    table: str
    version: str
    since: date | None  #: the first day on which it holds; None = since ever
    until: date | None  #: the last one; None = until further notice
    rows: int
    sha256: str  #: of the file that was added
    file: str  #: its name
    added: str  #: when, as 2026-01-31T08:00:00
    path: Path

    @property
    def order(self) -> tuple[date, list[tuple[int, str]], str]:
        """The sort key by age: the first day, then the number, then when the version was added."""
        number = [(int(digits or 0), other) for digits, other in re.findall(r"([0-9]+)|([^0-9]+)", self.version)]
        return self.since or date.min, number, self.added

    def holds(self, day: date) -> bool:
        """Whether it is in force on ``day``."""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


def _folded(column: str) -> pl.Expr:
    """Codes without what people write in several ways: width, blanks, letter case."""
    return pl.col(column).str.normalize("NFKC").str.replace_all(r"[\s\u200b\ufeff]", "").str.to_lowercase()


class Book:
    """The codes of one version in memory."""

    def __init__(self, version: Version) -> None:
        self.version = version
        #: sorted by ``code``, each code once: ``code, name, since, until, grey`` (a map: ``code, target, target_name``;
        #: a grey list: ``code, name``); what else was published stays in the file until asked for
        self.frame = self._read([name for name in self.columns if name in STANDARD])

    @cached_property
    def columns(self) -> list[str]:
        """Every column of the file: the standard ones, then those published next to them, under their own headings."""
        return list(pl.scan_parquet(self.version.path, glob=False).collect_schema())

    def further_columns(self, columns: list[str]) -> pl.DataFrame:
        """Further columns as published, row by row as in ``frame``."""
        return self._read(columns)

    def _read(self, columns: list[str]) -> pl.DataFrame:
        frame = pl.read_parquet(self.version.path, columns=columns, memory_map=False, glob=False)
        return frame.rechunk()  # in one piece, taking rows is ten times as fast

    @property
    def codes(self) -> pl.Series:
        """All codes, sorted."""
        return self.frame["code"]

    def find(self, codes: pl.Series) -> pl.Series:
        """The row of each of some codes (texts as the table writes them); null where there is none."""
        if codes.len() <= _FEW:
            rows = self.codes.search_sorted(codes).clip(0, max(self.frame.height - 1, 0)).cast(pl.UInt32)
        else:
            rows = codes.hash().to_frame("hash").join(self._rows, on="hash", how="left", maintain_order="left")["row"]
        return rows.zip_with((self.codes.gather(rows) == codes).fill_null(False), rows.clear(codes.len()))

    def name(self, code: str) -> str | None:
        """The name of one code; None if it is not there."""
        row = self.find(pl.Series([code], dtype=pl.String))[0]
        return None if row is None else self.frame.item(row, "name")

    def search(self, words: Sequence[str]) -> pl.DataFrame:
        """The rows whose code begins with, or whose name contains, each of some words, the closest first.

        Columns ``row``; ``near``: 0 the very code or name, 1 codes that begin so, 2 names that do, 3 others; and ``length``
        of the name, by which those of one kind are ordered (0 where the code orders them).
        """
        wanted = [unicodedata.normalize("NFKC", word).lower() for word in words]
        code, name, whole = pl.col("code"), pl.col("name"), " ".join(wanted)
        found = self._words.filter(
            code.str.starts_with(each) | name.str.contains(each, literal=True) for each in wanted
        )
        exact, begins = (code == whole) | (name == whole), code.str.starts_with(whole)
        near = pl.when(exact).then(0).when(begins).then(1).when(name.str.starts_with(whole)).then(2).otherwise(3)
        length = pl.when(near == 1).then(0).otherwise(name.str.len_chars())
        return found.select("row", near=near, length=length).sort("near", "length", "row")

    @cached_property
    def _words(self) -> pl.DataFrame:
        """Codes and names in lower case, as searches compare them."""
        named = "name" if "name" in self.frame.columns else "target_name"
        lower = self.frame.select(
            code=pl.col("code").str.to_lowercase(), name=pl.col(named).str.to_lowercase().fill_null("")
        )
        return lower.with_row_index("row")

    @cached_property
    def _rows(self) -> pl.DataFrame:
        """Row numbers by the code's hash: joining numbers takes half the time of joining texts."""
        return self.frame.select(hash=pl.col("code").hash(), row=pl.int_range(pl.len(), dtype=pl.UInt32))


class Store:
    """All tables in one folder; a folder that does not exist holds none."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or home()

    def versions(self, table: str | None = None) -> list[Version]:
        """What is there, table by table, the newest version first. The codes themselves are not read."""
        files = self._files(table)
        found = sorted((_version(path, *_changed(path)) for path in files), key=lambda each: each.order, reverse=True)
        return sorted(found, key=lambda each: each.table)

    def at(self, table: str, day: date | None, pinned: str = "") -> Version | None:
        """The version ``pinned`` if it is there, else the newest in force on ``day`` (None: the newest of all)."""
        known = self.versions(table)
        named = (each for each in known if each.version == pinned)
        return next(named, None) or next((each for each in known if day is None or each.holds(day)), None)

    def book(self, version: Version) -> Book:
        """The codes of a version, read once."""
        return _book(version)

    def grey(self, version: Version, day: date | None) -> pl.Series | None:
        """Whether each row of a version's book is grey: as the table itself says, else as the grey list does that
        has the same version or else holds on ``day``; None where neither tells.
        """
        stored = self.book(version).frame["grey"]
        if not stored.null_count():
            return stored
        further_columns = self.at(f"{version.table}_grey", day, pinned=version.version)
        listed = self.book(version).codes.is_in(self.book(further_columns).codes.implode()) if further_columns else None
        if listed is None:
            return None if stored.null_count() == stored.len() else stored
        return stored.zip_with(stored.is_not_null(), listed)

    def mapped(self, codes: pl.Series, *, back: bool = False) -> pl.DataFrame:
        """What the newest maps give for some codes, ``code, target, name, table, version``: the code of the insurance edition
        for one of the clinical edition or, ``back``, all of those for that. Codes that no map knows are left out.

        ``code`` is as given; width, blanks and letter case make no difference.
        """
        wanted = (
            codes.unique(maintain_order=True).drop_nulls().alias("code").to_frame().with_columns(_key=_folded("code"))
        )
        schema = dict.fromkeys(("code", "target", "name", "table", "version"), pl.String)
        found = [pl.DataFrame(schema=schema)]
        for table in dict.fromkeys(each.table for each in self.versions() if each.table.endswith("_map")):
            version = self.at(table, None)
            assert version
            known = self.book(version).frame
            known = known.select(
                _key=_folded("target" if back else "code"),
                target="code" if back else "target",
                name=("name" if "name" in known.columns else pl.lit(None, pl.String)) if back else "target_name",
                table=pl.lit(table),
                version=pl.lit(version.version),
            )
            found.append(wanted.join(known, on="_key", maintain_order="left_right").drop("_key"))
        return pl.concat(found)

    def stamp(self) -> tuple[Any, ...]:
        """Changes whenever something is added, replaced or removed."""
        return tuple((path.parent.name, path.name, *_changed(path)) for path in self._files(None))

    def put(self, version: Version, frame: pl.DataFrame) -> Version:
        """Keep a version, whole or not at all; returns it as kept."""
        kept = dataclasses.replace(
            version, rows=frame.height, path=self.folder / version.table / f"{version.version}.parquet"
        )
        stored = {name: getattr(kept, name) for name in _STORED}
        with files.replacing(kept.path) as scratch:
            frame.sort("code").write_parquet(scratch, metadata={_KEY: json.dumps(stored, default=str)})
        return kept

    def remove(self, version: Version) -> None:
        """Forget a version."""
        version.path.unlink()
        if not any(version.path.parent.iterdir()):
            version.path.parent.rmdir()

    def _files(self, table: str | None) -> list[Path]:
        found = self.folder.glob(f"{table or '*'}/*.parquet")
        return sorted(path for path in found if not path.name.startswith("."))  # a dot: being written


_STORED = ("table", "version", "since", "until", "rows", "sha256", "file", "added")


@lru_cache(256)
def _version(path: Path, *_changed: int) -> Version:
    """What a file says of itself, read once unless it has changed since."""
    try:
        stored = json.loads(pl.read_parquet_metadata(path)[_KEY])
        days = {name: date.fromisoformat(stored[name]) if stored[name] else None for name in ("since", "until")}
        return Version(**{name: stored[name] for name in _STORED} | days, path=path)
    except (KeyError, ValueError, TypeError, pl.exceptions.PolarsError, OSError):
        raise InputError(
            f"{path}：不是码表，或已损坏；请删去后用 zhikong codebooks add 重新加入",
            f"{path}: no code table, or damaged; delete it and add the table again with zhikong codebooks add",
        ) from None


def _changed(path: Path) -> tuple[int, int]:
    about = path.stat()
    return about.st_mtime_ns, about.st_size


@lru_cache(_OPEN)
def _book(version: Version) -> Book:
    return Book(version)
