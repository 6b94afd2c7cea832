"""Tables of Spark checked where they are: Hive, Iceberg, Delta, JDBC, whatever is a DataFrame.

>>> from validator import spark as zhikong
>>> result = zhikong.check(spark, {name: spark.table(f"claims.{name}") for name in ("setlinfo", "diseinfo", "oprninfo")})
>>> result.report.write("report.html")
>>> result.findings.where("level = 'error'").write.saveAsTable("claims.findings")
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial, reduce
from pathlib import Path

import polars as pl
import pyarrow as pa
from pyspark import StorageLevel, TaskContext
from pyspark.sql import DataFrame, SparkSession

from validator.api import Report, plan_for
from validator.base import language, limits
from validator.base.errors import InputError
from validator.base.language import Lang, say
from validator.checks import judge
from validator.checks.results import notes_from_bytes, notes_to_bytes
from validator.distribute import spark_tables
from validator.distribute.checking import CheckOptions, Merging, Task, counter, place_of
from validator.distribute.engines import Unfinished, ended, in_time
from validator.distribute.packed import PackedRows
from validator.read import frames
from validator.read.file_notes import unreadable
from validator.read.partition import Note, Partition
from validator.spec.catalogue import Catalogue

Job = Callable[[Callable[[Catalogue], Iterable[Partition]]], bytes | Unfinished]
COLUMNS = "partition int, content binary, reason string, notes binary"
#: A partition's number, what the task made of it, else why it made nothing, and notes of whole tables.
_JUDGED = pa.schema(
    [("partition", pa.int32()), ("content", pa.binary()), ("reason", pa.string()), ("notes", pa.binary())]
)


@dataclass(frozen=True)
class CheckedTables:
    """What was found: as a report, and as tables of Spark."""

    report: Report
    spark: SparkSession

    @property
    def findings(self) -> DataFrame:
        """Every finding (``Report.findings``)."""
        return self._table(self.report.iter_findings())

    @property
    def outcomes(self) -> DataFrame:
        """Every check with its denominator (``Report.outcomes``)."""
        return self._table([self.report.outcomes])

    @property
    def cases(self) -> DataFrame:
        """Every case (``Report.cases``)."""
        return self._table([self.report.cases])

    def _table(self, parts: Iterable[pl.DataFrame]) -> DataFrame:
        made = [
            self.spark.createDataFrame(_signed(part).to_arrow(compat_level=pl.CompatLevel.oldest())) for part in parts
        ]
        return reduce(DataFrame.unionAll, made)


def check(
    spark: SparkSession,
    tables: Mapping[str, DataFrame],
    profile: str = "national",
    *,
    rules: Iterable[str | Path] = (),
    codebooks: str | Path | None = None,
    stage: str = "",
    record_edition: str = "",
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    layout: str | None = None,
    mask: bool = True,
    lang: Lang | None = None,
    partitions: int | None = None,
    to: str | None = None,
) -> CheckedTables:
    """Check tables (name or title of the table -> DataFrame) as :func:`validator.check` does, on the cluster.

    ``partitions``: how many, else about 30,000 cases or 700,000 rows each. ``to``: a folder of the cluster that keeps what
    the tasks yielded, as Parquet; otherwise this waits on the disks of its machines. The other options are those of
    :func:`validator.check`; the paths among them must be there on every machine. The edition of the codes of case records is
    what ``record_edition`` or the profile says.
    """
    options = CheckOptions(
        profile, tuple(map(Path, rules)), Path(codebooks) if codebooks else None, stage, tuple(select), tuple(ignore), mask=mask,
        lang=lang or language.current(), limits=limits.chosen(), layout=layout,
        record_edition=record_edition,
    )  # fmt: skip
    with language.speaking(options.lang):
        report = options.report([say("Spark 的表", "tables of Spark")])
        report.ungrouped = counter(options)
        merging = Merging(report, report.ungrouped)
        known = report.catalogue
        together = spark_tables.brought_together(tables, known.layouts, layout, partitions)
        reading = PackedRows(together.tables, layout, record_edition or known.profile.record_edition)
        task = partial(_judged, in_time(Task(options).of), reading, _tries(spark))
        judged = together.rows.mapInArrow(task, COLUMNS)
        if to:
            judged.write.parquet(to)
            judged = spark.read.parquet(to)
        else:
            judged = judged.persist(StorageLevel.DISK_ONLY)
            judged.count()  # all of them at once: an iterator makes one after another
        aside, reason = list[Note](), None
        for number, content, reason, notes in judged.toLocalIterator():
            if reason:
                name = say(
                    f"第 {number + 1} 分区（共 {together.partitions} 个）",
                    f"partition {number + 1} of {together.partitions}",
                )
                aside.append(unreadable(name, reason))
            else:
                merging.add(number, bytes(content))
                aside += notes_from_bytes(bytes(notes))
        judged.unpersist()
        if not merging.cases:
            raise InputError(reason, reason) if reason else frames.no_case()
        whole = reading.of_tables(aside, known)
        plan = plan_for(known, whole)
        wanted = report.choice.among(plan)
        report.merge(judge.judge(plan, whole, wanted, place_of(together.partitions), mask=mask))
    return CheckedTables(report, spark)


def _judged(job: Job, reading: PackedRows, tries: int, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """What a task of Spark makes of a partition: a row of :data:`_JUDGED`; none of an empty one. ``job``: ``Task.of``, in time."""
    context = TaskContext.get()
    assert context
    if not (some := [batch for batch in batches if batch.num_rows]):
        return
    found: bytes | Unfinished
    aside = list[Note]()
    if 1 < tries <= context.attemptNumber() + 1:
        found = ended(tries - 1)
    else:
        rows = pl.DataFrame(pa.Table.from_batches(some))
        some.clear()
        found = job(partial(reading.partitions, rows, aside))
    content, reason = (None, found.reason) if isinstance(found, Unfinished) else (found, None)
    row = context.partitionId(), content, reason, notes_to_bytes(aside)
    yield pa.RecordBatch.from_pylist([dict(zip(_JUDGED.names, row, strict=True))], schema=_JUDGED)


def _tries(spark: SparkSession) -> int:
    """How often Spark starts a task before it gives the job up: the last time, the task itself gives up its partition."""
    context = spark.sparkContext
    if local := re.fullmatch(r"local(?:\[[^,\]]*(?:,\s*(\d+))?\])?", context.master or ""):
        return int(local[1] or 1)
    return int(context.getConf().get("spark.task.maxFailures") or 4)


def _signed(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame without unsigned numbers, which Spark does not know."""
    source = pl.col(pl.Struct).struct.with_fields(pl.field("row").cast(pl.Int64))
    return frame.with_columns(pl.col(pl.UInt32).cast(pl.Int64), source)
