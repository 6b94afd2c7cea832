"""How many calls and Polars queries one check of a batch takes: the same on any machine, so that a test can hold it.

python benchmarks/calls.py            # counts, next to those of baseline.json
python benchmarks/calls.py --update   # after a change that is meant
"""

import json
import sys
from collections import Counter
from pathlib import Path
from types import FrameType
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
BASELINE = HERE / "baseline.json"
CASES, SEED, DEFECTS = 3_000, 1, 0.05


def main() -> int:
    """Count and show, or keep."""
    from benchmarks.figures import keep, options

    parser = options(__doc__)
    parser.add_argument("--update", action="store_true", help="keep the counts in baseline.json")
    found = counts()
    asked = parser.parse_args()
    keep(asked.json, found)
    if asked.update:
        BASELINE.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    for name, count in found.items():
        print(f"{name:10}{count:12,}{baseline()[name]:12,}")
    return 0


def baseline() -> dict[str, int]:
    """The counts that were kept."""
    kept: dict[str, int] = json.loads(BASELINE.read_text(encoding="utf-8"))
    return kept


def counts() -> dict[str, int]:
    """Calls of functions and methods, and queries, of a check of one partition; what is done once a process is not counted."""
    from validator import api, generate

    catalogue = api.load()
    part, _ = next(generate.partitions(CASES, SEED, DEFECTS))
    _ = api.run(catalogue, [part]).findings
    found = Counter[str]()

    def count(_: FrameType, event: str, called: Any) -> None:
        if event in ("call", "c_call"):
            found["calls"] += 1
        if event == "c_call" and called.__name__ == "collect":
            found["queries"] += 1

    sys.setprofile(count)
    try:
        _ = api.run(catalogue, [part]).findings
    finally:
        sys.setprofile(None)
    return {"calls": found["calls"], "queries": found["queries"]}


if __name__ == "__main__":
    sys.exit(main())
