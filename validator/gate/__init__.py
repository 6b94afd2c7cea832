"""The batch gate: a batch as a whole is accepted or returned, by an expectation suite over its metrics.

A batch's disposition stands next to those of its cases: in a batch that is accepted, cases with errors still go back.
Needs the extra ``gate``: great-expectations is imported when a suite is read, and not before.
"""

import json
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from validator import __version__
from validator.api import Report
from validator.base import files
from validator.base.errors import ZhikongError
from validator.gate.metrics import measure
from validator.gate.verdict import Judgement, Suite, Verdict
from validator.spec.intake import Intake

__all__ = ["Judgement", "Suite", "Verdict", "judge", "read", "write"]


def read(suite: str | Path, limits: Intake | None = None) -> Suite:
    """A suite by its name in ``schemas/gates`` or its JSON file; worth doing before a long check, to know it is right.

    ``limits``: of a profile, which hold besides those of the suite.

    Raises :class:`~validator.base.errors.ConfigError` where the file is wrong.
    """
    if find_spec("great_expectations") is None:
        raise ZhikongError(
            '批次门槛需要 great-expectations，请先安装：pip install "zhikong[gate]"',
            'the batch gate needs great-expectations; install it with: pip install "zhikong[gate]"',
        )
    from validator.gate import suites  # late: great-expectations costs seconds and 200 MB

    found = suites.read(suite)
    return suites.with_limits(found, limits.tolerance, limits.rejects) if limits else found


def judge(
    report: Report,
    suite: str | Path | Suite,
    declared: int | None = None,
    out: Path | None = None,
    further: Mapping[str, tuple[int, int]] | None = None,
) -> Verdict:
    """Accept or return the batch.

    ``declared``: how many cases the sender says there are. ``out``: a folder for the protocol (Data Docs). ``further``:
    numerator and denominator of metrics that the report alone does not tell.
    """
    demands = suite if isinstance(suite, Suite) else read(suite)
    from validator.gate import gx, suites

    metrics = measure(report, declared, further, [name for each in demands.demands for name in each.metrics])
    if metrics["unread_cases"].value:
        demands = suites.everything_read(demands)
    verdict = gx.judge(demands, metrics)
    if out:
        from validator.gate import docs

        docs.write(verdict, report, out)
    return verdict


def write(verdict: Verdict, report: Report, path: Path) -> Path:
    """Write the verdict as JSON: aggregates only, no name of a file or person."""
    head = {"profile": report.profile, "started": report.started.isoformat(timespec="seconds"), "zhikong": __version__}
    text = json.dumps(head | verdict.as_dict(), ensure_ascii=False, indent=1)
    with files.replacing(path) as scratch:
        scratch.write_text(text + "\n", encoding="utf-8", newline="\n")
    return path
