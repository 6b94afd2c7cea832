"""Grouping schemes (分组方案) that users have, folders of tables and official workbooks, as frames that groupers read."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from validator.grouping import scheme
from validator.intake.schemes import folder, workbook
from validator.intake.tables import Table
from validator.read.grids import Grid
from validator.read.place import Place
from validator.text import say

DRG = scheme.TABLE


@dataclass(frozen=True)
class Scheme(Table):
    """A table of the registry that is no list of codes."""

    @property
    def without(self) -> str:
        """What cannot be done as long as none is loaded."""
        return say("不能分组", "cases cannot be grouped")


def _table(name: str, zh: str, en: str) -> Scheme:
    return Scheme(name, "", zh, en, headings={}, further=(), named="", not_named="", several_names=False)


#: The registry's tables of schemes.
TABLES = {DRG: _table(DRG, "DRG 分组方案", "DRG grouping scheme")}


def is_folder(path: Path) -> bool:
    """Whether a folder holds the tables of one scheme."""
    return folder.is_scheme(path)


def of_folder(path: Path) -> tuple[pl.DataFrame, str, str]:
    """The scheme of a folder, its version (the folder's name), and a digest of its tables."""
    digest = hashlib.sha256()
    for file in folder.files(path):
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return folder.read(path), path.resolve().name, digest.hexdigest()


def is_workbook(grids: Sequence[Grid]) -> bool:
    """Whether a workbook holds a scheme."""
    return workbook.is_scheme(grids)


def of_workbook(grids: Sequence[Grid], place: Place) -> tuple[pl.DataFrame, list[str]]:
    """The scheme of a workbook, and what the user should know of it."""
    return workbook.read(grids, place)


def counts(frame: pl.DataFrame | pl.LazyFrame) -> str:
    """How many groups a scheme has, those that take what is left not counted."""
    rest = pl.col("code").str.contains("^(0+|[A-Z]0{2,3})$")
    found = frame.lazy().filter(~rest).group_by("kind").len().collect()
    number = dict(found.iter_rows())
    return say("、", ", ").join(f"{number.get(kind, 0)} {kind.upper()}" for kind in ("mdc", "adrg", "drg"))


def comparable(frame: pl.DataFrame) -> pl.DataFrame:
    """A scheme as ``code`` and ``name``, so that two can be compared: groups with their rules, codes with where they are listed."""
    groups = pl.col("kind").is_in(["option", "mdc", "adrg", "drg"])
    where = pl.concat_str("kind", pl.col("parent").replace("", None), "code", separator=" ", ignore_nulls=True)
    rules = frame.filter(groups).select(code=where, name=pl.concat_str("name", "rule", separator=" ").str.strip_chars())
    lists = frame.filter(~groups & ~pl.col("kind").is_in(["diagnosis", "procedure"]))
    return pl.concat([rules, lists.select(code=where, name=pl.col("rule"))]).sort("code")
