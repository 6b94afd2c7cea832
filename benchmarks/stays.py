"""Stays in three documents: CPU time of lists alone, with their charge lines, and with case records too; and one stay by ``judge``.

All in one run, so that the ratios mean something on a shared machine.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve()
sys.path.insert(0, str(HERE.parent.parent))

RECORD = "4401"


def cost(work: Callable[[], Any]) -> float:
    """CPU seconds of all threads."""
    start = time.process_time()
    work()
    return time.process_time() - start


def batch(count: int) -> dict[str, float]:
    """Stays a CPU second for each number of documents, printed."""
    from validator import api, generate
    from validator.read import together

    catalogue = api.load()
    made = {
        name: [part for part, _ in generate.partitions(count, 1, interface=name, size=10_000)]
        for name in ("4101", "4101+2301", RECORD)
    }

    def run(lists: str, *, records: bool) -> float:
        return min(once(lists, records=records) for _ in range(3))  # the first one makes plans

    def once(lists: str, *, records: bool) -> float:
        parts = (each for some in zip(made[lists], made[RECORD], strict=True) for each in some[: 2 if records else 1])
        options = {"edition": "insurance", "judge": catalogue.judge}
        brought = together.brought_together(parts, catalogue.layouts, catalogue.story, **options)  # type: ignore[arg-type]
        return cost(lambda: api.run(catalogue, brought).findings)

    alone, figures = run("4101", records=False), dict[str, float]()
    for title, seconds in (
        ("lists alone", alone),
        ("with charge lines", run("4101+2301", records=False)),
        ("with records", run("4101", records=True)),
        ("all three", run("4101+2301", records=True)),
    ):
        figures[title] = count / seconds
        print(f"{title:<20}{figures[title]:>8,.0f} stays a CPU s, {seconds / alone:.1f} times lists alone")
    return figures


def one_by_one(count: int) -> dict[str, dict[str, float]]:
    """Milliseconds of a stay by ``judge``, at the median and the 99th percentile, printed."""
    from validator import generate, judge
    from validator.generate import files

    ((whole, _),) = generate.partitions(count, 2, interface="4101+2301")
    ((page, _),) = generate.partitions(count, 2, interface=RECORD)
    lines = files.row_messages(whole, "2301", {"feedetail": whole.tables.pop("feedetail")})
    whole.layout = "4101"
    stays = [
        tuple(map(json.loads, each)) for each in zip(files.messages(whole), files.messages(page), lines, strict=True)
    ]
    figures = {}
    for title, take in (("list", 1), ("list and record", 2), ("all three", 3)):
        names = ("message", "record", "fees")[:take]
        given = [dict(zip(names, stay, strict=False)) for stay in stays]
        for each in given[:50]:
            judge(**each, record_edition="insurance").counts()
        times = sorted(
            cost(lambda each=each: judge(**each, record_edition="insurance").counts()) for each in given[50:]
        )  # type: ignore[misc]
        half, most = (1000 * times[int(len(times) * share)] for share in (0.5, 0.99))
        figures[title] = {"p50": half, "p99": most}
        print(f"judge, {title:<18}p50 {half:.2f} ms, p99 {most:.2f} ms")
    return figures


def main() -> None:
    """Measure both."""
    from benchmarks.figures import keep, options

    parser = options(__doc__)
    parser.add_argument("--stays", type=int, default=20_000)
    asked = parser.parse_args()
    together, alone = batch(asked.stays), one_by_one(min(asked.stays, 1_000))
    keep(asked.json, {"stays": asked.stays, "stays a CPU s": together, "judge, ms": alone})


if __name__ == "__main__":
    main()
