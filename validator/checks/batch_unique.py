"""Rules about the whole batch: keys that must not repeat, whichever partitions their cases lie in."""

import tempfile
from pathlib import Path
from typing import Protocol

import polars as pl

from validator.checks import findings
from validator.checks.evidence import finding_rows
from validator.checks.outcomes import Result
from validator.checks.plan import Plan
from validator.checks.tally import Tally

#: More rows of a partition than this wait on disk for their repetition.
_KEYS_IN_MEMORY = 10_000
#: The compact form of a finding, and the number of its partition.
REPEATED = pl.Schema({**findings.COMPACT, "_part": pl.UInt32()})


class Counts(Protocol):
    """What keeps the outcomes."""

    def tally(self, name: str, tally: Tally) -> None:
        """Add to a check's outcome."""


class Repeats:
    """What must be unique in the whole batch, collected from every partition."""

    def __init__(self, mask: bool) -> None:
        self.mask = mask
        self.rows: dict[str, list[tuple[pl.Series, pl.DataFrame | Path]]] = {}  #: keys, and the rows they stand for
        self.spool: tempfile.TemporaryDirectory[str] | None = None
        self.last: tuple[Plan, Result, int, int] | None = None

    def add(self, plan: Plan, result: Result, number: int, first_source: int) -> None:
        """Keep a partition's keys. The rows of a small one are only fetched when another partition follows."""
        self._fetch_last()
        tables = {check.table for check, _ in result.batch_keys.values()} | {plan.case}
        slim = Result(tables={name: result.tables[name] for name in tables}, batch_keys=result.batch_keys)
        self.last = plan, slim, number, first_source
        if slim.tables[plan.case].height > _KEYS_IN_MEMORY:
            self._fetch_last()

    def _fetch_last(self) -> None:
        for name, (_, keys) in self.last[1].batch_keys.items() if self.last else ():
            self.rows.setdefault(name, []).append(self._kept(self._fetched(name, keys)))
        self.last = None

    def _kept(self, rows: pl.DataFrame) -> tuple[pl.Series, pl.DataFrame | Path]:
        """Few rows in memory, many on disk: hardly any of them is ever wanted again."""
        if rows.height <= _KEYS_IN_MEMORY:
            return rows["key"], rows
        self.spool = self.spool or tempfile.TemporaryDirectory(prefix="zhikong-", ignore_cleanup_errors=True)
        path = Path(self.spool.name) / f"{sum(map(len, self.rows.values()))}.arrow"
        rows.write_ipc(path)
        return rows["key"], path

    def _fetched(self, name: str, keys: pl.DataFrame) -> pl.DataFrame:
        """Rows of the last partition, each as the finding that it may become."""
        assert self.last
        plan, result, number, first_source = self.last
        rows = finding_rows(plan, result.batch_keys[name][0], keys["_i"], result.tables, self.mask)
        found = findings.compact([rows], result.tables[plan.case]["case_id"], first_source)
        return found.with_columns(keys["key"], _part=pl.lit(number, pl.UInt32))

    def found(self, report: Counts) -> pl.DataFrame:
        """The rows whose key another row has too: compact findings with ``_part``; the outcomes are put right."""
        found = [pl.DataFrame(schema=REPEATED)]
        last = self.last[1].batch_keys if self.last else {}
        for name in {**self.rows, **last}:
            before = self.rows.get(name, [])
            keys = [key for key, _ in before] + ([last[name][1]["key"]] if name in last else [])
            every = pl.concat(keys)
            again = every.filter(every.is_duplicated()).unique() if every.len() > 1 else every.head(0)
            if not again.len():
                continue
            twice = pl.col("key").is_in(again.implode())
            met = [each for key, each in before if key.is_in(again.implode()).any()]
            rows = [(pl.read_ipc(each) if isinstance(each, Path) else each).filter(twice) for each in met]
            if name in last:
                rows.append(self._fetched(name, last[name][1].filter(twice)))
            found += [each.drop("key") for each in rows]
            total = sum(each.height for each in rows)
            report.tally(name, Tally(passed=-total, failed=total))
        if self.spool:
            self.spool.cleanup()
        return pl.concat(found)
