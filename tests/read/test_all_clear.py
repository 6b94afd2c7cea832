"""Nothing passes that was not read: whatever is taken out of a clean batch, it is never cleared, accepted or rated."""

import csv
import json
from functools import cache

import polars as pl
import pytest

import validator
from tests.grouping import scheme as tiny
from validator import read
from validator.base import files
from validator.base.errors import InputError
from validator.codes.tables import Store
from validator.gate.metrics import measure
from validator.report.common import digest, steps
from validator.spec.layouts import load

CASES = 2


@cache
def tables(interface):
    """A clean batch as frames; every child row carries the key of its case."""
    golden = json.loads((files.data("schemas") / "layouts" / interface / "golden.json").read_text(encoding="utf-8"))[
        "input"
    ]
    rows = {}
    for number in range(CASES):
        keys = {"setl_id": f"ST{number:010}", "mdtrt_id": f"MD{number:010}", "medcasno": f"M{number:010}"}
        for table, node in golden.items():
            own = (
                [{**node, **keys}] if isinstance(node, dict) else [{"setl_id": keys["setl_id"], **row} for row in node]
            )
            rows.setdefault(table, []).extend(own)
    return {table: pl.DataFrame(own, infer_schema_length=None) for table, own in rows.items() if own}


def needed(interface):
    """The tables that the clean batch cannot do without, and the columns that must be filled in at level error."""
    catalogue = validator.api.load()
    layout, checks = catalogue.layouts[interface], catalogue.checks(interface)
    have = tables(interface)
    names = ["setlinfo", *(need.table for need in layout.interface.needs if need.table in have)]
    columns = [
        (table, field)
        for table in have
        for field, row in layout.tables[table].fields.items()
        if row.required and checks[f"{table}.{field}/required"].level == "error"
    ]
    return names, columns


NEEDED = {interface: needed(interface) for interface in ("4101", "4101A")}


def refuse_all_clear(frames, interface):
    """Check frames from which something is missing."""
    report = validator.check(frames, layout=interface)
    assert "可以上传" not in " ".join(steps.next_steps(digest.digest(report)))
    assert report.failed("error")
    assert set(report.cases["disposition"]) == {"cannot_be_judged"}
    metrics = measure(report)
    assert metrics["unread_cases"].value == report.cases.height  # on which every gate returns the batch
    assert metrics["pass_rate"].value == 0
    return report


def test_the_whole_batch_is_clean():
    for interface in NEEDED:
        report = validator.check(tables(interface), layout=interface)
        assert report.cases["errors"].to_list() == [0, 0]
        assert not {"cannot_be_judged", "return"} & set(report.cases["disposition"])
        assert measure(report)["unread_cases"].value == 0


@pytest.mark.parametrize(("interface", "table"), [(name, each) for name in NEEDED for each in NEEDED[name][0]])
def test_without_a_table(interface, table):
    report = refuse_all_clear({name: frame for name, frame in tables(interface).items() if name != table}, interface)
    missing = "read/missing-case-table" if table == "setlinfo" else "read/missing-table"
    assert report.findings["check"][0] == missing
    assert report.findings.filter(check=missing).height == 1


@pytest.mark.parametrize(("interface", "column"), [(name, each) for name in NEEDED for each in NEEDED[name][1]])
def test_without_a_required_column(interface, column):
    table, field = column
    frames = tables(interface)
    if field == "setl_id":  # it is also the key: another one takes its place
        keys = dict(zip(frames["setlinfo"]["setl_id"], frames["setlinfo"]["mdtrt_id"], strict=True))
        frames = {
            name: frame if name == "setlinfo" else frame.with_columns(mdtrt_id=pl.col("setl_id").replace(keys))
            for name, frame in frames.items()
        }
        frames = {name: frame.drop("setl_id") for name, frame in frames.items()}
    report = refuse_all_clear({**frames, table: frames[table].drop(field, strict=False)}, interface)
    found = report.findings.filter(check="read/missing-column", table=table, field=field)
    assert found.height == 1
    assert report.findings.filter(check=f"{table}.{field}/required").is_empty()


@pytest.mark.parametrize("table", NEEDED["4101"][0])
def test_without_the_row_of_headings(tmp_path, table):
    """As files: a table whose headings are lost is named as a file that cannot be read, and no case is accepted."""
    for name, frame in tables("4101").items():
        rows = [frame.columns, *frame.rows()]
        with (tmp_path / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows[1:] if name == table else rows)
    report = validator.check(tmp_path)
    (unreadable,) = report.findings.filter(check="read/unreadable-file", level="error").rows(named=True)
    assert unreadable["source"]["file"] == str(tmp_path / f"{table}.csv")
    assert report.cases.height
    assert set(report.cases["disposition"]) == {"cannot_be_judged"}
    with pytest.raises(InputError, match=f"{table}.csv"):
        validator.check(tmp_path / f"{table}.csv")


