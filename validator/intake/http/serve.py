"""Starting the service: its worker processes under uvicorn, which starts another where one dies."""

import os
import tempfile
from contextlib import suppress
from datetime import timedelta
from typing import Any

import uvicorn

from validator.base import limits
from validator.intake import keys
from validator.intake.http.connection import BoundedHttp
from validator.intake.http.settings import ServeSettings
from validator.intake.http.work import working
from validator.intake.ledger import Ledger

KEEP_ALIVE = 75  #: seconds that an idle connection stays open: HIS clients keep theirs for a minute
_FINISH = 30  #: seconds that requests at work have to end when the service is stopped
_LIFE = timedelta(days=1)
#: Our own lines are JSON already; of uvicorn's only warnings are kept.
_LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(message)s"}},
    "handlers": {"error": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "loggers": {
        "zhikong.http": {"level": "INFO", "handlers": ["error"], "propagate": False},
        "uvicorn": {"level": "WARNING", "handlers": ["error"], "propagate": False},
    },
}


def first_key(ledger: Ledger) -> str | None:
    """A key for a day, where nobody has one that is in use."""
    with ledger.reading() as session:
        if keys.in_use(session):
            return None
    return keys.add(ledger, "zhikong serve", "administrator", "zhikong serve", life=_LIFE)[1]


def serve(settings: ServeSettings, host: str, port: int) -> None:
    """Serve until interrupted."""
    settings.keep()
    os.environ[limits.VARIABLE] = limits.chosen()
    _allow_many_connections()
    with tempfile.TemporaryDirectory(prefix="zhikong-metrics-") as folder:
        if settings.workers > 1:
            os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        with working(settings):
            uvicorn.run(
                "validator.intake.http.app:from_environment", factory=True, host=host, port=port, workers=settings.workers,
                timeout_keep_alive=KEEP_ALIVE, timeout_graceful_shutdown=_FINISH, backlog=2048, access_log=False,
                log_config=_LOGGING, server_header=False, proxy_headers=False, ws="none",
                http=BoundedHttp,
            )  # fmt: skip


def _allow_many_connections() -> None:
    """As many open connections as the system lets this process have."""
    with suppress(ImportError, ValueError, OSError):  # Windows has no such bound
        import resource

        most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
