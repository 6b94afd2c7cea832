"""Tables of Spark checked on the cluster: row for row what one process finds in the same tables, however they are cut."""

import os
import runpy
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

import polars as pl
import pytest

pytest.importorskip("pyspark")

from pyspark.sql import DataFrame, SparkSession

from tests.distribute.test_engines import run
from validator import api, generate
from validator import spark as on_spark
from validator.api import Report
from validator.base.errors import InputError
from validator.distribute import engines, running
from validator.distribute import spark as engine
from validator.distribute.checking import CheckOptions
from validator.distribute.engines import ATTEMPTS
from validator.distribute.packed import PackedRows

LAYOUTS = api.load().layouts
#: What makes a short run of Spark cheap.
CHEAP = {
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.shuffle.partitions": "2",
    "spark.ui.enabled": "false",
}


@pytest.fixture(scope="module")
def spark() -> Iterator[SparkSession]:
    made = engine.session("local[2]", settings=CHEAP)
    yield made
    made.stop()


def tables(cases: int, seed: int, interface: str = "4101") -> dict[str, pl.DataFrame]:
    """Tables as a data warehouse has them: each row of a child table names its settlement and its stay."""
    part, _ = next(generate.partitions(cases, seed, defects=0.5, interface=interface))
    keys = part.tables[part.case].select("_case", *LAYOUTS[interface].interface.keys[:2])
    found = {}
    for name, frame in part.tables.items():
        lacking = [key for key in keys.columns if key not in frame.columns]
        full = frame.join(keys.select("_case", *lacking), on="_case", how="left", maintain_order="left")
        found[name] = full.drop([each for each in full.columns if each[0] == "_" or each == "case_id"])
    return found


def with_row(frame: pl.DataFrame, row: int, **values: str | None) -> pl.DataFrame:
    """The table with a copy of a row, changed, at its end."""
    return pl.concat(
        [frame, frame[row].with_columns(pl.lit(each, pl.String).alias(name) for name, each in values.items())]
    )


def of_spark(spark: SparkSession, given: Mapping[str, pl.DataFrame]) -> dict[str, DataFrame]:
    return {
        name: spark.createDataFrame(frame.to_arrow(compat_level=pl.CompatLevel.oldest()))
        for name, frame in given.items()
    }


def assert_same(local: Report, other: Report) -> None:
    """The same rows. Those that say the same are numbered as they come, which is part of their fingerprints."""
    for name in ("findings", "outcomes", "cases"):
        one, two = (getattr(each, name) for each in (local, other))
        if name == "findings":
            assert sorted(one["fingerprint"]) == sorted(two["fingerprint"])
            one, two = (
                each.drop("fingerprint").with_columns(pl.col(pl.Struct).struct.json_encode()) for each in (one, two)
            )
        assert one.sort(pl.all()).equals(two.sort(pl.all())), name
    assert local.counts() == other.counts()


def test_tables_with_every_kind_of_fault(spark: SparkSession) -> None:
    given = tables(150, 5)
    ids = given["setlinfo"]["setl_id"]
    given["setlinfo"] = with_row(given["setlinfo"], 3, psn_name="王二", medcasno="T-1")  # settled twice
    given["setlinfo"] = with_row(given["setlinfo"], 4, setl_id=None, mdtrt_id=None, medcasno=None)
    number = pl.col("age").cast(pl.Float64, strict=False)
    begun = pl.col("adm_time").str.to_datetime(strict=False)
    given["setlinfo"] = given["setlinfo"].with_columns(number, begun, 备注=pl.lit("x"))
    disease = with_row(given["diseinfo"], 0, setl_id="nobody's")
    disease = with_row(with_row(disease, 1, setl_id=" "), 7, setl_id=None)
    full_width = "".join(chr(ord(each) + 0xFEE0) if each.isascii() else each for each in ids[9])
    given["diseinfo"] = with_row(disease, 2, setl_id=f"00{full_width}")  # found by what is not form alone
    amount = pl.col("amt").cast(pl.Float64, strict=False)
    given["iteminfo"] = with_row(given["iteminfo"], 5, setl_id="nobody's").with_columns(amount)
    local = api.check(given, mask=False)
    assert {"AD201", "read/orphan-row", "read/blank-key", "read/key-form", "read/unknown-heading"} <= {
        *local.findings["check"]
    }
    found = on_spark.check(spark, of_spark(spark, given), mask=False, partitions=5)
    assert_same(local, found.report)
    assert found.findings.count() == local.findings.height
    assert found.cases.where("errors > 0").count() == local.cases.filter(pl.col("errors") > 0).height
    assert found.outcomes.count() == local.outcomes.height