def test_a_selected_check_that_reads_it_does_not_pass_silently():
    frames = {name: frame for name, frame in tables("4101").items() if name != "diseinfo"}
    for select, found in ((["DX101"], ["read/missing-table"]), (["diseinfo"], ["read/missing-table"]), (["ID1"], [])):
        report = validator.check(frames, layout="4101", select=select)
        assert report.findings["check"].to_list() == found
        assert set(report.cases["disposition"]) == {"cannot_be_judged"}
    frames = {**tables("4101"), "setlinfo": tables("4101")["setlinfo"].drop("gend")}
    report = validator.check(frames, layout="4101", select=["setlinfo.gend"])
    assert report.findings["check"].to_list() == ["read/missing-column"]


def test_in_a_message_an_absent_node_stays_that_cases_own_finding():
    golden = json.loads((files.data("schemas") / "layouts" / "4101" / "golden.json").read_text(encoding="utf-8"))
    del golden["input"]["diseinfo"]
    report = validator.check(golden)
    assert "DX101" in report.findings["check"].to_list()
    assert report.cases["disposition"].to_list() == ["return"]


@pytest.mark.parametrize(
    ("table", "columns"), [("diseinfo", None), ("diseinfo", ["diag_code"]), ("setlinfo", ["gend"]), ("oprninfo", None)]
)
def test_no_grouping_rate_without_what_grouping_reads(tmp_path, table, columns):
    tiny.keep(Store(tmp_path))
    frames = dict(tables("4101"))
    if columns:
        frames[table] = frames[table].drop(columns)
    else:
        del frames[table]
    with pytest.raises(InputError, match=table):
        validator.group(frames, codebooks=tmp_path, layout="4101")


# ---- rows are accounted for


def _counted(parts):
    rows = [source.rows for part in parts for source in part.sources if source.rows]
    return sum(each.total for each in rows), sum(each.read for each in rows)


def _written(tmp_path, form):
    """The batch in a form, with a title, blank rows, a repeated heading and a stranger's row; the rows of its files."""
    total = 0
    for name, frame in tables("4101").items():
        rows = [frame.columns, *map(list, frame.rows())]
        if form == "parquet":
            (tmp_path / name).mkdir()
            stranger = frame.head(1).with_columns(setl_id=pl.lit("ST-none")) if name == "diseinfo" else frame.head(0)
            pl.concat([frame, stranger]).write_parquet(tmp_path / name / "a.parquet")
            total += frame.height + stranger.height
            continue
        if name == "diseinfo":
            rows = [
                ["7月诊断", *[""] * (len(rows[0]) - 1)],
                rows[0],
                *rows[1:3],
                rows[0],
                [""] * len(rows[0]),
                *rows[3:],
            ]
            rows.append(["ST-none", *rows[-1][1:]])
        total += len(rows)
        if form == "csv":
            with (tmp_path / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows(rows)
        else:
            import openpyxl

            path = tmp_path / "a.xlsx"
            book = openpyxl.load_workbook(path) if path.exists() else openpyxl.Workbook()
            sheet = book.create_sheet(name)
            for row in rows:
                sheet.append(row)
            book.save(path)
    return total


@pytest.mark.parametrize("form", ["csv", "xlsx", "parquet"])
@pytest.mark.parametrize("size", [1, 100])
def test_rows_read_and_rows_set_aside_are_all_rows(tmp_path, form, size):
    total = _written(tmp_path, form)
    parts = list(read.partitions([tmp_path], load(), partition_rows=size))
    counted, taken = _counted(parts)
    tabled = sum(part.tables[table].height for part in parts for table in part.tables)
    orphans = sum(note.check == "read/orphan-row" for part in parts for note in part.notes)
    assert counted == total
    assert taken == tabled
    assert orphans == 1


def test_frames_and_messages_are_accounted_for_too():
    frames = tables("4101")
    parts = read.from_tables(frames, load())
    assert _counted(parts)[0] == sum(frame.height for frame in frames.values())
    golden = json.loads((files.data("schemas") / "layouts" / "4101" / "golden.json").read_text(encoding="utf-8"))
    golden["input"]["diseinfo"].append("no object")
    part = read.from_message(golden, load())
    entries = sum(len(node) if isinstance(node, list) else 1 for node in golden["input"].values())
    dropped = sum(note.check == "read/not-an-object" for note in part.notes)
    assert sum(frame.height for frame in part.tables.values()) + dropped == entries


# ---- no case


@pytest.mark.parametrize("data", ["[]", "", " \n"])
def test_a_file_without_a_case(tmp_path, data):
    path = tmp_path / "a.json"
    path.write_text(data, encoding="utf-8")
    with pytest.raises(InputError, match="没有病例"):
        validator.check(path)


def test_such_a_file_among_others_is_one_note(tmp_path):
    golden = (files.data("schemas") / "layouts" / "4101" / "golden.json").read_text(encoding="utf-8")
    (tmp_path / "a.json").write_text("[]", encoding="utf-8")
    (tmp_path / "b.json").write_text(golden, encoding="utf-8")
    (tmp_path / "c.csv").write_text("", encoding="utf-8")
    report = validator.check(tmp_path)
    noted = report.findings.filter(check="read/empty-file", level="warning")
    assert sorted(file.rpartition("/")[2] for file in noted["source"].struct.field("file")) == ["a.json", "c.csv"]
    assert report.cases.height == 1


def test_frames_without_a_row():
    with pytest.raises(InputError, match="没有病例"):
        validator.check({name: frame.head(0) for name, frame in tables("4101").items()}, layout="4101")
