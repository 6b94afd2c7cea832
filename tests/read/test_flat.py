"""Flat tables: the encoding of a file is that of what it says, not one that it happens to fit."""

import polars as pl
import pytest

from validator.base.errors import InputError
from validator.read import flat

HEADS = "病案号码,编码"  # even numbers of characters, as often in GB18030
ROWS = "".join(f"{number},急性阑尾{number}\n" for number in range(20))


def read(path):
    parts = flat.frames([path], lambda names: names == HEADS.split(","))
    return None if parts is None else pl.concat(parts)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_tables_are_read_in_the_encodings_of_exports(tmp_path, encoding):
    (tmp_path / "a.csv").write_bytes(f"{HEADS}\n{ROWS}".encode(encoding))
    assert read(tmp_path / "a.csv").rows()[-1] == ("19", "急性阑尾19")


def test_a_table_of_ascii_alone_and_one_whose_first_line_is(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"a,b\n1,2\n")
    (tmp_path / "b.csv").write_bytes(
        b"a,b\n" + b"1,2\n" * 300_000 + "3,急性阑尾\n".encode("gb18030")
    )  # later than the first part
    for name, last in (("a.csv", ("1", "2")), ("b.csv", ("3", "急性阑尾"))):
        parts = flat.frames([tmp_path / name], lambda names: names == ["a", "b"])
        assert pl.concat(parts).rows()[-1] == last


def test_a_table_in_utf8_that_breaks_off_within_a_character_is_refused(tmp_path):
    """Some such tables fit GB18030 from end to end, and were read so: nothing in them means what it says."""
    whole = f"{HEADS}\n{ROWS}".encode()
    cuts = [cut for cut in range(len(HEADS.encode()) + 2, len(whole)) if not _fits(whole[:cut], "utf-8")]
    assert any(_fits(whole[:cut], "gb18030") for cut in cuts)
    for cut in cuts[:60]:
        (tmp_path / "a.csv").write_bytes(whole[:cut])
        with pytest.raises(InputError, match=r"a\.csv：有的字既不是 UTF-8 也不是 GB18030，文件可能没有写完"):
            read(tmp_path / "a.csv")


def _fits(data, encoding):
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
