"""The service under load: single checks at a steady rate over keep-alive connections, and a burst of connections.

Two workers, as ``zhikong serve --workers 2`` starts them. The client runs in this process, and its CPU time is not counted; latency
is the time from when a request was planned until its answer was whole. CPU time and memory are those of the workers.
"""

import asyncio
import json
import os
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
from judging import messages

from benchmarks.figures import keep, options
from tests.intake.http.serving import running

_HEAD = "POST /v1/check HTTP/1.1\r\nHost: zhikong\r\nAuthorization: Bearer {}\r\nContent-Length: {}\r\n\r\n"


@contextmanager
def serving(workers: int) -> Iterator[tuple[int, str, psutil.Process]]:
    """The service on an empty ledger: its port, its key, its worker processes."""
    with tempfile.TemporaryDirectory() as folder, running(Path(folder), workers) as (url, key, process):
        time.sleep(10)  # all workers are up
        yield int(url.rpartition(":")[2]), key, psutil.Process(process.pid)


class Client:
    """One connection that stays open; it is opened again where the service closes it."""

    def __init__(self, port: int, key: str) -> None:
        self._port, self._key, self.reader, self.writer = port, key, None, None

    async def ask(self, body: bytes) -> tuple[int, bytes]:
        """The status and head of the answer to one check."""
        if self.writer is None:
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self._port)
        self.writer.write(_HEAD.format(self._key, len(body)).encode() + body)
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = next(int(line[15:]) for line in head.lower().splitlines() if line.startswith(b"content-length:"))
        await self.reader.readexactly(length)
        if b"connection: close" in head.lower():
            self.close()
        return int(head.split(b" ", 2)[1]), head

    def close(self) -> None:
        if self.writer:
            self.writer.close()
        self.writer = None


async def steady(
    port: int, key: str, bodies: list[bytes], rate: float, seconds: float, connections: int
) -> tuple[list[float], Counter[int]]:  # fmt: skip
    """Latencies in milliseconds, and statuses, of requests at a steady rate."""
    late, statuses = list[float](), Counter[int]()

    async def one(number: int) -> None:
        client, start = Client(port, key), time.perf_counter() + 0.5
        for turn in range(int(seconds * rate / connections)):
            planned = start + (turn + number / connections) * connections / rate
            await asyncio.sleep(max(0, planned - time.perf_counter()))
            status, _ = await client.ask(bodies[(turn * connections + number) % len(bodies)])
            statuses[status] += 1
            late.append(1e3 * (time.perf_counter() - planned))
        client.close()

    await asyncio.gather(*map(one, range(connections)))
    return sorted(late), statuses


async def burst(port: int, key: str, body: bytes, connections: int) -> Counter[str]:
    """What becomes of so many connections that ask at once."""
    found = Counter[str]()

    async def one() -> None:
        client = Client(port, key)
        try:
            status, head = await asyncio.wait_for(client.ask(body), 60)
            found[f"{status}{' with Retry-After' if b'retry-after' in head.lower() else ''}"] += 1
        except (OSError, asyncio.IncompleteReadError, TimeoutError) as error:
            found[f"dropped: {type(error).__name__}"] += 1
        client.close()

    await asyncio.gather(*(one() for _ in range(connections)))
    return found


def used(root: psutil.Process) -> dict[int, tuple[float, float]]:
    """CPU seconds and megabytes of each worker."""
    found = {}
    for each in root.children(recursive=True):
        times = each.cpu_times()
        found[each.pid] = times.user + times.system, each.memory_info().rss / 1e6
    return found


def report(late: list[float], statuses: Counter[int], before: dict, after: dict, seconds: float) -> dict[str, Any]:
    """The figures of a steady run, printed."""
    cost = {pid: after[pid][0] - before[pid][0] for pid in before if pid in after}
    cost = {pid: spent for pid, spent in cost.items() if spent > 0.02 * seconds}
    grown = {pid: after[pid][1] / before[pid][1] - 1 for pid in cost}
    half, most = (late[int(len(late) * share)] for share in (0.5, 0.99))
    load, each = os.getloadavg()[0], 1e3 * sum(cost.values()) / len(late)
    shares = ", ".join(f"{spent / seconds:.0%}" for spent in cost.values())
    sizes = ", ".join(f"{after[pid][1]:.0f} MB ({grown[pid]:+.1%})" for pid in grown)
    print(f"{len(late)} checks in {seconds:.0f} s: {dict(statuses)}")
    print(f"p50 {half:.1f} ms, p99 {most:.1f} ms; load of the machine, others' too: {load:.1f}")
    print(f"{each:.2f} ms of CPU a check; of a core: {shares}; memory: {sizes}")
    return {
        "checks": len(late), "statuses": statuses, "p50 ms": half, "p99 ms": most, "CPU ms a check": each,
        "growth of memory": list(grown.values()),
    }  # fmt: skip


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--rate", type=float, default=400, help="checks a second")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--burst", type=int, default=1000, help="connections at once")
    given = parser.parse_args()
    bodies = [json.dumps(each, ensure_ascii=False).encode() for each in messages(2000, 1)]
    with serving(given.workers) as (port, key, root):
        asyncio.run(
            steady(port, key, bodies, given.rate / 2, 10, given.connections)
        )  # all is loaded, memory has settled
        before = used(root)
        late, statuses = asyncio.run(steady(port, key, bodies, given.rate, given.seconds, given.connections))
        figures = report(late, statuses, before, used(root), given.seconds)
        figures["burst"] = asyncio.run(burst(port, key, bodies[0], given.burst))
        print(f"burst of {given.burst}: {dict(figures['burst'])}")
        keep(given.json, figures)


if __name__ == "__main__":
    main()
