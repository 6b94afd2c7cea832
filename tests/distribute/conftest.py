from pathlib import Path

import polars as pl
import pytest

from validator import generate

SIZES = (100, 60, 160)  #: cases of the files, which are units of their own or cut further


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Parquet files with every kind of planted defect, cases that repeat others in files apart, rows without a case."""
    folder, first, keys = tmp_path_factory.mktemp("data"), 0, dict[str, pl.DataFrame]()
    every = next(generate.partitions(sum(SIZES), 3, 0.6))[0]
    for number, size in enumerate(SIZES):
        for name, table in every.tables.items():
            rows = table.filter(pl.col("_case").is_between(first, first + size - 1)).drop(
                "^_.*$", "case_id", strict=False
            )
            if "setl_id" not in rows.columns:
                ids = every.tables["setlinfo"].select("_case", "setl_id")
                own = table.filter(pl.col("_case").is_between(first, first + size - 1))
                rows = own.join(ids, on="_case", how="left", maintain_order="left").drop("^_.*$")
            if name == "setlinfo":
                kept = keys.setdefault("again", rows.head(5).select("certno", "adm_time", "medcasno", "fixmedins_code"))
                rows = pl.concat([rows.head(size - 5), rows.tail(5).with_columns(*kept)]) if number == 2 else rows
                rows = rows.with_columns(trt_type=pl.lit("1")) if number == 1 else rows
            if name == "diseinfo" and number == 1:
                rows = pl.concat([rows, rows.tail(2).with_columns(setl_id=pl.lit("NOWHERE"))])
            (folder / name).mkdir(exist_ok=True)
            rows.write_parquet(folder / name / f"{'abc'[number]}.parquet")
        first += size
    return folder