def test_tables_that_name_their_cases_differently(spark: SparkSession, tmp_path: Path) -> None:
    given = tables(60, 6)
    operations = given["oprninfo"].drop("setl_id")
    operations = with_row(with_row(operations, 0, mdtrt_id="nobody's"), 1, mdtrt_id=None)
    given["oprninfo"] = with_row(operations, 2, mdtrt_id=f"0{operations['mdtrt_id'][2]}")
    local = api.check(given, select=["read", "OP", "oprninfo"])
    found = on_spark.check(
        spark, of_spark(spark, given), select=["read", "OP", "oprninfo"], partitions=4, to=str(tmp_path / "kept")
    )
    assert_same(local, found.report)
    assert {"read/orphan-row", "read/key-form"} <= {*local.findings["check"]}


def test_charge_lines_make_the_cases(spark: SparkSession) -> None:
    lines = tables(40, 7, "FEE_LIST_D")["feedetail"]
    given = {"feedetail": with_row(lines, 3, setl_id=None)}
    assert_same(api.check(given), on_spark.check(spark, of_spark(spark, given), partitions=3).report)


def test_what_cannot_be_checked_is_refused(spark: SparkSession) -> None:
    rows = spark.createDataFrame([("1", ["a"])], "setl_id string, codes array<string>")
    with pytest.raises(InputError, match="列 codes 是 array<string>"):
        on_spark.check(spark, {"setlinfo": rows})
    lists = spark.createDataFrame([("1", "男")], "setl_id string, gend string")
    with pytest.raises(InputError, match="都是结算清单基本信息"):
        on_spark.check(spark, {"setlinfo": lists, "结算清单基本信息": lists})
    with pytest.raises(InputError, match="没有病例"):
        on_spark.check(spark, {"setlinfo": lists.limit(0)})


class Dying:
    """A task that ends its process at one partition, and once at another."""

    def of(self, _: object) -> bytes:
        from pyspark import TaskContext

        context = TaskContext.get()
        assert context
        if context.partitionId() == 1 or (context.partitionId() == 2 and not context.attemptNumber()):
            os._exit(9)
        return b"whole"


def test_a_partition_that_ends_its_process_fails_alone(spark: SparkSession) -> None:
    task = partial(on_spark._judged, engines.in_time(Dying().of), PackedRows((), None, ""), on_spark._tries(spark))
    rows = spark.range(40).repartition(4).mapInArrow(task, on_spark.COLUMNS).collect()
    found = {row["partition"]: row["reason"] or bytes(row["content"]) for row in rows}
    assert len(rows) == 4  # nothing twice
    assert found == {0: b"whole", 1: engines.ended(ATTEMPTS - 1).reason, 2: b"whole", 3: b"whole"}


def test_the_example(spark: SparkSession) -> None:
    examples = Path(__file__).parents[2] / "examples"
    found = runpy.run_path(str(examples / "on_spark.py"))["main"]()
    assert found.report.counts() == api.check(examples / "csv").counts()


def test_files(spark: SparkSession, tmp_path: Path) -> None:
    generate.write(120, 5, 0.5, tmp_path, "parquet")
    options = CheckOptions(partition_rows=50)
    found, ran = running.check([str(tmp_path)], options, engines.of_name("spark", 2))
    assert ran.units > 1
    assert_same(api.check(tmp_path), found)


def test_units(spark: SparkSession, tmp_path: Path) -> None:
    whats = ["a", "unreadable", "memory", "flaky", "dies", "g"]
    found = run(lambda: engines.of_name("spark", 2), whats, tmp_path)
    assert [found[0], found[3], found[5]] == ["a", "flaky", "g"]
    assert found[1] == engines.Unfinished("读不了", 1)
    assert found[2] == engines.Unfinished("内存不够", ATTEMPTS)
    assert found[4] == engines.ended(ATTEMPTS)
