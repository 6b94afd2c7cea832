"""Grouping schemes (分组方案) that users have, folders of tables and official workbooks, as frames that groupers read."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from validator.base.language import say
from validator.grouping import dip_scheme, scheme
from validator.loaders.schemes import dip, dip_catalogue, folder, workbook
from validator.loaders.tables import CodeTable
from validator.read.grids import Grid
from validator.read.place import Place

DRG, DIP = scheme.TABLE, dip_scheme.TABLE


@dataclass(frozen=True)
class SchemeTable(CodeTable):
    """A table of the registry that is no list of codes."""

    @property
    def without(self) -> str:
        """Return what is not possible while no scheme is loaded."""
        return say("不能分组", "cases cannot be grouped")


def _table(name: str, zh: str, en: str) -> SchemeTable:
    return SchemeTable(name, "", zh, en, headings={}, further=(), named="", not_named="", several_names=False)


#: The registry's tables of schemes.
TABLES = {
    DRG: _table(DRG, "DRG 分组方案", "DRG grouping scheme"),
    DIP: _table(DIP, "DIP 分组方案", "DIP grouping scheme"),
}
#: What the name of a version of the bureau's own begins with, before its number.
NAMED = {DRG: "chs-drg-", DIP: "dip-"}


def is_folder(path: Path) -> bool:
    """Whether a folder holds the tables of one scheme."""
    return folder.is_scheme(path)


def of_folder(path: Path) -> tuple[pl.DataFrame, str, str]:
    """The scheme of a folder, its version (the folder's name), and a digest of its tables."""
    digest = hashlib.sha256()
    for file in folder.files(path):
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return folder.read(path), path.resolve().name, digest.hexdigest()


def of_workbook(grids: Sequence[Grid], place: Place, asked: str = "") -> tuple[str, pl.DataFrame, list[str]] | None:
    """The table of the scheme that a workbook (or CSV) holds, the scheme, and what to know of it; None if it holds none."""
    for table, kind in ((DRG, workbook), (DIP, dip), (DIP, dip_catalogue)):
        if asked in ("", table) and kind.is_scheme(grids):
            return table, *kind.read(grids, place)
    return None


def counts(frame: pl.DataFrame | pl.LazyFrame, table: str) -> str:
    """How many groups a scheme has, those that take what is left not counted."""
    if table == DIP:
        number = frame.lazy().filter(pl.col("kind").is_in(list(dip_scheme.LAYERS))).select(pl.len()).collect().item()
        return say(f"{number} 个病种", f"{number} groups")
    rest = pl.col("code").str.contains("^(0+|[A-Z]0{2,3})$")
    found = frame.lazy().filter(~rest).group_by("kind").len().collect()
    number = dict(found.iter_rows())
    return say("、", ", ").join(f"{number.get(kind, 0)} {kind.upper()}" for kind in ("mdc", "adrg", "drg"))


def comparable(frame: pl.DataFrame) -> pl.DataFrame:
    """A scheme as ``code`` and ``name``, so that two can be compared: groups with their rules, codes with where they are listed."""
    where = pl.concat_str("kind", pl.col("parent").replace("", None), "code", separator=" ", ignore_nulls=True)
    worded = [each for each in ("name", "rule", "principal", "procedure", "related", "other") if each in frame.columns]
    words = pl.concat_str(pl.col(worded).replace("", None), separator=" ", ignore_nulls=True)
    of_code = pl.col("kind").is_in(["member", "cc", "exclusion", "diagnosis_map", "procedure_map"])
    rows = frame.filter(~pl.col("kind").is_in(["diagnosis", "procedure"]))
    rows = rows.select(code=where, name=pl.when(of_code).then("rule").otherwise(words))
    return rows.unique("code", keep="first").sort("code")
