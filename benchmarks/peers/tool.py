"""What a tool gives, and one tool measured in a process of its own: `python benchmarks/peers/tool.py NAME FOLDER` prints JSON."""

import contextlib
import importlib
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent.parent)]
REPEATS, LONG = 3, 10.0  #: one repetition is enough of what takes so many CPU seconds
_TICK = os.sysconf("SC_CLK_TCK")


class Found(NamedTuple):
    """What a tool found."""

    rows: int | None  #: how many findings name their row; None: none does
    counts: dict[str, int]  #: check -> failures, where there are any

    @classmethod
    def of_rows(cls, rows: Iterable[tuple[str, str]]) -> "Found":
        """Findings as pairs of the row's key and the check."""
        counts = Counter(check for _, check in rows)
        return cls(counts.total(), dict(counts))


Find = Callable[[], Found]


def main() -> None:
    """Measure one tool."""
    import checks

    name, folder = sys.argv[1], Path(sys.argv[2])
    tool = importlib.import_module(f"tools.{name}")
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):  # noqa: PTH123
        find = tool.ready(folder / "clean.parquet", checks.read(folder)[0])
        first = _measured(find)
        again = [_measured(find) for _ in range(1 if first["CPU s"] > LONG else REPEATS)]
    best = min(again, key=lambda each: each["CPU s"])
    found = {"first wall s": first["wall s"], "wall s": min(each["wall s"] for each in again), "CPU s": best["CPU s"]}
    print(
        json.dumps(
            {
                **found,
                "peak MB": _peak(),
                "start CPU s": _start(first, again),
                "rows": best["found"].rows,
                "counts": best["found"].counts,
            }
        )
    )


def _start(first: dict[str, Any], again: list[dict[str, Any]]) -> float:
    """CPU seconds before the first run: Python, imports, plans, a Java machine."""
    spent = first["CPU s"] + sum(each["CPU s"] for each in again)
    return round(_cpu() - spent, 2)


def _measured(find: Find) -> dict[str, Any]:
    cpu, wall = _cpu(), time.perf_counter()
    found = find()
    return {"wall s": round(time.perf_counter() - wall, 3), "CPU s": round(_cpu() - cpu, 2), "found": found}


def _family() -> list[int]:
    """This process and all that it started."""
    parents = {}
    for each in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            parents[int(each.name)] = int(_stat(each)[1])
    family = [os.getpid()]
    for member in family:
        family += [pid for pid, parent in parents.items() if parent == member]
    return family


def _stat(process: Path) -> list[str]:
    """The fields of a process from its state on."""
    return (process / "stat").read_text().rpartition(")")[2].split()


def _cpu() -> float:
    """CPU seconds of the family, ended ones included."""
    ticks = 0
    for pid in _family():
        with contextlib.suppress(OSError):
            ticks += sum(map(int, _stat(Path("/proc") / str(pid))[11:15]))
    return ticks / _TICK


def _peak() -> int:
    """The most memory that the family held, each member at its worst moment, in MB."""
    held = 0
    for pid in _family():
        with contextlib.suppress(OSError):
            status = (Path("/proc") / str(pid) / "status").read_text()
            held += sum(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
    return held // 1024


if __name__ == "__main__":
    main()
