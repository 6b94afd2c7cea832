"""In which edition codes are: the settlement list's own (医保版), or the clinical one (国临版) that case records may be in.

249 codes mean different things in the two, so a code says nothing before its edition is known.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from validator.base.errors import ConfigError

if TYPE_CHECKING:
    from validator.codes.lookup import Judge
    from validator.codes.tables import Version

#: Those that a file of records may be declared to be in.
EDITIONS: tuple[Literal["insurance", "clinical"], ...] = ("insurance", "clinical")
#: ``either``: none of the codes is of one edition alone; ``mixed``: of both; ``unknown``: no tables are loaded that tell.
Edition = Literal["insurance", "clinical", "either", "mixed", "unknown"]
_SURE = 0.9  #: share of the codes of one edition alone from which on the file is in it


def refuse_unknown(edition: str) -> None:
    """Raise :class:`ConfigError` for an edition that cannot be declared; blank stands for none."""
    if edition not in ("", *EDITIONS):
        known = "、".join(EDITIONS)
        raise ConfigError(f"没有“{edition}”这一版编码，可用：{known}", f"no edition '{edition}'; use {known}")


def of_codes(judge: Judge, codes: Mapping[str, Collection[str]], declared: str = "") -> Edition:
    """The edition of a file's codes; ``codes``: table of the insurance edition -> the codes of its kind."""
    if known := next((each for each in EDITIONS if each == declared), None):
        return known
    loaded = {table: both for table in codes if (both := both_editions(judge, table))}
    if not loaded:
        return "unknown"
    insurance = {code for table, (ours, _) in loaded.items() for code in ours.intersection(codes[table])}
    clinical = {code for table, (_, theirs) in loaded.items() for code in theirs.intersection(codes[table])}
    return detect(insurance | clinical, insurance, clinical)


def detect(codes: Collection[str], insurance: Collection[str], clinical: Collection[str]) -> Edition:
    """The edition of some codes, by those that one edition alone has."""
    one = sum(code in clinical and code not in insurance for code in codes)
    other = sum(code in insurance and code not in clinical for code in codes)
    if not one + other:
        return "either"
    share = one / (one + other)
    return "clinical" if share >= _SURE else "insurance" if share <= 1 - _SURE else "mixed"


@lru_cache(16)
def both_editions(judge: Judge, table: str) -> tuple[frozenset[str], frozenset[str]] | None:
    """The codes of a table and, by its map, those of the clinical edition; None unless both are loaded."""
    ours, theirs = judge.store.at(table, None, judge.pinned.get(table, "")), judge.store.at(f"{table}_map", None)
    return (_codes(judge, ours), _codes(judge, theirs)) if ours and theirs else None


def _codes(judge: Judge, version: Version) -> frozenset[str]:
    return frozenset(judge.store.book(version).codes)
