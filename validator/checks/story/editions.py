"""In which edition a record is coded, and its codes in the list's: a record may be in the clinical edition (国临版), a list is not."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal, NamedTuple

from validator.codes.lookup import Judge
from validator.codes.tables import Version
from validator.spec.editions import EDITIONS

#: ``either``: none of its codes is of one edition alone; ``mixed``: of both; ``unknown``: no tables are loaded that tell.
Edition = Literal["insurance", "clinical", "either", "mixed", "unknown"]
_SURE = 0.9  #: share of the codes of one edition alone from which on the file is in it


class Counterpart(NamedTuple):
    """A record's code in the list's edition."""

    code: str
    name: str = ""  #: where the map gave it


@dataclass(frozen=True)
class CodeMap:
    """The codes of one file's diagnoses or procedures."""

    edition: Edition
    targets: Mapping[str, Counterpart] = field(default_factory=dict)  #: codes of the clinical edition

    def of(self, code: str) -> Counterpart | None:
        """The code in the insurance edition; None where nothing tells."""
        target = self.targets.get(code)
        match self.edition:
            case "insurance":
                return Counterpart(code)
            case "clinical":
                return target
            case "either":
                return Counterpart(code) if target is None or target.code == code else None
        return None


def code_map(judge: Judge, table: str, codes: Iterable[str], declared: str = "") -> CodeMap:
    """How a file's codes become those of the list's edition. ``table``: of the insurance edition; its map lies next to it."""
    book = judge.store.at(table, None, judge.pinned.get(table, ""))
    mapped = judge.store.at(f"{table}_map", None)
    targets = _targets(judge, mapped) if mapped else {}
    known = next((each for each in EDITIONS if each == declared), None)
    edition = known or (detect(set(codes), _codes(judge, book), targets) if book and targets else "unknown")
    return CodeMap(edition, targets)


def detect(codes: Collection[str], insurance: Collection[str], clinical: Collection[str]) -> Edition:
    """The edition of some codes, by those that one edition alone has."""
    one = sum(code in clinical and code not in insurance for code in codes)
    other = sum(code in insurance and code not in clinical for code in codes)
    if not one + other:
        return "either"
    share = one / (one + other)
    return "clinical" if share >= _SURE else "insurance" if share <= 1 - _SURE else "mixed"


@lru_cache(8)
def _codes(judge: Judge, version: Version) -> frozenset[str]:
    return frozenset(judge.store.book(version).codes)


@lru_cache(8)
def _targets(judge: Judge, version: Version) -> Mapping[str, Counterpart]:
    frame = judge.store.book(version).frame.select("code", "target", "target_name")
    return {code: Counterpart(target, name or "") for code, target, name in frame.iter_rows() if target}
