"""Deliveries as they come: streamed to the disk, and resumed where a connection broke.

The part that has come lies in the ledger's folder ``uploads`` under a hash of sender and request. Who continues it takes it for
itself by renaming it, so that two connections never write to one file.
"""

import uuid
from hashlib import file_digest, sha256
from pathlib import Path

from validator.base import clock
from validator.intake.http.problems import ProblemError
from validator.intake.ledger import Ledger

_KEPT = 24 * 3600  #: seconds for which a part is kept


class Upload:
    """One delivery on its way."""

    def __init__(self, ledger: Ledger, sender: str, request: str) -> None:
        self._folder = ledger.folder / "uploads"
        self._name = sha256(f"{sender}\n{request}".encode()).hexdigest()
        self.own = self._folder / f"{self._name}.{uuid.uuid4().hex}"

    @property
    def _left(self) -> Path:
        return self._folder / f"{self._name}.part"

    @property
    def size(self) -> int:
        """How many bytes have come, in connections that broke."""
        return self._left.stat().st_size if self._left.is_file() else 0

    def begin(self, offset: int) -> None:
        """Continue at ``offset``; raises where fewer bytes have come."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        if self.size < offset:
            zh, en = f"只收到 {self.size} 字节，请从那里续传", f"{self.size} bytes have come; continue there"
            raise ProblemError("conflict", zh, en)
        try:
            self._left.rename(self.own)
        except FileNotFoundError:
            self.own.touch()
        with self.own.open("r+b") as file:
            file.truncate(offset)

    def keep(self) -> None:
        """Leave what has come for another connection."""
        self.own.replace(self._left)

    def drop(self) -> None:
        """Forget it."""
        self.own.unlink(missing_ok=True)

    def digest(self) -> str:
        """The SHA-256 of what has come."""
        with self.own.open("rb") as file:
            return file_digest(file, "sha256").hexdigest()


def sweep(ledger: Ledger) -> None:
    """Remove parts that nobody continued."""
    folder, oldest = ledger.folder / "uploads", clock.now().timestamp() - _KEPT
    for left in folder.iterdir() if folder.is_dir() else ():
        if left.stat().st_mtime < oldest:
            left.unlink(missing_ok=True)
