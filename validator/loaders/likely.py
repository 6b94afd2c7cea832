"""The version that a table most likely has where nothing in its file tells it: by the tables that are loaded already."""

from typing import TYPE_CHECKING

from validator.codes.points import BATCH, TABLE
from validator.codes.tables import Store
from validator.loaders import points

if TYPE_CHECKING:
    from validator.loaders import FoundTable

_MOST = 0.9  #: share of the codes that a loaded list must have for its version to be likely


def question(found: "FoundTable", store: Store) -> tuple[str, str]:
    """What to ask the user, in Chinese and English: one line with the likely answer and what speaks for it."""
    zh, en = _by_batch(found, store) if found.table.name == TABLE else _by_codes(found, store)
    return f"看不出是哪个版本；请用 --version 写明，{zh}", f"does not tell its version; say it with --version, {en}"


def _by_codes(found: "FoundTable", store: Store) -> tuple[str, str]:
    """The version of the list that has most of the codes of a grey list, or those that a map gives."""
    column = "target" if found.table.is_map else "code"
    codes = found.frame[column].drop_nulls().unique()
    lists = store.versions(found.table.base) if found.table.base != found.table.name and codes.len() else []
    counts = [(int(codes.is_in(store.book(each).codes.implode()).sum()), each) for each in lists]
    count, best = max(counts, key=lambda each: each[0], default=(0, None))  # of equal ones the newest, which is first
    if best is None or count < _MOST * codes.len():
        return "如 --version 2.0", "such as --version 2.0"
    much = f"{count * 1000 // codes.len() / 10:g}%"
    zh = f"很可能是 --version {best.version}（已装载的 {best.table} {best.version} 版有其中 {much} 的编码）"
    en = f"most likely --version {best.version} ({best.table} {best.version}, which is loaded, has {much} of its codes)"
    return zh, en


def _by_batch(found: "FoundTable", store: Store) -> tuple[str, str]:
    """The batch that was loaded last, with what this file's points are about."""
    named = ((each.added, each.version, BATCH.match(each.version)) for each in store.versions(TABLE))
    kept = [(added, version, batch[0]) for added, version, batch in named if batch]
    about = points.subject(found.frame)
    if not kept:
        return f"如 --version 第八批-{about}", f"such as --version 第八批-{about}"
    _, newest, batch = max(kept)
    version = f"{batch}-{about}"
    zh = f"如与上次装载的 {newest} 同批，是 --version {version}"
    return zh, f"--version {version} if it is of the batch loaded last ({newest})"
