"""A delivery received by a process that is killed at a chosen step: ``python -m tests.intake.killing 100`` tries a hundred.

Steps are the statements and commits of the database, and every file that is opened, made, renamed or removed in the ledger.
"""

import multiprocessing
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Engine, event, text

from tests.intake.deliveries import a_list, as_file
from validator.intake import receive
from validator.intake.ledger import open_ledger

KILLED = 9
_EVENTS = ("open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "shutil.copyfile", "shutil.rmtree")


class Steps:
    """Counts the steps and dies at the chosen one."""

    def __init__(self, last: int, folder: Path) -> None:
        self.seen, self._last, self._folder = 0, last, str(folder)
        sys.addaudithook(self._file)
        event.listen(Engine, "before_cursor_execute", lambda *_: self.step())
        event.listen(Engine, "commit", lambda *_: self.step())

    def _file(self, name: str, arguments: tuple[object, ...]) -> None:
        if name in _EVENTS and str(arguments[0]).startswith(self._folder):
            self.step()

    def step(self) -> None:
        self.seen += 1
        if self.seen == self._last:
            os._exit(KILLED)


def deliver(ledger: Path, url: str, file: Path, last: int, counted: "multiprocessing.Queue[int]") -> None:
    """Receive a file; dies at step ``last``, else says how many steps there were."""
    opened = open_ledger(ledger, url)
    steps = Steps(last, ledger)
    receive.receive(opened, [file])
    counted.put(steps.seen)
    counted.close()
    counted.join_thread()
    opened.close()


@contextmanager
def processes() -> Iterator[multiprocessing.context.BaseContext]:
    """Processes that find everything imported."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.intake.killing", "validator.gate.gx", "validator.gate.suites"])
    yield context


def steps(
    context: multiprocessing.context.BaseContext, ledger: Path, url: str, file: Path, last: int = 0
) -> int | None:
    """Receive in a process of its own: the number of steps, or None where it was killed."""
    counted = context.Queue()
    process = context.Process(target=deliver, args=(ledger, url, file, last, counted))  # type: ignore[attr-defined]
    process.start()
    process.join()
    assert process.exitcode in (0, KILLED), process.exitcode
    return counted.get() if process.exitcode == 0 else None


def whole(ledger: Path, url: str, file: Path) -> list[object]:
    """What is recorded after a kill and a restart at once."""
    opened = open_ledger(ledger, url)
    receive.resume(opened)
    if not _state(opened)[
        0
    ]:  # killed before the delivery was written down: the sender has no answer and sends it again
        receive.receive(opened, [file])
    receive.sweep(opened, timedelta(0))
    left = [each.name for part in (opened.inbox, opened.staging) if part.is_dir() for each in part.iterdir()]
    found = [*_state(opened), len(list(opened.frames.iterdir())), left]
    opened.close()
    return found


def _state(opened: object) -> list[object]:
    with opened.reading() as session:  # type: ignore[attr-defined]
        tables = ("submission", "case_version", "finding", "run")
        return [session.execute(text(f"SELECT count(*) FROM {table}")).scalar() for table in tables]  # noqa: S608


def main(kills: int) -> None:
    """Kill so many times, evenly over all steps."""
    with tempfile.TemporaryDirectory() as folder, processes() as context:
        root = Path(folder)
        file = as_file(root / "a.jsonl", a_list(1), a_list(2, gend=""))
        open_ledger(root / "empty").close()
        shutil.copytree(root / "empty", root / "whole")
        every = steps(context, root / "whole", "", file)
        assert every
        right = whole(root / "whole", "", file)
        for number in range(kills):
            last = 1 + number * every // kills
            ledger = root / f"{number}"
            shutil.copytree(root / "empty", ledger)
            steps(context, ledger, "", file, last)
            found = whole(ledger, "", file)
            assert found == right, (last, found, right)
        print(f"{kills} kills over {every} steps: nothing lost, nothing doubled")  # noqa: T201


if __name__ == "__main__":
    main(int(sys.argv[1]))
