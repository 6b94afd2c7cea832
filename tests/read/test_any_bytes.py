"""Whatever bytes a file holds: it is read, or refused with an InputError that names it."""

import json
import zipfile
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from validator import read
from validator.base.errors import InputError
from validator.spec import layouts

KNOWN = layouts.load()
SUFFIXES = ["json", "jsonl", "csv", "xlsx", "xls", "xlsb", "ods", "zip", "parquet", "txt"]
TEXTS = st.text(max_size=20)
NODES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["setlinfo", "diseinfo", "input", "infno", "setl_id", "gend", "x"]), inner)
    ),
    max_leaves=15,
)
relaxed = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def reads_or_refuses(path: Path) -> None:
    refused = None
    try:
        for part in read.partitions([path], KNOWN):
            assert part.tables["setlinfo"]["case_id"].null_count() == 0
    except InputError as error:
        refused = error
    assert refused is None or (str(path) in refused.zh and str(path) in refused.en)


@relaxed
@given(data=st.binary(max_size=400), suffix=st.sampled_from(SUFFIXES))
def test_random_bytes(tmp_path, data, suffix):
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(data)
    reads_or_refuses(path)


@relaxed
@given(content=NODES, interface=st.sampled_from(["4101", "4101A"]))
def test_any_json(tmp_path, content, interface):
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"infno": interface, "input": content}), encoding="utf-8")
    reads_or_refuses(path)
    path.write_text(json.dumps(content), encoding="utf-8")
    reads_or_refuses(path)


@relaxed
@given(
    rows=st.lists(
        st.lists(st.sampled_from(["结算ID", "性别", "金额", "gend", "", "a"]) | TEXTS, max_size=5), max_size=8
    )
)
def test_any_text_table(tmp_path, rows):
    path = tmp_path / "a.csv"
    path.write_bytes("\n".join(",".join(row) for row in rows).encode("utf-8", "replace"))
    reads_or_refuses(path)


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """A sound file of each kind, to be damaged."""
    folder = tmp_path_factory.mktemp("sound")
    rows = {"结算ID": "ST1", "姓名": "测试甲", "性别": "2", "医保类型": "310"}
    book = openpyxl.Workbook()
    for row in (list(rows), *[list(rows.values())] * 5):
        book.active.append(row)
    book.save(folder / "a.xlsx")
    pl.DataFrame([rows] * 5).write_parquet(folder / "a.parquet")
    with zipfile.ZipFile(folder / "a.zip", "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("a.json", json.dumps({"infno": "4101", "input": {"setlinfo": rows}}))
    return {path.suffix: path.read_bytes() for path in folder.iterdir()}


@relaxed
@given(
    suffix=st.sampled_from([".xlsx", ".parquet", ".zip"]),
    place=st.floats(0, 1),
    patch=st.binary(min_size=1, max_size=6),
    cut=st.booleans(),
)
def test_damaged_files(tmp_path, sound, suffix, place, patch, cut):
    data = bytearray(sound[suffix])
    start = int(place * len(data))
    data[start : len(data) if cut else start + len(patch)] = patch
    path = tmp_path / f"a{suffix}"
    path.write_bytes(data)
    reads_or_refuses(path)
