"""Recognising the code tables and grouping schemes that users have, and keeping them in the registry."""

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path, PurePath

import polars as pl

from validator.base import clock
from validator.base.errors import InputError
from validator.base.language import say
from validator.codes.tables import Store, Version
from validator.loaders import columns, editions, likely, points, schemes, tables
from validator.loaders.columns import CodeColumns
from validator.loaders.merge import whole
from validator.loaders.rows import CodeRows
from validator.loaders.tables import CodeTable
from validator.read import delimited, file_grids, inputs
from validator.read.grids import Grid
from validator.read.inputs import Item
from validator.read.memory import uncollected
from validator.read.place import Place, some

_VERSION = re.compile(r"[0-9A-Za-z一-鿿][0-9A-Za-z一-鿿._-]{0,39}")
_NAMED_ROWS = 5  #: rows that a message names
_KINDS = ("workbook", "delimited")

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class FoundTable:
    """A table that a file holds, not yet kept."""

    table: CodeTable
    frame: pl.DataFrame
    version: str  #: as the file tells; blank if it does not
    since: date | None  #: likewise
    place: Place
    sha256: str
    remarks: list[str] = field(default_factory=list)  #: what the user should know

    @property
    def counts(self) -> str:
        """How many groups a scheme has; blank for a list of codes."""
        return schemes.counts(self.frame, self.table.name) if self.table.name in schemes.TABLES else ""

    @property
    def comparable(self) -> pl.DataFrame:
        """Return the rows in the form in which two versions are compared."""
        return schemes.comparable(self.frame) if self.table.name in schemes.TABLES else self.frame

    def bare(self) -> Version:
        """Return the version's description before it is kept."""
        file = PurePath(self.place.file).name
        return Version(
            self.table.name, self.version, self.since, None, self.frame.height, self.sha256, file, "", Path()
        )


def add(
    path: str | Path,
    store: Store,
    table: str = "",
    version: str = "",
    since: date | None = None,
    until: date | None = None,
    *,
    replace: bool = False,
) -> Version:
    """Keep the only table of a file; :class:`InputError` where it holds several, or where :func:`read` or :func:`keep` do."""
    found = read(path, table)
    if len(found) > 1:
        names = "、".join(each.table.name for each in found)
        raise found[0].place.fault(f"有几张表：{names}；请指明一张", f"holds several tables: {names}; name one")
    return keep(found[0], store, version, since, until, replace=replace)


def read(path: str | Path, table: str = "") -> list[FoundTable]:
    """The tables of a workbook, a CSV, an archive or a folder of them; ``table``: the only one to look for."""
    if table and table not in known():
        raise InputError(f"没有码表“{table}”，可用：{_names()}", f"there is no table '{table}'; known: {_names()}")
    if table in ("", schemes.DRG) and schemes.is_folder(Path(path)):
        frame, version, sha256 = schemes.of_folder(Path(path))
        return [FoundTable(known()[schemes.DRG], frame, version, None, Place(str(path)), sha256)]
    with ExitStack() as stack:
        items, _ = inputs.find([path], stack)
        readable = [item for item in items if item.kind in _KINDS]
        if not readable:
            zh = "不是码表：应为 .xlsx、.xls、.csv，或含有它们的 .zip"
            raise Place(str(path)).fault(zh, "is no code table: .xlsx, .xls or .csv, or a .zip that holds them")
        return [found for item in readable for found in _tables(item, table)]


