"""A generated year of forty hospitals, scored by both examples from its lists."""

from collections import Counter
from fractions import Fraction

import polars as pl
import pytest

from tests.grouping import scheme as tiny
from validator import generate, score
from validator.codes.tables import Store
from validator.scoring.scheme.report import write

CODES = [f"H{n:02}" for n in range(40)]


@pytest.fixture(scope="module")
def year(tmp_path_factory):
    """The folder of 400 lists of 40 hospitals (some with faults), marks, weights, hospitals; the first two are one 医联体."""
    folder = tmp_path_factory.mktemp("year")
    tiny.keep(Store(folder / "books"))
    generate.write(400, 7, 0.3, folder / "lists", "parquet", conduct=0.1)
    path = next((folder / "lists/setlinfo").glob("*.parquet"))
    lists = pl.read_parquet(path)
    lists.with_columns(fixmedins_code=pl.Series([CODES[n % 40] for n in range(lists.height)])).write_parquet(path)
    (folder / "weights.csv").write_text("病组编码,权重\nHC11,1.5\nHU15,0.8\n", encoding="utf-8")
    rows = [f"{code},第 {n} 医院,{n % 3 + 1},综合,{'H00' if n < 2 else ''}" for n, code in enumerate(CODES)]
    (folder / "hospitals.csv").write_text("\n".join(["hospital,name,level,type,alliance", *rows]), encoding="utf-8")
    marks = [
        f"*,{name},{value},张三,2026-01-15,考核组纪要"
        for name, value in (("violations", 0), ("fraud", 0), ("satisfaction", 4))
    ]
    (folder / "marks.csv").write_text("\n".join(["hospital,item,value,author,date,evidence", *marks]), encoding="utf-8")
    return folder


def test_both_examples_score_a_year_of_forty_hospitals(year):
    files = {"hospitals": year / "hospitals.csv", "period": "2025", "codebooks": year / "books"}
    found = score(
        year / "lists", scheme="wuhan-dip", marks=year / "marks.csv", weights_of_groups=year / "weights.csv", **files
    )
    assert len(found.sheets) == 39  # two are scored as one
    assert found.sheets[0].total > found.sheets[-1].total
    assert all(each.lowest <= each.total <= each.highest for each in found.sheets)

    # One hospital's figures from its cases, counted another way.
    cases = found.measurement.report.cases.join(found.measurement.stays.select("case_id", "hospital"), on="case_id")
    own = {each.item.id: each for each in next(each for each in found.sheets if each.hospital.code == "H05").items}
    counts = Counter(cases.filter(hospital="H05")["errors"].to_list())
    assert own["qualified"].figure.value == Fraction(counts[0], counts.total())
    assert set(found.pointed.filter(hospital="H05", item="qualified")["case_id"]) == set(
        cases.filter(pl.col("errors") > 0, hospital="H05")["case_id"]
    )
    # Groups of the alliance count once: those of its two hospitals, without doubles.
    groups = found.measurement.stays.filter(pl.col("hospital").is_in(["H00", "H01"]) & (pl.col("status") == "grouped"))[
        "group"
    ].n_unique()
    first = {each.hospital.code: each for each in found.sheets}["H00"]
    assert first.members == ("H00", "H01")
    assert found.given.values["H00"]["groups"].numerator == groups

    folder = year / "measured"
    folder.mkdir()
    found.measurement.measured.write_parquet(folder / "measures.parquet")
    found.measurement.ways.write_parquet(folder / "cases.parquet")
    again = score(
        table=folder, scheme="wuhan-dip", period="2025", marks=year / "marks.csv", hospitals=year / "hospitals.csv"
    )
    assert {each.hospital.code: each.total for each in again.sheets if each.hospital.code != "H00"}.items() <= {
        each.hospital.code: each.total for each in found.sheets
    }.items()
    other = score(table=folder, scheme="zhejiang-drg", period="2025", hospitals=year / "hospitals.csv", last=folder)
    assert len(other.sheets) == 39
    assert {"leading_group", "catalogue"} <= {each.item.id for each in other.sheets[0].missing}
    assert {path.suffix for path in write(other, year / "out")} == {".html", ".xlsx", ".parquet", ".json"}
    methods = set(found.ranked["method"])
    assert methods >= {"wilson", "bootstrap"}
