"""The application: its routes and what surrounds them. Worker processes make theirs by :func:`from_environment`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.telemetry import TelemetryConfig

from validator import __version__
from validator.intake.http import cases, checks, groups, keys, log, lookups, months, probes, problems, submissions
from validator.intake.http.access import Callers
from validator.intake.http.service import Service
from validator.intake.http.settings import ServeSettings
from validator.intake.http.watch import Watch
from validator.intake.ledger import open_ledger

#: FastAPI could hand requests with their bodies to a collector: nothing leaves this process.
_SILENT: TelemetryConfig = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
}


def from_environment() -> FastAPI:
    """The application of a worker process."""
    return create(ServeSettings.kept())


def create(settings: ServeSettings) -> FastAPI:
    """The application; the ledger is opened when it starts, and closed when it ends."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        ledger = open_ledger(Path(settings.ledger) if settings.ledger else None, settings.database)
        app.state.service = Service(settings, ledger)
        app.state.callers = Callers(app.state.service)
        app.state.service.warm()
        try:
            yield
        finally:
            ledger.close()

    app = FastAPI(
        title="zhikong 质控", version=__version__, lifespan=lifespan, docs_url=None, redoc_url=None, telemetry=_SILENT,
        openapi_url="/openapi.json",
    )  # fmt: skip
    problems.install(app)
    app.add_middleware(Watch, alone=settings.workers == 1)
    for module in (checks, submissions, cases, months, groups, lookups, keys, log, probes):
        app.include_router(module.router)
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]
    return app


def _openapi(app: FastAPI) -> dict[str, Any]:
    """The description, with the one shape of refusals."""
    if not app.openapi_schema:
        made = get_openapi(
            title=app.title, version=app.version, routes=app.routes, openapi_version="3.1.0",
            description="清单上报前的检查，医保经办机构的收单。人看的说明：docs/zh/服务.md",
        )  # fmt: skip
        made["components"]["schemas"]["Problem"] = problems.SCHEMA
        app.openapi_schema = made
    return app.openapi_schema