def keep(
    found: FoundTable,
    store: Store,
    version: str = "",
    since: date | None = None,
    until: date | None = None,
    *,
    replace: bool = False,
) -> Version:
    """Put a table into the store under a version; ``version``, ``since``, ``until`` go before what the file tells.

    A file that is there already is not kept again: what is there is returned.
    """
    place, name, version, since = found.place, found.table.name, version or found.version, since or found.since
    kept = store.versions(name)
    if not replace and (same := next((each for each in kept if each.sha256 == found.sha256), None)):
        return same
    if not _VERSION.fullmatch(version):
        raise place.fault(*(_no_version(version) if version else likely.question(found, store)))
    if since and until and since > until:
        raise place.fault(f"生效日 {since} 晚于失效日 {until}", f"holds from {since} but only until {until}")
    there = next((each for each in kept if each.version == version), None)
    if there and not replace:
        zh = f"{found.table.title_zh} {version} 版已有（{there.file}，{there.rows} 行），内容不同；要替换请加 --replace"
        en = f"{name} {version} is there already ({there.file}, {there.rows} rows) and differs; --replace replaces it"
        raise place.fault(zh, en)
    timeless = next((each for each in kept if each.version != version and each.since is None), None)
    if (
        timeless and since is None and name not in (schemes.TABLES | points.TABLES)
    ):  # these stand side by side, and are named
        zh = (
            f"已有 {timeless.version} 版，也没有生效日；请用 --since 写明 {version} 版从哪天起用，如 --since 2026-01-01"
        )
        en = f"{timeless.version} is there, without a first day too; say with --since from when {version} holds"
        raise place.fault(zh, en)
    added = clock.now().replace(tzinfo=None, microsecond=0).isoformat()
    file = PurePath(place.file).name
    new = Version(name, version, since, until, found.frame.height, found.sha256, file, added, Path())
    return store.put(new, found.frame)


def _no_version(version: str) -> tuple[str, str]:
    zh = f"版本“{version}”只能用字母、数字、汉字和 . _ -，至多 40 个"
    return zh, f"the version '{version}' may have letters, digits, '.', '_' and '-', 40 at most"


def _tables(item: Item, asked: str) -> Iterator[FoundTable]:
    """The tables of one file."""
    with uncollected():
        data = item.read()
        sha256 = hashlib.sha256(data).hexdigest()
        grids = file_grids.grids(data, item.place)
        if asked in ("", *points.TABLES) and (found := points.of_workbook(grids, item.place)):
            yield FoundTable(next(iter(points.TABLES.values())), *found, None, item.place, sha256)
            return
        if scheme := schemes.of_workbook(grids, item.place, asked):
            yield _scheme(*scheme, grids, item.place, sha256)
            return
        if asked in schemes.TABLES:
            zh = "不是分组方案：应是官方公布的分组方案工作簿，或（DRG）有 mdc.csv、adrg.csv 等表的目录"
            raise item.place.fault(
                zh, "is no grouping scheme: a workbook as published, or (DRG) a folder with mdc.csv, adrg.csv and so on"
            )
        sheets, skipped = _sheets(grids, asked, item.place)
    for table in dict.fromkeys(each.table.name for _, each in sheets):
        mine = [(grid, each) for grid, each in sheets if each.table.name == table]
        yield _found(mine, item.place, sha256, skipped)


def _scheme(
    table: str, frame: pl.DataFrame, remarks: list[str], grids: Sequence[Grid], place: Place, sha256: str
) -> FoundTable:
    texts = [PurePath(place.file).stem, *(cell for row in grids[0].rows[:3] for cell in row if isinstance(cell, str))]
    number = editions.version(texts)
    version = schemes.NAMED[table] + number if re.fullmatch(r"[0-9]\.[0-9]", number) else ""
    return FoundTable(known()[table], frame, version, editions.since(texts), place, sha256, remarks)


def _sheets(grids: Sequence[Grid], asked: str, place: Place) -> tuple[list[tuple[Grid, CodeColumns]], list[str]]:
    """The sheets that hold a table, and the names of those that hold none."""
    sheets, skipped, unknown = list[tuple[Grid, CodeColumns]](), list[str](), list[Grid]()
    for grid in grids:
        likely = columns.choices(grid)
        if asked:
            likely = [each for each in likely if each.table.name == asked] or (
                [] if likely and len(grids) > 1 else columns.choices(grid, asked)
            )
        if len(likely) > 1:
            names = "、".join(f"{each.table.name}（{each.table.title_zh}）" for each in likely)
            raise grid.place.fault(
                f"可能是几张表之一，请用 --table 指明：{names}",
                f"may be one of several tables, name it with --table: {names}",
            )
        if likely:
            sheets.append((grid, likely[0]))
            if not grid.letters:
                _check_widths(grid, likely[0])
        elif any(any(row) for row in grid.rows):
            skipped.append(grid.name)
            unknown.append(grid)
    if not sheets:
        raise _nothing(unknown, asked, place)
    return sheets, skipped


