"""Page, workbook and files of a measurement: charts say in words what they show, numbers lead to their stays."""

import csv
import re
from pathlib import Path

import polars as pl
import pytest

from validator import generate, measure
from validator.scoring.report import cases, charts, write


def test_limits_of_a_funnel() -> None:
    # Around 0.9: 0.09 / 100 has the root 0.03. At four stays the upper limits lie beyond 1.
    rows = pl.DataFrame({"denominator": [100.0, 100.0, 4.0], "value": [0.81, 0.80, 0.5]})
    found = charts.limits(rows, 0.9)
    assert found.select("low2", "high2", "low3", "high3").row(0) == pytest.approx((0.84, 0.96, 0.81, 0.99))
    assert found.select("low2", "high2", "low3", "high3").row(2) == pytest.approx((0.6, 1, 0.45, 1))
    assert found["outside"].to_list() == [False, True, False]


def test_bins_hold_every_value_once() -> None:
    found = charts.bins(pl.Series([0.0, 0.1, 0.5, 1.0]))
    assert found["count"].to_list() == [2, 0, 1, 1]
    assert (found["begin"][0], found["end"][3]) == (0, 1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of lists of eight hospitals, the fourth with a code that is a formula."""
    to = tmp_path_factory.mktemp("report")
    ((part, _),) = generate.partitions(240, 5, 0.3)
    place = pl.int_range(pl.len()) % 8
    code = pl.when(place == 3).then(pl.lit("=H4")).otherwise(pl.concat_str(pl.lit("H1101050000"), place))
    tables = {name: frame.select(pl.exclude("_row", "_source", "_line")) for name, frame in part.tables.items()}
    tables["setlinfo"] = tables["setlinfo"].with_columns(fixmedins_code=code)
    ids = tables["setlinfo"]["setl_id"]
    frames = {
        name: frame.with_columns(setl_id=ids.gather(frame["_case"])).drop("_case") for name, frame in tables.items()
    }
    found = measure(frames, "2025-01-01..2026-12-31", by=("hospital", "coder"))
    write(found, to)
    return to


def test_charts_have_words_and_figures(folder: Path) -> None:
    pytest.importorskip("vl_convert", reason="needs the extra charts")
    page = (folder / "measures.html").read_text(encoding="utf-8")
    pictures = re.findall(r'<img src="data:image/svg\+xml;base64,[^"]+" alt="([^"]+)">', page)
    words = {text.split("。")[0]: text for text in pictures}
    assert words.keys() >= {"合格率：各机构的分布", "逐月变化（全部机构）", "合格率：漏斗图"}
    assert "8 家机构，最低" in words["合格率：各机构的分布"]
    assert "控制限" in words["合格率：漏斗图"]
    assert page.count("<figure>") == len(pictures)


def test_numbers_lead_to_their_stays(folder: Path) -> None:
    page = (folder / "measures.html").read_text(encoding="utf-8")
    assert '<a href="#cases-passed">' in page
    assert '<details id="cases-passed">' in page
    files = sorted((folder / "cases").iterdir())
    assert [path.name for path in files][:2] == ["0001-H4.csv", "0002-H11010500000.csv"]
    assert all(f'href="cases/{path.name}"' in page for path in files)
    kept = pl.read_parquet(folder / "cases.parquet")
    listed = list(csv.reader(files[1].read_text(encoding="utf-8-sig").splitlines()))
    assert listed[0] == cases.heads()
    failed = {row[1] for row in listed if row[0] == "合格率"}
    assert failed == set(kept.filter(passed="no", hospital="H11010500000")["case_id"])
    assert all(row[3] == "'=H4" for row in csv.reader(files[0].read_text(encoding="utf-8-sig").splitlines()[1:]))
    measured = pl.read_parquet(folder / "measures.parquet").filter(by="hospital", measure="passed")
    row = measured.row(by_predicate=pl.col("hospital") == "H11010500000", named=True)
    assert row["denominator"] - row["numerator"] == len(failed)


def test_without_the_extra_the_page_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(charts, "find_spec", lambda _: None)
    assert "zhikong[charts]" in charts.lacking()
