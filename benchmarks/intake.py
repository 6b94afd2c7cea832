"""How long a delivery takes to be received: read, checked, grouped, judged, recorded and answered by receipts.

``python benchmarks/intake.py [CASES] [--scheme FOLDER]`` prints wall and CPU seconds and the most memory that was in use.
"""

import os
import resource
import tempfile
import time
from pathlib import Path

from benchmarks.figures import keep, options
from validator import api, generate, loaders
from validator.codes.tables import Store
from validator.intake import receipts, views
from validator.intake.ledger import open_ledger
from validator.intake.options import Options
from validator.intake.receive import receive


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("cases", type=int, nargs="?", default=100_000)
    parser.add_argument("--scheme", type=Path, help="a folder with a grouping scheme, to group by")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        generate.write(arguments.cases, 1, 0.1, folder / "lists", "parquet")
        codebooks = folder / "codebooks"
        if arguments.scheme:
            loaders.add(arguments.scheme, Store(codebooks), version="bench")
        ledger = open_ledger(folder / "ledger")
        settings = Options(codebooks=str(codebooks), received="2026-08-01T00:00:00+08:00")
        begun, used = time.perf_counter(), os.times()
        made = receive(ledger, [folder / "lists"], settings)
        received = time.perf_counter() - begun
        catalogue = api.load(settings.profile, (), codebooks)
        for each in receipts.receipts(views.delivery(ledger, made.submission, catalogue)):
            receipts.write(each, folder / "receipts" / each.hospital)
        wall, now = time.perf_counter() - begun, os.times()
        cpu = now.user + now.system - used.user - used.system
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"{arguments.cases:,} cases: {wall:.1f} s ({received:.1f} s to receive, then receipts), {cpu:.1f} s CPU, {memory:,.0f} MB"
        )
        keep(
            arguments.json,
            {"cases": arguments.cases, "s": wall, "s to receive": received, "CPU s": cpu, "MB": memory},
        )
        print(made.state, made.counts)
        ledger.close()


if __name__ == "__main__":
    main()
