"""The whole country on paper: what checking every stay of a year with its charge lines takes, from rates measured on one machine.

python benchmarks/scale_model.py               # prints the tables of docs/scale.md, which a test holds to this model
python benchmarks/scale_model.py --json FILE   # the same and what it rests on as JSON too
"""

import heapq
import random
import sys
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))


class Rates(NamedTuple):
    """What was measured (28 November 2026, two cores of an AMD EPYC, shared); docs/scale.md names the commands."""

    list_bytes: int = 270  #: a list with its diagnoses, operations, items and payments, as Parquet
    line_bytes: int = 9  #: a charge line, as Parquet
    lines_a_core_s: int = 82_000  #: charge lines, the lists that they are of included
    result_bytes: int = 85  #: what a checked case hands back: its row, findings, keys of the batch
    merge_s: float = 0.020  #: CPU seconds of taking in one unit's result
    unit_gb: float = 0.6  #: memory of one unit at work, the input read ahead included


class Country(NamedTuple):
    """What is assumed of a year."""

    stays: int = 300_000_000
    lines_a_stay: int = 200
    hospitals: int = 40_000
    skew: float = 0.375  #: a hospital's stays fall with this power of its rank: the largest has a quarter of a million
    regions: int = 400  #: 统筹区
    unit_stays: int = 3_500  #: a unit of work: some 700,000 rows
    real: int = 4  #: times the bytes of generated data, whose texts repeat more than people's
    copies: int = 3  #: that storage keeps
    month_end: float = 0.5  #: share of a month's lists that arrive in its last two working days, of eight hours each
    busiest_region: float = 0.05  #: share of all lists
    core_hour: float = 0.3  #: yuan, as rented
    engine: float = 1.2  #: what Spark may take for one second of the embedded engine


class Cluster(NamedTuple):
    """What a run has."""

    cores: int
    slow: float = 0.05  #: share of cores that are half as quick
    fail: float = 0.005  #: share of attempts that end in the middle and are made again


class Run(NamedTuple):
    """How a run went."""

    seconds: float
    ideal: float  #: with no slow core, no failure and equal shares
    attempts: int
    done: int

    @property
    def stretch(self) -> float:
        """How many times the ideal it took."""
        return self.seconds / self.ideal


def simulate(work: Sequence[float], cluster: Cluster, seed: int = 1) -> Run:
    """Run units that take ``work`` CPU seconds each, whichever core is free taking the next; a failed one goes to the end again."""
    draw = random.Random(seed)  # noqa: S311 - the same run for the same seed
    slow = [n < cluster.cores * cluster.slow for n in range(cluster.cores)]
    free = [(0.0, core) for core in range(cluster.cores)]
    waiting, attempts, done, end = deque(work), 0, 0, 0.0
    while waiting:
        now, core = heapq.heappop(free)
        seconds, attempts = waiting.popleft(), attempts + 1
        takes = seconds * draw.lognormvariate(0, 0.15) * (2 if slow[core] else 1)
        if draw.random() < cluster.fail:
            waiting.append(seconds)
            takes *= draw.random()
        else:
            done += 1
        end = max(end, now + takes)
        heapq.heappush(free, (now + takes, core))
    return Run(end, sum(work) / cluster.cores, attempts, done)


def hospitals(country: Country) -> list[int]:
    """The stays of each hospital, the largest first."""
    weights = [rank**-country.skew for rank in range(1, country.hospitals + 1)]
    scale = country.stays / sum(weights)
    return [round(each * scale) for each in weights]


def core_seconds(stays: float, country: Country, rates: Rates) -> float:
    """What checking some stays with their lines takes."""
    return stays * country.lines_a_stay / rates.lines_a_core_s * country.engine


