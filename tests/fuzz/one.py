"""One broken input, from its kind, seed and number."""

import random
import shutil
from pathlib import Path

from tests.fuzz import judge
from tests.fuzz.kinds import KINDS


def faults(kind: str, seed: int, number: int, folder: Path, *, keep: bool = False) -> list[str]:
    """Make the input in ``folder``, run it, and return what is wrong with how the run ended."""
    folder.mkdir(parents=True)
    run = KINDS[kind](random.Random(f"{kind} {seed} {number}"), folder)  # noqa: S311 (to be made again, not to be secret)
    found = judge.faults(run)
    if not keep:
        shutil.rmtree(folder)
    return found
