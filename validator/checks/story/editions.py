"""A record's codes in the list's edition: a record may be in the clinical edition (国临版), a list is not."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from validator.codes.editions import Edition
from validator.codes.lookup import Judge
from validator.codes.tables import Version


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


def code_map(judge: Judge, table: str, edition: Edition) -> CodeMap:
    """How a file's codes become those of the list's edition. ``table``: of the insurance edition; its map lies next to it."""
    mapped = judge.store.at(f"{table}_map", None)
    return CodeMap(edition, _targets(judge, mapped) if mapped else {})


@lru_cache(8)
def _targets(judge: Judge, version: Version) -> Mapping[str, Counterpart]:
    frame = judge.store.book(version).frame.select("code", "target", "target_name")
    return {code: Counterpart(target, name or "") for code, target, name in frame.iter_rows() if target}
