"""What rows gave of a few cases as the frames of a :class:`~validator.checks.results.PartitionResult`."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import polars as pl

from validator.checks import case_rows, findings
from validator.checks.findings import EVIDENCE
from validator.checks.keys import hash_of
from validator.checks.language.columns import as_column
from validator.checks.plan import Plan
from validator.checks.results import PartitionResult
from validator.checks.rows.excess import Excess
from validator.checks.rows.partition import CaseFinding, FewResult


def framed(result: FewResult) -> PartitionResult:
    """The result as columns have it."""
    plan = result.words.plan.plan
    ids = [case["case_id"] for case in result.cases]
    return PartitionResult(
        result.about,
        _compact(result.findings, ids),
        pl.DataFrame(result.cases, schema=case_rows.COUNTED),
        {
            name: _compact((found for _, found in rows), ids).with_columns(_key(plan, name, [key for key, _ in rows]))
            for name, rows in result.repeats.items()
        },
    )


def plain(result: FewResult) -> pl.DataFrame:
    """The findings of checks (not the reader's notes) with ``_value`` and ``_suggested``, the texts as they are."""
    own = [(case, each) for case, each in result.findings if not each.check.id.startswith("read/")]
    texts = pl.DataFrame(
        [each.plain for _, each in own], schema=dict.fromkeys(("_value", "_suggested"), pl.String), orient="row"
    )
    found = _compact(own, [case["case_id"] for case in result.cases])
    return found.rename({"source": "_source", "line": "_line"}).select(*EVIDENCE).hstack(texts)


def _compact(found: Iterable[CaseFinding], ids: list[str]) -> pl.DataFrame:
    """Findings as ``findings.COMPACT``."""
    rows = [
        (
            each.check.id, case, None if case is None else ids[case], each.row, each.value, each.args or None, each.source,
            each.line, each.table, each.field, each.suggested, each.applicability, *_excess(each.excess), each.hidden, each.other,
        )
        for case, each in found
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=findings.COMPACT, orient="row")


def _excess(found: Excess) -> tuple[Decimal | None, int | None, str | None, str | None]:
    """The columns ``findings.EXCESS``."""
    quantity = None if found.quantity is None else Decimal(found.quantity)
    return quantity, found.fen, found.department, found.physician


def _key(plan: Plan, rule: str, keys: list[tuple[Any, ...]]) -> pl.Series:
    """The keys of a rule about the whole batch, as columns have them."""
    check = plan.checks[rule]
    assert check.rule
    columns = {}
    for place, name in enumerate(check.rule.spec["keys"]):
        kind = plan.kind_of(name, check.table)
        assert kind
        columns[name] = as_column([key[place] for key in keys], kind)
    return pl.DataFrame(columns).select(key=hash_of(list(columns))).to_series()
