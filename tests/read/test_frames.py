from datetime import date

import polars as pl
import pytest

from validator import read
from validator.base.errors import InputError


@pytest.fixture
def frames(tables):
    """Tables as frames of text; 4101 by default."""

    def make(cases=2, interface="4101"):
        rows = {name: own for name, own in tables(cases, interface).items() if own}
        every = {name: sorted({key for row in own for key in row}) for name, own in rows.items()}
        return {
            name: pl.DataFrame(
                [{key: None if row.get(key) is None else str(row[key]) for key in every[name]} for row in own],
                schema=dict.fromkeys(every[name], pl.String),
            )
            for name, own in rows.items()
        }

    return make


def write(frames, folder, shape="{table}.parquet"):
    for table, frame in frames.items():
        path = folder / shape.format(table=table)
        path.parent.mkdir(parents=True, exist_ok=True)
        frame.write_parquet(path, row_group_size=7)
    return folder


def bare(part, table):
    frame = part.tables[table]
    return frame.select(sorted(set(frame.columns) - {"_source", "_line"}))


# ---- frames from Python


def test_frames_become_a_partition(known, frames):
    (part,) = read.from_tables(frames(3), known)
    assert part.layout == "4101"
    assert part.tables["setlinfo"]["case_id"].to_list() == ["ST0000000000", "ST0000000001", "ST0000000002"]
    assert part.tables["diseinfo"]["_line"].to_list() == list(range(1, part.tables["diseinfo"].height + 1))
    assert not part.notes


def test_native_types_are_kept(known):
    cases = pl.DataFrame({"setl_id": [17, 18], "brdy": [date(1975, 3, 12), None], "psn_selfpay": [1.5, 2.0]})
    details = pl.DataFrame({"结算ID": [18, 17], "收费项目": ["01", "02"], "amt": [1, 2]})
    (part,) = read.from_tables({"setlinfo": cases, "收费项目": details}, known)
    assert part.tables["setlinfo"]["case_id"].to_list() == ["17", "18"]
    assert part.tables["setlinfo"].schema["brdy"] == pl.Date
    assert part.tables["iteminfo"].select("med_chrgitm", "_case", "amt").rows() == [("02", 0, 2), ("01", 1, 1)]


def test_a_table_that_no_interface_has(known):
    with pytest.raises(InputError, match="不认识表“drugs”"):
        read.from_tables({"drugs": pl.DataFrame({"a": [1]})}, known)
    with pytest.raises(InputError, match="没有表"):
        read.from_tables({}, known)


# ---- Parquet


@pytest.mark.parametrize("shape", ["{table}.parquet", "{table}/p1.parquet"])
def test_a_folder_of_parquet(known, frames, tmp_path, one, shape):
    part = one(write(frames(3), tmp_path, shape))
    (same,) = read.from_tables(frames(3), known)
    assert set(part.tables) == set(same.tables)
    assert all(bare(part, table).equals(bare(same, table)) for table in part.tables)
    assert part.sources[0].file.startswith(str(tmp_path))


