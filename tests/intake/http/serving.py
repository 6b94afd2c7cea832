"""A real server, in a thread with a client for each role or as a process of its own."""

import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import uvicorn

from validator.intake import keys
from validator.intake.http.app import create
from validator.intake.http.connection import BoundedHttp
from validator.intake.http.settings import ServeSettings
from validator.intake.ledger import open_ledger

if TYPE_CHECKING:
    from fastapi import FastAPI

    from validator.intake.ledger import Ledger

HOSPITAL, OTHER = "H11010500001", "H11010500002"
#: Callers of tests: name -> role and hospital.
CALLERS: dict[str, tuple[keys.Role, str]] = {
    "hospital": ("hospital", HOSPITAL),
    "other": ("hospital", OTHER),
    "reviewer": ("reviewer", ""),
    "administrator": ("administrator", ""),
    "auditor": ("auditor", ""),
}


class Served:
    """A server, its ledger, and clients with keys."""

    def __init__(self, url: str, ledger: "Ledger", app: "FastAPI") -> None:
        self.url, self.ledger, self.app = url, ledger, app
        self._opened = list[httpx.Client]()
        self.clients = {name: self.client(self.key(*each)) for name, each in CALLERS.items()}
        self.clients["nobody"] = self.client("")

    def key(self, role: keys.Role, hospital: str = "", **options: object) -> str:
        return keys.add(self.ledger, f"测试 {role}", role, "tests", hospital=hospital, **options)[1]  # type: ignore[arg-type]

    def client(self, key: str) -> httpx.Client:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._opened.append(httpx.Client(base_url=self.url, headers=headers, trust_env=False, timeout=60))
        return self._opened[-1]

    def close(self) -> None:
        for client in self._opened:
            client.close()

    def __getitem__(self, name: str) -> httpx.Client:
        return self.clients[name]


@contextmanager
def served(folder: Path, **options: object) -> Iterator[Served]:
    """A server on a new ledger below a folder."""
    app = create(ServeSettings(str(folder), **options))  # type: ignore[arg-type]
    server = uvicorn.Server(
        uvicorn.Config(
            app, port=0, log_config=None, access_log=False, ws="none", http=BoundedHttp, timeout_graceful_shutdown=5
        )
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.02)
    ledger = open_ledger(folder, str(options.get("database", "")))
    try:
        port = server.servers[0].sockets[0].getsockname()[1]
        made = Served(f"http://127.0.0.1:{port}", ledger, app)
        yield made
        made.close()
    finally:
        ledger.close()
        server.should_exit = True
        thread.join()


def wait(done, seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end
        time.sleep(0.2)


EXPIRED = timedelta(seconds=-1)


@contextmanager
def running(ledger: Path, workers: int = 2) -> Iterator[tuple[str, str, subprocess.Popen[str]]]:
    """``zhikong serve`` as a process of its own: its address, the key that it printed, its process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "validator",
        "serve",
        "--ledger",
        str(ledger),
        "--workers",
        str(workers),
        "--port",
        str(port),
    ]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, encoding="utf-8"
    ) as process:
        try:
            assert process.stdout
            key = process.stdout.readline().strip().rpartition("：")[2]
            url = f"http://127.0.0.1:{port}"
            wait(lambda: is_ready(url))
            yield url, key, process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


def is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/ready", trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False
