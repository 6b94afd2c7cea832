"""A small registry of code tables for tests: the few codes that these tests and the golden lists name."""

from datetime import date
from pathlib import Path

import polars as pl

from validator.codes.tables import Store, Version

Row = tuple[object, ...]
DIAGNOSES: list[Row] = [  #: code, name, grey
    ("C18.700", "乙状结肠恶性肿瘤", False),
    ("D62.x00", "急性出血后贫血", False),
    ("E11.900", "2型糖尿病", False),
    ("I10.x00", "特发性（原发性）高血压", True),
    ("I10.x00x002", "高血压", False),
    ("I10.x03", "高血压1级", False),
    ("J96.000", "急性呼吸衰竭", False),
    ("K80.000", "胆囊结石伴有急性胆囊炎", True),
    ("K80.000x002", "胆囊结石伴急性胆囊炎", False),
    ("K80.001", "胆囊结石伴坏疽性胆囊炎", False),
    ("K80.101", "胆囊结石伴慢性胆囊炎", False),
    ("N40.x00", "前列腺增生", False),
]
PROCEDURES: list[Row] = [
    ("17.3600", "腹腔镜乙状结肠切除术", False),
    ("51.2300", "腹腔镜下胆囊切除术", False),
    ("96.7101", "呼吸机治疗[小于96小时]", False),
]


def add(store: Store, table: str, rows: list[Row], *columns: str, version: str = "2.0", **days: date | None) -> None:
    """Keep a table of a few rows; ``days``: since and until of the version."""
    frame = pl.DataFrame(rows, schema=list(columns), orient="row")
    wanted = {} if "target" in columns else {"since": pl.Date, "until": pl.Date, "grey": pl.Boolean}
    frame = frame.with_columns(pl.lit(None, kind).alias(name) for name, kind in wanted.items() if name not in columns)
    made = Version(table, version, days.get("since"), days.get("until"), 0, "", "test", "2026-01-01T00:00:00", Path())
    store.put(made, frame)


def national(folder: Path) -> Store:
    """Both national tables, cut down, and the map of diagnoses from the clinical edition."""
    store = Store(folder)
    add(store, "icd10", DIAGNOSES, "code", "name", "grey")
    add(store, "icd9cm3", PROCEDURES, "code", "name", "grey")
    add(store, "icd10_map", [("K80.100x002", "K80.101", "胆囊结石伴慢性胆囊炎")], "code", "target", "target_name")
    return store
