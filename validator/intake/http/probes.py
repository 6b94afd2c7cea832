"""For those who run the service: whether it lives, whether it can work, its figures."""

import os

from fastapi import APIRouter, Depends
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Gauge, generate_latest, multiprocess
from sqlalchemy import func, select
from starlette.requests import Request
from starlette.responses import Response

from validator.intake.http.access import Allowed, service_of
from validator.intake.http.answers import ALWAYS, Alive
from validator.intake.http.problems import busy, documented
from validator.intake.ledger.models import Job

router = APIRouter(tags=["service"])


@router.get("/health", responses=documented("bad-request"))
async def health() -> Alive:
    """Whether the process answers."""
    return Alive(status="ok")


@router.get("/ready", responses=documented("busy"))
def ready(request: Request) -> Alive:
    """Whether the ledger can be used; 503 where not."""
    if not service_of(request).is_ready():
        raise busy(5)
    return Alive(status="ok")


@router.get(
    "/metrics",
    response_class=Response,
    responses={**ALWAYS, 200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
    dependencies=[Depends(Allowed("read", "administrator", "auditor"))],
)
def metrics(request: Request) -> Response:
    """Figures for Prometheus, of all processes; none is of one institution."""
    registry = CollectorRegistry()
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        shown = generate_latest(registry)
    else:
        shown = generate_latest(REGISTRY)
    return Response(shown + _jobs(request), media_type=CONTENT_TYPE_LATEST)


def _jobs(request: Request) -> bytes:
    """How many jobs there are, by state, as the ledger has it."""
    registry = CollectorRegistry()
    gauge = Gauge("zhikong_jobs", "Deliveries by the state of their job", ["state"], registry=registry)
    with service_of(request).ledger.reading() as session:
        for state, number in session.execute(select(Job.state, func.count()).group_by(Job.state)):
            gauge.labels(state).set(number)
    return generate_latest(registry)