@pytest.mark.parametrize("size", [1, 2, 3])
def test_one_big_file_is_cut_and_loses_nothing(known, frames, tmp_path, size):
    shuffled = {name: frame.sample(fraction=1, shuffle=True, seed=7) for name, frame in frames(7).items()}
    shuffled["setlinfo"] = frames(7)["setlinfo"]
    parts = list(read.partitions([write(shuffled, tmp_path)], known, partition_rows=size))
    assert [part.tables["setlinfo"].height for part in parts][:-1] == [size] * (-(-7 // size) - 1)
    (whole,) = read.from_tables(shuffled, known)
    for table in whole.tables:
        cut = pl.concat(
            bare(part, table).with_columns(pl.col("_case") + pl.lit(number * size, pl.UInt32))
            for number, part in enumerate(parts)
        )
        assert cut.equals(bare(whole, table))
    assert not any(part.notes for part in parts)


def test_files_of_one_name_are_read_together_up_to_the_size(known, frames, tmp_path):
    for name, frame in frames(6).items():
        for part in range(3):
            ids = [f"ST{case:010}" for case in (2 * part, 2 * part + 1)]
            path = tmp_path / name / f"p{part}.parquet"
            path.parent.mkdir(exist_ok=True)
            frame.filter(pl.col("setl_id").is_in(ids)).write_parquet(path)
    for size, heights in ((2, [2, 2, 2]), (4, [4, 2]), (100, [6])):
        parts = list(read.partitions([tmp_path], known, partition_rows=size))
        assert [part.tables["setlinfo"].height for part in parts] == heights
        assert not any(part.notes for part in parts)


def test_keys_with_blanks_around_them_still_find_their_case(known, frames, tmp_path):
    padded = frames(5)
    padded["diseinfo"] = padded["diseinfo"].with_columns(setl_id=pl.format(" {}\u3000", "setl_id"))
    parts = list(read.partitions([write(padded, tmp_path)], known, partition_rows=2))
    assert sum(part.tables["diseinfo"].height for part in parts) == padded["diseinfo"].height
    assert not any(part.notes for part in parts)


@pytest.mark.parametrize("size", [1, 100])
def test_rows_without_their_case(known, frames, tmp_path, size):
    torn = frames(3)
    torn["setlinfo"] = torn["setlinfo"].head(2)
    lost = torn["diseinfo"].filter(setl_id="ST0000000002").height
    parts = list(read.partitions([write(torn, tmp_path)], known, partition_rows=size))
    found = [note for part in parts for note in part.notes if note.table == "diseinfo"]
    assert [note.check for note in found] == ["read/orphan-row"] * lost
    assert [note.line for note in found] == list(range(torn["diseinfo"].height - lost + 1, torn["diseinfo"].height + 1))


def test_unknown_columns_are_noted_once(known, frames, tmp_path):
    wide = frames(4)
    wide["setlinfo"] = wide["setlinfo"].with_columns(upload_state=pl.lit("1"))
    parts = list(read.partitions([write(wide, tmp_path)], known, partition_rows=1))
    assert [note.field for part in parts for note in part.notes] == ["upload_state"]


def test_a_table_of_another_interface_is_noted(known, frames, tmp_path, one):
    strange = frames(2, "4101A") | {"payinfo": frames(2)["payinfo"]}
    for part in (one(write(strange, tmp_path)), read.from_tables(strange, known)[0]):
        assert part.layout == "4101A"
        assert [(note.check, note.table) for note in part.notes] == [("read/unknown-table", "payinfo")]


def test_a_parquet_file_is_known_by_its_columns(known, frames, tmp_path, one):
    frames(2)["setlinfo"].write_parquet(tmp_path / "x1.parquet")
    assert one(tmp_path / "x1.parquet").tables["setlinfo"].height == 2
    pl.DataFrame({"a": [1]}).write_parquet(tmp_path / "x2.parquet")
    with pytest.raises(InputError, match="看不出是哪张表"):
        list(read.partitions([tmp_path / "x2.parquet"], known))


@pytest.mark.parametrize("data", [b"", b"PAR1", b"PAR1 nonsense PAR1"])
def test_a_broken_parquet_file(known, tmp_path, data):
    path = tmp_path / "setlinfo.parquet"
    path.write_bytes(data)
    with pytest.raises(InputError, match="不是完好的 Parquet 文件"):
        list(read.partitions([path], known))


def test_a_damaged_parquet_page(known, frames, tmp_path):
    path = write({"setlinfo": frames(50)["setlinfo"]}, tmp_path) / "setlinfo.parquet"
    data = bytearray(path.read_bytes())
    data[100 : len(data) // 2] = b"\x00" * (len(data) // 2 - 100)
    path.write_bytes(data)
    for size in (1, 100):
        with pytest.raises(InputError, match="不是完好的 Parquet 文件"):
            list(read.partitions([path], known, partition_rows=size))


# ---- settlement data next to 4101A


@pytest.fixture
def settlement(tmp_path):
    path = tmp_path / "settlement" / "结算.csv"
    path.parent.mkdir()
    rows = "结算ID,性别,年龄,个人自付,职业\nST0000000001,2,51,12.30,99\nST0000000007,1,5,1,99\n"
    path.write_text(rows, encoding="utf-8")
    return path


def test_settlement_data_complete_the_short_list(known, frames, tmp_path, one, settlement):
    folder = write(frames(2, "4101A"), tmp_path / "lists")
    part = one(folder, settlement=settlement)
    assert part.tables["setlinfo"].select("gend", "age", "psn_selfpay").rows() == [(None,) * 3, ("2", "51", "12.30")]
    assert part.tables["setlinfo"]["prfs"].to_list() == frames(2, "4101A")["setlinfo"]["prfs"].to_list()
    assert [(note.check, note.case) for note in part.notes] == [("read/no-settlement", 0)]


def test_settlement_data_leave_4101_alone(frames, tmp_path, one, settlement):
    folder = write(frames(2), tmp_path / "lists")
    assert not one(folder, settlement=settlement).notes


def test_settlement_data_that_say_nothing_new(known, frames, tmp_path):
    path = tmp_path / "结算.csv"
    path.write_text("结算ID,职业,国籍\nA,1,2\n", encoding="utf-8")
    with pytest.raises(InputError, match="结算数据要有"):
        list(read.partitions([write(frames(2, "4101A"), tmp_path / "lists")], known, settlement=path))
