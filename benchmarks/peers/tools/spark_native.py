"""PySpark's own expressions on one machine: the checks each row breaks as an array, exploded."""

from functools import reduce
from operator import or_
from pathlib import Path

from checks import KEY, Check
from tool import Find, Found

TITLE, ROWS, MESSAGES = "PySpark expressions", True, "none"


def ready(table: Path, checks: list[Check]) -> Find:
    """Return what finds the failures."""
    from pyspark.sql import functions as F  # noqa: N812 - as everybody calls it

    from validator.distribute.spark import session

    spark = session("local[2]", settings={"spark.sql.shuffle.partitions": "2"})

    def broken(each: Check) -> F.Column:
        if each.kind == "pattern":  # SQL would read the backslashes
            return ~F.col(each.field).rlike(each.given)
        return F.expr(each.sql())

    marks = [broken(each) for each in checks]
    names = F.array(*(F.when(mark, F.lit(each.name)) for mark, each in zip(marks, checks, strict=True)))
    table_of = spark.read.parquet(str(table)).where(reduce(or_, (F.coalesce(mark, F.lit(False)) for mark in marks)))
    query = table_of.select(KEY, F.explode(F.filter(names, lambda name: name.isNotNull())))
    return lambda: Found.of_rows(query.collect())
