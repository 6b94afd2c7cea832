"""The code tables and grouping schemes that tests read: made-up ones in ``madeup``, and the full national ones.

The national ones are not part of the project; where they stand next to the checkout, the same tests read them too.
"""

from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Tables:
    """Two folders: code tables, and a grouping scheme for the codes in them."""

    name: str
    codebooks: Path
    scheme: Path


SHARED = Path(__file__).resolve().parents[2] / "shared"
_FOLDER = Path(__file__).resolve().parent / "madeup"
MADE_UP = Tables("made-up", _FOLDER / "codebooks", _FOLDER / "scheme")
NATIONAL = Tables("national", SHARED / "codebooks", SHARED / "chs_drg")
_THERE = NATIONAL.codebooks.is_dir() and NATIONAL.scheme.is_dir()
#: What the fixture ``published`` goes through.
PUBLISHED = [MADE_UP, NATIONAL] if _THERE else [MADE_UP]
needs_national = pytest.mark.skipif(
    not _THERE, reason="about the full national tables, which are not in the repository"
)