def by_case(country: Country, rates: Rates) -> list[float]:
    """The work of units cut by a hash of the case: all alike."""
    units = -(-country.stays // country.unit_stays)
    return [core_seconds(country.unit_stays, country, rates)] * units


def by_hospital(country: Country, rates: Rates) -> list[float]:
    """The work of units that are a hospital's year each, in any order."""
    work = [core_seconds(stays, country, rates) for stays in hospitals(country)]
    random.Random(2).shuffle(work)  # noqa: S311 - the same order each time
    return work


def year_bytes(country: Country, rates: Rates) -> float:
    """The input of a year, as Parquet."""
    return country.stays * country.real * (rates.list_bytes + country.lines_a_stay * rates.line_bytes)


def storage(country: Country, rates: Rates) -> list[tuple[str, str]]:
    """What a year takes on disk."""
    lists = country.stays * rates.list_bytes * country.real
    files = year_bytes(country, rates)
    return [
        ("lists", _bytes(lists)),
        (f"{country.stays * country.lines_a_stay / 1e9:.0f} billion charge lines", _bytes(files - lists)),
        (f"both, {country.copies} copies", _bytes(files * country.copies)),
        ("results of a run (case rows, findings, keys)", _bytes(country.stays * rates.result_bytes)),
        (f"a month of an average 统筹区 (of {country.regions})", _bytes(files / country.regions / 12)),
        (
            "files of one hospital's month, one a table",
            f"{country.hospitals * 12 * 8 / 1e6:.1f} million, {_bytes(files / country.hospitals / 12 / 8)} on average",
        ),
        ("files of 256 MB by 统筹区 and month", f"{files / 256e6:,.0f}"),
    ]


def runs(country: Country, rates: Rates) -> list[tuple[str, ...]]:
    """The year checked by clusters of some sizes."""
    units, merging = by_case(country, rates), -(-country.stays // country.unit_stays) * rates.merge_s
    total = year_bytes(country, rates)
    rows = []
    for cores in (64, 256, 1024):
        run = simulate(units, Cluster(cores))
        skewed = simulate(by_hospital(country, rates), Cluster(cores))
        spent = max(run.seconds, merging)
        rows.append(
            (
                f"{cores:,}", f"{cores * rates.unit_gb:,.0f} GB", _hours(run.seconds), f"{run.stretch:.2f}", _hours(skewed.seconds),
                _hours(merging), f"{total / spent / 1e9:.1f} GB/s", f"{cores * spent / 3600 * country.core_hour:,.0f} yuan",
            )
        )  # fmt: skip
    return rows


def limits(country: Country, rates: Rates) -> list[tuple[str, str, str]]:
    """What grows with the country, and what it comes to."""
    stays, units, largest = country.stays, -(-country.stays // country.unit_stays), hospitals(country)[0]
    arriving = stays / 12 * country.month_end / (2 * 8 * 3600)
    lines = largest * country.lines_a_stay / 1e6
    alone = core_seconds(largest, country, rates)
    millions = f"{stays / 1e6:.0f} million"
    merging = f"{units:,} units × {rates.merge_s * 1000:.0f} ms"
    return [
        ("results merged by one driver", merging, _hours(units * rates.merge_s)),
        ("keys of the batch in the driver", f"8 bytes × {millions}, sorted rule by rule", _bytes(8 * stays)),
        (
            "rows of all cases in one table",
            f"{millions} × {rates.result_bytes} bytes",
            _bytes(stays * rates.result_bytes),
        ),
        ("moved where input is not kept by case", "all of it, once", _bytes(year_bytes(country, rates))),
        (
            "the largest hospital's year as one unit",
            f"{largest:,} stays, {lines:.0f} million lines",
            f"{alone:,.0f} s on one core",
        ),
        ("lists a second in the last two days of a month", "the country", f"{arriving:,.0f}"),
        (
            "the same in the busiest 统筹区",
            f"{country.busiest_region:.0%} of all",
            f"{arriving * country.busiest_region:,.0f}",
        ),
    ]


Rows = list[tuple[str, ...]]


def computed(country: Country, rates: Rates) -> list[tuple[tuple[str, ...], Rows]]:
    """The tables of docs/scale.md: head and rows of each."""
    heads = ("cores", "memory", "by case", "times the ideal", "by hospital", "merging, one driver", "read", "cost")
    return [
        (("a year", "as Parquet"), [*storage(country, rates)]),
        (heads, [*runs(country, rates)]),
        (("what", "made of", "comes to"), [*limits(country, rates)]),
    ]


def tables(country: Country | None = None, rates: Rates | None = None) -> str:
    """The tables of docs/scale.md, in Markdown."""
    return "\n\n".join(_table(*each) for each in computed(country or Country(), rates or Rates()))


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(each)} |" for each in (head, ["---"] * len(head), *rows))


def _hours(seconds: float) -> str:
    return f"{seconds / 3600:.1f} h" if seconds >= 3600 else f"{seconds / 60:.0f} min"


def _bytes(count: float) -> str:
    for unit, size in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count / 1e3:.0f} kB"


def main() -> None:
    """Print the tables."""
    from benchmarks.figures import keep, options

    asked = options(__doc__).parse_args()
    country, rates = Country(), Rates()
    made = [[dict(zip(heads, row, strict=True)) for row in rows] for heads, rows in computed(country, rates)]
    keep(asked.json, {"country": country._asdict(), "rates": rates._asdict(), "tables": made})
    print(tables(country, rates))


if __name__ == "__main__":
    main()
