"""What is written can be read back: the findings are the same whatever the form."""

from collections.abc import Iterator
from errno import ENOSPC
from pathlib import Path

import polars as pl
import pytest

from validator import api, generate, read
from validator.base.errors import ConfigError, InputError
from validator.generate import files
from validator.read.partition import Partition

FORMS = ("parquet", "csv", "xlsx", "4101")
WIDE = ("wide", "wide-csv")
COLUMNS = ["case_id", "check", "row", "value"]


def in_memory(interface: str, cases: int) -> tuple[list[tuple[str, ...]], pl.DataFrame]:
    """Findings and truth, without the cases whose key itself is planted: files cannot tell their rows."""
    part, truth = next(generate.partitions(cases, 7, 0.5, interface))
    truth = truth.filter(pl.col("field") != "setl_id")
    report = api.run(api.load(), [part], mask=False)
    return of(report, truth), truth


def of(report: api.Report, truth: pl.DataFrame) -> list[tuple[str, ...]]:
    own = pl.col("case_id").is_in(truth["case_id"].implode())
    return sorted(report.findings.filter(own).select(COLUMNS).rows(), key=str)


@pytest.mark.parametrize("interface", ["4101", "4101A"])
@pytest.mark.parametrize("form", [*FORMS, *WIDE])
def test_findings_survive_writing_and_reading(tmp_path: Path, form, interface):
    expected, truth = in_memory(interface, 120)
    generate.write(120, 7, 0.5, tmp_path / "data", form, interface=interface)
    report = api.check(tmp_path / "data", mask=False)
    assert report.cases.height == 120
    assert set(report.cases["layout"]) == {interface}
    if form in ("xlsx", "wide"):  # Excel keeps no blanks at either end that a person could see; all else is the same
        assert {row[:2] for row in expected} == {row[:2] for row in of(report, truth)}
    else:
        assert of(report, truth) == expected


@pytest.mark.parametrize("form", FORMS)
def test_the_truth_lies_next_to_the_data(tmp_path: Path, form):
    generate.write(40, 1, 1.0, tmp_path, form)
    (path,) = tmp_path.glob("_truth.*")
    truth = pl.read_parquet(path) if path.suffix == ".parquet" else pl.read_csv(path, infer_schema=False)
    assert truth.columns == ["case_id", "table", "row", "field", "check", "planted"]
    assert truth.height == 40


def test_csv_is_what_a_chinese_windows_writes(tmp_path: Path):
    generate.write(3, 1, 0.0, tmp_path, "csv")
    text = (tmp_path / "setlinfo.csv").read_bytes().decode("gb18030")
    assert text.splitlines()[0].startswith("mdtrt_id,setl_id,")
    assert text.count("\r\n") == 4
    generate.write(3, 1, 0.0, tmp_path / "utf8", "csv", encoding="utf-8-sig")
    data = (tmp_path / "utf8" / "setlinfo.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")


def test_many_messages_are_json_lines(tmp_path: Path, monkeypatch):
    monkeypatch.setattr("validator.generate.files.SINGLE_FILES", 5)
    done = []
    generate.write(6, 1, 0.0, tmp_path, "4101", progress=lambda *call: done.append(call))
    (path,) = tmp_path.iterdir()
    assert path.name == "part-00000.jsonl"
    assert len(path.read_text(encoding="utf-8").splitlines()) == 6
    assert done[-1][1:] == (6, 6)


@pytest.mark.parametrize("form", WIDE)
def test_a_wide_sheet_is_one_file_with_a_row_a_case(tmp_path: Path, form):
    generate.write(6, 1, 0.0, tmp_path / "data", form)
    (path,) = (tmp_path / "data").iterdir()
    assert path.name == ("lists.xlsx" if form == "wide" else "lists.csv")
    report = api.check(path)
    assert report.cases.height == 6
    assert report.findings.is_empty(), report.findings.head(3).rows()
    with pytest.raises(ConfigError, match="请用 xlsx 或 csv"):
        generate.write(6, 1, 0.0, tmp_path / "lines", form, interface="4101+2301")


