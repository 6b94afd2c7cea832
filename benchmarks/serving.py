"""The service under load: single checks at a steady rate over keep-alive connections, and a burst of connections.

Two workers, as ``zhikong serve --workers 2`` starts them. The client runs in this process, and its CPU time is counted apart; latency
is the time from when a request was planned until its answer was whole. CPU time and memory are those of the workers. The last line
says which aims were met; the exit code is 1 where one was missed.
"""

import asyncio
import json
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import uvloop
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
    """CPU seconds and megabytes of each process of the service."""
    found = {}
    for each in root.children(recursive=True):
        times = each.cpu_times()
        found[each.pid] = times.user + times.system, each.memory_info().rss / 1e6
    return found


def figures(late: list[float], statuses: Counter[int], before: dict, after: dict, seconds: float) -> dict[str, Any]:
    """What a steady run cost; of the service's processes only those that did something."""
    cost = {pid: after[pid][0] - before[pid][0] for pid in before if pid in after}
    cost = {pid: spent for pid, spent in cost.items() if spent > 0.02 * seconds}
    total = sum(cost.values())
    return {
        "checks": len(late), "seconds": seconds, "statuses": dict(statuses), "p50_ms": late[len(late) // 2],
        "p99_ms": late[int(len(late) * 0.99)], "cpu_ms_a_check": 1e3 * total / len(late),
        "cores": [spent / seconds for spent in cost.values()], "megabytes": [after[pid][1] for pid in cost],
        "growth": max((after[pid][1] / before[pid][1] - 1 for pid in cost), default=0.0), "load": os.getloadavg()[0],
    }  # fmt: skip


def report(found: dict[str, Any]) -> None:
    """Print the figures of a steady run."""
    shares, sizes = (
        ", ".join(f"{each:.0%}" for each in found["cores"]),
        ", ".join(f"{each:.0f} MB" for each in found["megabytes"]),
    )
    print(f"{found['checks']} checks in {found['seconds']:.0f} s: {found['statuses']}")
    print(
        f"p50 {found['p50_ms']:.1f} ms, p99 {found['p99_ms']:.1f} ms; load of the machine, others' too: {found['load']:.1f}"
    )
    print(
        f"{found['cpu_ms_a_check']:.2f} ms of CPU a check ({2e3 / found['cpu_ms_a_check']:.0f} a second are two full cores)",
        end="",
    )
    print(f"; of a core: {shares}; client: {found['client_cores']:.0%}; memory: {sizes} ({found['growth']:+.1%})")


def missed(found: dict[str, Any], rate: float) -> list[str]:
    """The aims that were not met."""
    aims = {
        "all answered 200": found["statuses"].keys() == {200},
        f"{rate:.0f} a second for {found['seconds']:.0f} s, p99 < 50 ms": found["p99_ms"] < 50,
        "growth < 5 %": found["growth"] < 0.05,
        "burst answered or refused politely": not any(each.startswith("dropped") for each in found["burst"]),
    }
    return [aim for aim, met in aims.items() if not met]


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--rate", type=float, default=400, help="checks a second")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--burst", type=int, default=1000, help="connections at once")
    parser.add_argument("--client-nice", type=int, default=0, help="niceness of the client, which shares the cores")
    parser.add_argument("--client-core", type=int, help="the one core that the client may run on (Linux)")
    given = parser.parse_args()
    bodies = [json.dumps(each, ensure_ascii=False).encode() for each in messages(2000, 1)]
    with serving(given.workers) as (port, key, root):
        os.nice(given.client_nice)
        if given.client_core is not None:
            os.sched_setaffinity(0, {given.client_core})
        load = partial(steady, port, key, bodies, connections=given.connections)
        uvloop.run(load(given.rate / 2, 10))  # all is loaded, memory has settled
        before, client = used(root), time.process_time()
        late, statuses = uvloop.run(load(given.rate, given.seconds))
        found = figures(late, statuses, before, used(root), given.seconds)
        found["client_cores"] = (time.process_time() - client) / given.seconds
        report(found)
        found["burst"] = dict(uvloop.run(burst(port, key, bodies[0], given.burst)))
    print(f"burst of {given.burst}: {found['burst']}")
    found["missed"] = missed(found, given.rate)
    keep(given.json, found)
    print(f"missed: {', '.join(found['missed'])}" if found["missed"] else "all aims met")
    sys.exit(bool(found["missed"]))


if __name__ == "__main__":
    main()
