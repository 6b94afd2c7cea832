"""The public Python interface: what it takes, what it refuses, and that it leaves the caller's settings alone."""

import io
import json

import polars as pl
import pytest

import validator
from validator import check
from validator.base import files, language
from validator.base.errors import ConfigError, InputError

GOLDEN = files.data("schemas") / "layouts" / "4101" / "golden.json"
MESSAGE = json.loads(GOLDEN.read_text(encoding="utf-8"))


def tables():
    nodes = MESSAGE["input"]
    setl_id = nodes["setlinfo"]["setl_id"]
    rows = {name: [node] if isinstance(node, dict) else node for name, node in nodes.items() if node}
    return {name: [{"setl_id": setl_id, **row} for row in own] for name, own in rows.items()}


def in_polars():
    return {name: pl.DataFrame(rows, infer_schema_length=None) for name, rows in tables().items()}


def lazily():
    return {name: frame.lazy() for name, frame in in_polars().items()}


def in_pandas():
    pandas = pytest.importorskip("pandas", reason="pandas is not installed")
    return {name: pandas.DataFrame(rows) for name, rows in tables().items()}


def in_pyarrow():
    pyarrow = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    return {name: pyarrow.Table.from_pylist(rows) for name, rows in tables().items()}


def in_duckdb():
    duckdb = pytest.importorskip("duckdb", reason="duckdb is not installed")
    frames = in_pyarrow()
    return {name: duckdb.arrow(frame) for name, frame in frames.items()}


@pytest.mark.parametrize("make", [in_polars, lazily, in_pandas, in_pyarrow, in_duckdb])
def test_frames_of_any_library_give_the_same(make):
    report = check(make(), layout="4101")
    assert report.cases["case_id"].to_list() == [MESSAGE["input"]["setlinfo"]["setl_id"]]
    assert report.findings.is_empty()


def test_a_single_frame_is_recognised_by_its_columns_and_what_it_lacks_is_named():
    report = check(in_polars()["setlinfo"], layout="4101")
    assert set(report.cases["disposition"]) == {"cannot_be_judged"}
    assert set(report.findings["check"]) == {"read/missing-table"}
    with pytest.raises(InputError, match="看不出这张表是哪张"):
        check(pl.DataFrame({"a": [1], "b": [2]}))


def test_whole_numbers_kept_as_floats_are_no_fault():
    """As pandas keeps a column of numbers with a blank in it."""
    frames = in_polars()
    frames["setlinfo"] = frames["setlinfo"].with_columns(gend=pl.col("gend").cast(pl.Float64))
    frames["diseinfo"] = frames["diseinfo"].with_columns(maindiag_flag=pl.col("maindiag_flag").cast(pl.Float64))
    assert check(frames, layout="4101").findings.is_empty()


def test_messages_one_or_several():
    assert check(MESSAGE).cases.height == 1
    other = json.loads(json.dumps(MESSAGE))
    other["input"]["setlinfo"] |= {"setl_id": "S2", "mdtrt_id": "M2", "medcasno": "B2"}
    assert check([MESSAGE, other]).cases.height == 2


@pytest.mark.parametrize(
    "wrap", [bytes, io.BytesIO, lambda data: io.StringIO(data.decode()), lambda data: [data, data]]
)
def test_bytes_and_open_files(wrap):
    data = wrap(GOLDEN.read_bytes())
    assert check(data).cases.height == (2 if isinstance(data, list) else 1)


def test_an_open_file_and_its_name():
    with GOLDEN.open("rb") as file:
        report = check(file)
    assert report.cases["file"].to_list() == [str(GOLDEN)]


def test_a_workbook_and_a_csv_as_bytes(tmp_path):
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in tables().items():
        sheet = book.create_sheet(name)
        sheet.append(list(rows[0]))
        for row in rows:
            sheet.append(list(row.values()))
    book.save(tmp_path / "a.xlsx")
    assert check((tmp_path / "a.xlsx").read_bytes()).findings.is_empty()
    csv = in_polars()["setlinfo"].write_csv().encode()
    assert set(check(csv, layout="4101").cases["disposition"]) == {"cannot_be_judged"}


@pytest.mark.parametrize(
    "data", [None, 3, 2.5, object(), [], [1, 2], ["a.json", MESSAGE], {"setlinfo": pl.DataFrame(), "diseinfo": [{}]}]
)
def test_what_cannot_be_taken_is_refused_with_what_can(data):
    with pytest.raises(InputError) as error:
        check(data)
    assert "Traceback" not in str(error.value)
    if not isinstance(data, dict):
        assert "能接受" in str(error.value)


def test_archives_and_parquet_are_asked_for_as_paths():
    for start in (b"PAR1....", b"PK\x03\x04...."):
        with pytest.raises(InputError, match="路径"):
            check(start)


def test_a_check_that_there_is_not_is_refused():
    for options in ({"select": ["DX999"]}, {"ignore": ["nope"]}):
        with pytest.raises(ConfigError, match="没有检查叫"):
            check(MESSAGE, **options)


def test_the_language_is_the_reports_and_the_callers_stays():
    with pytest.raises(InputError, match="没有语言“fr”"):
        check(MESSAGE, lang="fr")
    wrong = json.loads(json.dumps(MESSAGE))
    wrong["input"]["setlinfo"]["gend"] = "7"
    report = check(wrong, lang="en")
    assert language.current() == "zh"
    assert "is no code of" in report.findings["message"][0]
    reasons = report.outcomes.filter(status="not_run")["reason"].to_list()
    assert reasons
    assert not any("\u4e00" <= sign <= "\u9fff" for reason in reasons for sign in reason)
    assert language.current() == "zh"


def test_names_are_listed_and_a_report_is_short_in_a_notebook():
    assert {"check", "group", "Report", "InputError", "ConfigError", "ZhikongError"} <= set(dir(validator))
    assert validator.InputError is InputError
    assert repr(check(MESSAGE)) == "<Report of 1 cases: 0 errors, 0 warnings, 0 infos>"


def test_no_plan_is_kept_for_ever():
    from validator.checks import totals

    assert totals.plan_of.cache_info().maxsize is not None
