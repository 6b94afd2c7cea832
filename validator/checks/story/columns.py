"""The story of a partition: its lists compared with the case records that came with them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from validator.base.language import say
from validator.checks.findings import COMPACT
from validator.checks.story.compare import comparer
from validator.checks.story.stays import Companions, DocumentRows
from validator.checks.tally import Tally
from validator.read.partition import Companion, Partition
from validator.spec.catalogue import Catalogue


@dataclass
class StoryResult:
    """What comparing a partition found."""

    findings: pl.DataFrame = field(default_factory=COMPACT.to_frame)
    tallies: dict[str, Tally] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    keys: Counter[str] = field(default_factory=Counter)  #: key, in words -> how many stays were brought together by it


def compare(catalogue: Catalogue, part: Partition, wanted: frozenset[str], *, mask: bool) -> StoryResult:
    """Compare a partition of lists with its companions."""
    result, ids = StoryResult(), part.tables[part.case]["case_id"]
    for companion in part.companions:
        _compare(catalogue, part, companion, wanted, result, ids, mask=mask)
        for key, count in companion.key.drop_nulls().value_counts().iter_rows():
            names = catalogue.story.keys[key]
            result.keys[say(names.name_zh, names.name_en)] += count
    return result


def _compare(
    catalogue: Catalogue, part: Partition, companion: Companion, wanted: frozenset[str], result: StoryResult,
    ids: pl.Series, *, mask: bool,
) -> None:  # fmt: skip
    """Compare the partition with one companion; what that gives goes into the result."""
    other, compare = companion.part, comparer(catalogue, part.layout, companion.part.layout)
    homes = pl.DataFrame({"_case": companion.home}).with_row_index("_there").drop_nulls().sort("_case")
    cases: list[tuple[int, int]] = homes.select("_case", "_there").rows()
    here, there = compare.fields
    mine = _rows(part, here, {case for case, _ in cases})
    theirs = _rows(other, there, {case for _, case in cases})
    compared = Companions(compare, mine, theirs, other.editions)
    went, found = compared.compare(cases, mask=mask)
    for name, tally in went.tallies.items():
        if name in wanted:
            result.tallies.setdefault(name, Tally()).add(tally)
    rows = [
        {**each.columns, "_case": each.case, "case_id": ids[each.case]}
        for each in found
        if each.columns["check"] in wanted
    ]
    result.findings = pl.concat([result.findings, pl.DataFrame(rows, schema=COMPACT)])
    result.reasons |= {name: text for name, text in compared.reasons().items() if name in result.tallies}


def _rows(part: Partition, fields: Mapping[str, Sequence[str]], cases: set[int]) -> DocumentRows:
    """The rows of a partition's cases that are compared, as plain values."""
    found: dict[str, dict[int, list[dict[str, Any]]]] = {}
    for table, names in fields.items():
        frame = part.tables.get(table)
        if frame is None:
            continue
        there = [name for name in names if name in frame.columns]
        by_case = found[table] = {}
        for row in frame.select("_case", "_row", "_source", "_line", *there).iter_rows(named=True):
            if row["_case"] in cases:
                by_case.setdefault(row["_case"], []).append(row)
    return DocumentRows(part.case, found, part.sources)
