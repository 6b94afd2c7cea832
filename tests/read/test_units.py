"""Parts of an input, each read by itself, are together what the whole is."""

import pickle
from itertools import chain

import polars as pl
import pytest

from validator import api, generate, read
from validator.generate import files
from validator.read import units

CASES, SIZE = 40, 9


@pytest.fixture(scope="module")
def catalogue():
    return api.load()


@pytest.fixture(scope="module")
def lists(tmp_path_factory):
    """Tables of lists with their keys: values that are none, a row without its case, a column that no interface has."""
    folder = tmp_path_factory.mktemp("lists")
    assert list(files.write(generate.partitions(CASES, 3), folder, "parquet", CASES, "utf-8"))
    tables = {each.parent.name: pl.read_parquet(each) for each in folder.glob("*/*.parquet")}
    stranger = tables["diseinfo"].head(1).with_columns(setl_id=pl.lit("ST-none"))
    return tables | {
        "setlinfo": tables["setlinfo"].with_columns(
            gend=pl.when(pl.int_range(pl.len()) % 3 == 0).then(pl.lit("7")).otherwise("gend")
        ),
        "iteminfo": tables["iteminfo"].with_columns(
            amt=pl.when(pl.int_range(pl.len()) % 40 == 0).then(pl.lit("x")).otherwise("amt")
        ),
        "diseinfo": pl.concat([tables["diseinfo"], stranger]),
        "payinfo": tables["payinfo"].with_columns(upload_state=pl.lit("1")),
    }


def parquet(folder, tables, parts=1, row_group_size=50):
    """Each table as one file, or as several that hold the same cases."""
    ids = tables["setlinfo"]["setl_id"]
    share = -(-len(ids) // parts)
    for name, frame in tables.items():
        (folder / name).mkdir()
        for number in range(parts):
            own = frame["setl_id"].is_in(ids[number * share : (number + 1) * share].implode())
            last = ~frame["setl_id"].is_in(ids.implode()) & (number == parts - 1)
            frame.filter(own | last).write_parquet(folder / name / f"p{number}.parquet", row_group_size=row_group_size)


def in_parts(folder, tables):
    parquet(folder, tables, parts=3)
    (folder / "notes.docx").write_bytes(b"?")
    (folder / "setlinfo" / "p9.parquet").write_bytes(b"PAR1")


def in_one_file(folder, tables):
    """In the order of the cases, but that two far from each other share a key, and a row has no case."""
    ids = tables["setlinfo"]["setl_id"]
    parquet(
        folder, {name: frame.with_columns(pl.col("setl_id").replace(ids[30], ids[2])) for name, frame in tables.items()}
    )


def in_any_order(folder, tables):
    mixed = {name: frame.sample(fraction=1, shuffle=True, seed=5) for name, frame in tables.items()}
    parquet(folder, mixed | {"setlinfo": tables["setlinfo"]})


def as_csv(folder, tables):
    for name, frame in tables.items():
        frame.write_csv(folder / f"{name}.csv")


def as_messages(folder, tables):
    del tables
    parts = generate.partitions(CASES, 3)
    assert list(files.write(parts, folder, "4101", CASES, "utf-8"))
    (folder / "4101-00003.json").write_text('{"infcode": 0}', encoding="utf-8")
    (folder / "4101-00004.json").write_text("{", encoding="utf-8")


def lines(folder, order):
    part, _ = next(generate.partitions(30, 7, interface="2301"))
    rows = part.tables["feedetail"].drop("_case", "_row", "_source", "_line").sort(order)
    rows = rows.with_columns(cnt=pl.when(pl.int_range(pl.len()) % 40 == 0).then(pl.lit("x")).otherwise("cnt"))
    (folder / "feedetail").mkdir()
    for number, some in enumerate([rows.head(200), rows.tail(-200)]):  # a stay lies in two files
        some.write_parquet(folder / "feedetail" / f"p{number}.parquet")


def by_stay(folder, tables):
    del tables
    lines(folder, "mdtrt_id")


def by_time(folder, tables):
    del tables
    lines(folder, ["fee_ocur_time", "feedetl_sn"])


def copied(unit):
    """The unit as another process gets it."""
    return pickle.loads(pickle.dumps(unit))  # noqa: S301 (our own)


@pytest.mark.parametrize(
    ("write", "parts"),
    [(in_parts, 5), (in_one_file, 5), (in_any_order, 5), (by_stay, 3), (by_time, 3), (as_messages, 4), (as_csv, 1)],
)
def test_parts_read_by_themselves_are_what_the_whole_is(catalogue, lists, tmp_path, monkeypatch, write, parts):
    write(tmp_path, lists)
    monkeypatch.setattr("validator.read.assemble.rows_fitting", lambda _: 300)
    monkeypatch.setattr("validator.read.units._MESSAGES", 40_000)
    monkeypatch.setattr("validator.read.parquet_units._MOST_CELLS", 3_000)
    found = list(units.units([tmp_path], catalogue, partition_rows=SIZE))
    assert len(found) >= parts
    apart = [list(units.partitions(copied(unit), catalogue, partition_rows=SIZE)) for unit in found]
    whole = list(read.partitions([tmp_path], catalogue.layouts, partition_rows=SIZE))
    if write is not as_messages:
        assert [each.tables.keys() for some in apart for each in some] == [each.tables.keys() for each in whole]
        for one, other in zip(whole, chain(*apart), strict=True):
            assert all(one.tables[name].equals(other.tables[name]) for name in one.tables)
            assert [each.rows for each in one.sources] == [each.rows for each in other.sources]
    one, other = api.run(catalogue, whole), api.run(catalogue, chain(*apart))
    assert one.findings.height > 1
    assert shown(one) == shown(other)
    if write is in_one_file:  # however it is cut
        monkeypatch.undo()
        (uncut,) = read.partitions([tmp_path], catalogue.layouts)
        assert shown(api.run(catalogue, [uncut])) == shown(one)


def shown(report):
    """What a report says."""
    return [sorted(map(str, getattr(report, name).rows())) for name in ("findings", "outcomes", "cases")]