def _check_widths(grid: Grid, found: CodeColumns) -> None:
    """Refuse a CSV whose rows have not as many cells as the headings; notes below the table may."""
    width = len(found.headings)
    kept = [
        index
        for index, row in enumerate(grid.rows)
        if len(row) == width or sum(map(bool, row)) > 1 or index < found.first
    ]
    grid.rows, grid.lines = [grid.rows[index] for index in kept], [grid.lines[index] for index in kept]
    delimited.check_widths(grid, found.first - 1)


def _nothing(grids: Sequence[Grid], asked: str, place: Place) -> InputError:
    """Why no table was found."""
    if not grids:
        return place.fault("是空的", "is empty")
    grid = grids[0]
    seen = some(columns.headings_of(grid.rows)) or "—"
    located = [found for table in tables.load().values() if (found := columns.locate(grid, table))]
    if located and (lines := columns.numbers(grid, located[0])):
        raise _numbers(grid, located[0], lines)
    if not asked and located:
        zh = "看不出是哪张码表；请用 --table 指明，如 --table icd10（表名见 zhikong codebooks list）"
        en = "it cannot be known which table this is; name it, such as --table icd10 (zhikong codebooks list names all)"
        return grid.place.fault(zh, en)
    zh = f"没有编码列和名称列；看到的标题：{seen}"
    en = f"has no columns of codes and names; headings seen: {seen}"
    return grid.place.fault(zh, en)


def _numbers(grid: Grid, found: CodeColumns, lines: Sequence[int]) -> InputError:
    """Why codes that are numbers tell no table."""
    zh, en = found.label(grid, found.table.coded)
    rows = some(list(map(str, lines)), _NAMED_ROWS)
    return grid.place.at(lines[0]).fault(
        f"{zh}有 {len(lines)} 个编码存成了数字（第 {rows} 行），开头和末尾的 0 已丢失，认不出是哪张表；请从来源按文本重新导出这一列",
        f"{en} holds {len(lines)} codes as numbers (rows {rows}), whose zeros in front and behind are lost, so it cannot be "
        "known which table this is; export the column as text from where it came",
    )


def _found(sheets: Sequence[tuple[Grid, CodeColumns]], place: Place, sha256: str, skipped: Sequence[str]) -> FoundTable:
    frame, remarks = whole([CodeRows(grid, each) for grid, each in sheets])
    texts = [PurePath(place.file).stem, *(grid.name for grid, _ in sheets)]
    texts += [title for grid, each in sheets for title in columns.titles(grid, each.first)]
    texts += [each.editions for _, each in sheets]
    version, table = editions.version(texts), sheets[0][1].table
    if "_version" in frame.columns:
        versions = frame["_version"].drop_nulls().unique().to_list()
        version = versions[0] if len(versions) == 1 else version
        frame = frame.drop("_version") if len(versions) == 1 else frame.rename({"_version": "version"})
    if "_name" in frame.columns:
        frame = frame.drop("_name") if frame["_name"].null_count() == frame.height else frame.rename({"_name": "name"})
    if skipped:
        remarks.insert(0, say(f"没有收的工作表：{some(list(skipped))}", f"sheets left out: {some(list(skipped))}"))
    return FoundTable(table, frame, version, editions.since(texts), place, sha256, remarks)


def known() -> dict[str, CodeTable]:
    """Every table that the registry keeps: the national ones, then grouping schemes."""
    return tables.load() | schemes.TABLES | points.TABLES


def titled(version: Version) -> str:
    """What people call the table of a version; of a scheme also how many groups it has."""
    if version.table in schemes.TABLES:
        counts = schemes.counts(pl.scan_parquet(version.path, glob=False), version.table)
        return say(f"{known()[version.table].title}（{counts}）", f"{known()[version.table].title} ({counts})")
    return known()[version.table].title if version.table in known() else ""


def comparable(store: Store, version: Version) -> pl.DataFrame:
    """The rows of a version that is kept, as two are compared."""
    whole = version.table in schemes.TABLES
    return schemes.comparable(pl.read_parquet(version.path, glob=False)) if whole else store.book(version).frame


def _names() -> str:
    return "、".join(f"{table.name}（{table.title_zh}）" for table in known().values())
