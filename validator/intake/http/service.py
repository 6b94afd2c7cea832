"""What the routes of one process share: the settings, the ledger, the catalogue."""

import gc
import time
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI

from validator import api
from validator.base import files
from validator.base.errors import ZhikongError
from validator.checks.rows import judging
from validator.checks.rows.judging import OneByOne, StayMessages
from validator.intake.http.settings import ServeSettings
from validator.intake.ledger import Ledger
from validator.spec.catalogue import Catalogue

if TYPE_CHECKING:
    from validator.intake.http.grouping import ListGrouping


class Service:
    """Made once for a process; the ledger is the caller's to close."""

    def __init__(self, settings: ServeSettings, ledger: Ledger) -> None:
        self.settings, self.ledger = settings, ledger
        self._grouping: ListGrouping | None = None
        self._making = Lock()
        self._one_by_one: tuple[float, OneByOne] | None = None

    @property
    def judging(self) -> dict[str, Any]:
        """By what lists are judged, for :func:`validator.judge_many`."""
        given = self.settings
        return {"profile": given.profile, "rules": given.rules, "codebooks": given.codebooks}

    @property
    def one_by_one(self) -> OneByOne:
        """What judges single lists. Whether code tables were added is looked up once a second: it can take a tenth of a check."""
        now = time.monotonic()
        if self._one_by_one is None or self._one_by_one[0] < now - 1:
            self._one_by_one = now, judging.one_by_one(**self.judging)
        return self._one_by_one[1]

    @property
    def receiving(self) -> dict[str, Any]:
        """How deliveries are judged, for :class:`validator.intake.options.Options`."""
        return {**self.judging, "gate": self.settings.gate}

    @property
    def codebooks(self) -> Path | None:
        """The folder of code tables; None: the user's."""
        return Path(self.settings.codebooks) if self.settings.codebooks else None

    @cached_property
    def catalogue(self) -> Catalogue:
        """All rules, fields and value sets in use."""
        return api.load(**self.judging)

    def grouping(self) -> "ListGrouping":
        """Groups of single lists; raises where no scheme is loaded."""
        from validator.intake.http.grouping import ListGrouping

        with self._making:
            if self._grouping is None:
                self._grouping = ListGrouping(self.settings.profile, self.settings.codebooks)
            return self._grouping

    def warm(self) -> None:
        """Make what the first request of each interface would wait for."""
        for layout in self.catalogue.layouts.of("list"):
            golden = files.data("schemas") / "layouts" / layout / "golden.json"
            if golden.is_file():
                self.one_by_one.read(StayMessages(golden.read_bytes()), 0).findings  # noqa: B018 (words are made when asked for)
        gc.collect()
        gc.freeze()  # the catalogue stays: going through it again and again would hold up a request now and then

    def is_ready(self) -> bool:
        """Whether the ledger answers."""
        try:
            with self.ledger.reading() as session:
                session.connection()
        except (OSError, ZhikongError, Exception):  # noqa: BLE001 (whatever the driver raises, it is not ready)
            return False
        return True


def of(app: FastAPI) -> Service:
    """The service of an application."""
    service: Service = app.state.service
    return service
