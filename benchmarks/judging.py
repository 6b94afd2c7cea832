"""One list at a time, as a service judges it: CPU time of generated 4101 lists and how much memory many different ones take."""

import argparse
import resource
import time

from validator import generate, judge


def messages(count: int, seed: int) -> list[dict[str, object]]:
    found = []
    for part, _ in generate.partitions(count, seed, 0.8, "4101"):
        rows = {
            name: frame.drop("case_id", strict=False).rows_by_key("_case", named=True, include_key=False)
            for name, frame in part.tables.items()
        }
        for number in range(part.tables[part.case].height):
            nodes = {name: [clean(row) for row in cases.get(number, [])] for name, cases in rows.items()}
            nodes[part.case] = nodes[part.case][0]
            found.append({"infno": "4101", "input": nodes})
    return found


def clean(row: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in row.items() if not name.startswith("_")}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--cases", type=int, default=2_000)
    options.add_argument(
        "--rounds", type=int, default=1, help="further rounds of other lists, for the growth of memory"
    )
    given = options.parse_args()
    times = list[float]()
    for seed in range(given.rounds):
        for number, message in enumerate(messages(given.cases, seed)):
            before = time.process_time()
            judge(message).counts()
            times.append(time.process_time() - before)
            if number == 0 and seed == 0:
                print(f"first list of the process: {times.pop() * 1e3:.0f} ms of CPU, what is kept loaded")
        print(f"{len(times) + 1} lists, {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB at most")
    times.sort()
    half, worst = times[len(times) // 2], times[int(len(times) * 0.99)]
    print(f"p50 {half * 1e3:.2f} ms, p99 {worst * 1e3:.2f} ms, {len(times) / sum(times):.0f} a second and core")


if __name__ == "__main__":
    main()
