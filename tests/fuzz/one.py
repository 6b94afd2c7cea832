"""One broken input, from its kind, seed and number."""

import random
import resource
import shutil
from pathlib import Path

from tests.fuzz import judge
from tests.fuzz.kinds import KINDS

_MEMORY = 4 << 30  #: bytes of data that a worker may take: 2 GB for the input, the rest for what is loaded once


def bounded() -> None:
    """Bound the memory of this process."""
    resource.setrlimit(resource.RLIMIT_DATA, (_MEMORY, _MEMORY))


def faults(kind: str, seed: int, number: int, folder: Path, *, keep: bool = False) -> list[str]:
    """Make the input in ``folder``, run it, and return what is wrong with how the run ended."""
    folder.mkdir(parents=True)
    run = KINDS[kind](random.Random(f"{kind} {seed} {number}"), folder)
    found = judge.faults(run) if isinstance(run, judge.Run) else run.faults()
    if not keep:
        shutil.rmtree(folder)
    return found
