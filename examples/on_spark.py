"""Tables of Spark checked on the cluster: ``spark-submit examples/on_spark.py``, or ``python examples/on_spark.py`` on this machine.

In the place of the CSV files may stand whatever is a DataFrame: ``spark.table("claims.setlinfo")`` of Hive, Iceberg or Delta, JDBC.
"""

from pathlib import Path

from validator import spark as zhikong
from validator.distribute.spark import session

TABLES = ("setlinfo", "diseinfo", "oprninfo", "icuinfo", "opspdiseinfo", "iteminfo", "payinfo")


def main(folder: Path = Path(__file__).parent / "csv") -> zhikong.CheckedTables:
    """Check the lists, show what was found by level, and the first errors."""
    spark = session()
    spark.conf.set("spark.sql.legacy.javaCharsets", "true")  # the files are in GB18030
    tables = {
        name: spark.read.csv(str(folder / f"{name}.csv"), header=True, encoding="gb18030", multiLine=True)
        for name in TABLES
    }
    result = zhikong.check(spark, tables)
    result.findings.groupBy("level").count().show()
    result.findings.where("level = 'error'").select("case_id", "message").show(5, truncate=60)
    return result


if __name__ == "__main__":
    main()