def test_the_statistics_report_is_a_dbf(tmp_path: Path):
    generate.write(300, 7, 0.0, tmp_path / "data", "dbf", interface="WT4")
    ((made, _),) = generate.partitions(300, 7, interface="WT4")
    catalogue = api.load()
    (path,) = (tmp_path / "data").iterdir()
    (found,) = read.of_data(path, catalogue.layouts)[0]
    assert (path.name, found.layout, found.notes) == ("lists.dbf", "WT4", [])
    for table, keys in (("baseinfo", []), ("diseinfo", ["_case", "diag_code"]), ("oprninfo", ["_case", "_row"])):
        names = ["_case", *catalogue.layouts["WT4"].tables[table].fields]
        one, other = (
            each.tables[table].sort(keys).select(names).with_columns(pl.col(pl.String).fill_null(""))
            for each in (made, found)
        )
        assert one.equals(other), table
    assert (
        made.tables["diseinfo"]["diag_code"].str.starts_with("BNW").any()
        or made.tables["diseinfo"]["diag_code"].str.contains("A01.01.01").any()
    )
    with pytest.raises(ConfigError, match="HQMS 没有 DBF"):
        generate.write(1, 7, 0.0, tmp_path / "other", "dbf", interface="HQMS")
    generate.write(40, 7, 1.0, tmp_path / "planted", "dbf", interface="WT4")  # whatever stands in a cell can be written
    assert api.check(tmp_path / "planted").cases.height == 40


def test_a_folder_in_use_is_refused(tmp_path: Path):
    (tmp_path / "x.txt").write_text("", encoding="utf-8")
    with pytest.raises(InputError, match="不是空文件夹"):
        generate.write(1, 1, 0.0, tmp_path, "csv")
    assert [path.name for path in tmp_path.iterdir()] == ["x.txt"]


@pytest.mark.parametrize("interface", ["4101+2301", "4101A+FEE_LIST_D"])
@pytest.mark.parametrize("form", FORMS)
def test_lists_with_their_charge_lines_are_read_back(tmp_path: Path, form, interface):
    part, _ = next(generate.partitions(60, 7, 0.0, interface))
    generate.write(60, 7, 0.0, tmp_path / "data", form, interface=interface)
    report = api.check(tmp_path / "data", mask=False)
    assert report.cases.height == 60
    assert set(report.cases["layout"]) == {interface}
    assert report.findings.is_empty(), report.findings.head(3).rows()
    judged = report.outcomes.filter(pl.col("check") == "FL101").row(0, named=True)
    assert judged["passed"] == part.tables["feedetail"].height


@pytest.mark.parametrize("form", FORMS)
def test_charge_lines_alone_survive_writing_and_reading(tmp_path: Path, form):
    part, truth = next(generate.partitions(60, 7, 0.5, "2301"))
    expected = of(api.run(api.load(), [part], mask=False), truth)
    generate.write(60, 7, 0.5, tmp_path / "data", form, interface="2301")
    report = api.check(tmp_path / "data", mask=False)
    assert set(report.cases["layout"]) == {"2301"}
    keyed = truth.filter(pl.col("field").is_in(["mdtrt_id", "psn_no"]).not_())  # rows without a key are another stay
    assert {row[:2] for row in expected if row[0] in set(keyed["case_id"])} <= {row[:2] for row in of(report, truth)}


@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_a_set_that_cannot_be_finished_is_taken_away(tmp_path: Path, form: str) -> None:
    """A full disk or Ctrl-C half way: what is there would be taken for a whole set."""

    def parts() -> Iterator[tuple[Partition, pl.DataFrame]]:
        yield next(generate.partitions(3, 1, 0.0))
        raise OSError(ENOSPC, "no space")

    with pytest.raises(OSError, match="no space") as refused:
        list(files.write(parts(), tmp_path / "data", form, 6, "gb18030"))
    assert refused.value.filename == str(tmp_path / "data")
    assert not [*(tmp_path / "data").iterdir()]
