"""One list at a time, as a service judges it: CPU time of generated 4101 lists, and by how much many different ones make it grow.

The lists are made in this process and judged in another, which reads them line by line: its memory is that of the service alone.
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import keep, options

WARM = 2_000  #: lists after which a service has loaded all it needs


def messages(count: int, seed: int) -> Iterator[dict[str, object]]:
    """Generated lists, four of five with a defect."""
    from validator import generate

    for part, _ in generate.partitions(count, seed, 0.8, "4101"):
        rows = {
            name: frame.drop("case_id", strict=False).rows_by_key("_case", named=True, include_key=False)
            for name, frame in part.tables.items()
        }
        for number in range(part.tables[part.case].height):
            nodes: dict[str, object] = {
                name: [clean(row) for row in cases.get(number, [])] for name, cases in rows.items()
            }
            nodes[part.case] = nodes[part.case][0]  # type: ignore[index]
            yield {"infno": "4101", "input": nodes}


def clean(row: dict[str, object]) -> dict[str, object]:
    """A row without the columns that are no fields."""
    return {name: value for name, value in row.items() if not name.startswith("_")}


def service(path: Path | None) -> None:
    """Judge the lists of standard input, one a line; print what they cost, and keep it in a file."""
    from validator import judge

    times, before, first = list[float](), 0.0, 0.0
    for number, line in enumerate(sys.stdin.buffer):
        message = json.loads(line)
        start = time.process_time()
        judge(message).counts()
        times.append(time.process_time() - start)
        if number == 0:
            first = times.pop() * 1e3
            print(f"first list of the process: {first:.0f} ms of CPU, with all that is loaded")
        if number + 1 == WARM:
            before = megabytes()
    half, worst = (sorted(times)[int(len(times) * share)] for share in (0.5, 0.99))
    print(f"p50 {half * 1e3:.2f} ms, p99 {worst * 1e3:.2f} ms, {len(times) / sum(times):.0f} a second and core")
    memory = megabytes()
    print(f"{len(times) + 1} lists: {memory:.0f} MB, {memory - before:.0f} more than after {WARM}")
    figures = {"lists": len(times) + 1, "first ms": first, "p50 ms": half * 1e3, "p99 ms": worst * 1e3}
    keep(path, figures | {"a second and core": len(times) / sum(times), "MB": memory, "MB more": memory - before})


def megabytes() -> float:
    """What this process has in memory now (Linux)."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--cases", type=int, default=4_000, help="100000 for the growth of memory")
    parser.add_argument("--service", action="store_true", help="judge the lists of standard input")
    given = parser.parse_args()
    if given.service:
        service(given.json)
        return
    command = [sys.executable, __file__, "--service", *(["--json", str(given.json)] if given.json else [])]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as judging:
        assert judging.stdin
        for seed in range(-(-given.cases // WARM)):
            for message in messages(WARM, seed):
                judging.stdin.write(json.dumps(message).encode() + b"\n")


if __name__ == "__main__":
    main()
