import json
import zipfile

import pytest

from validator import read
from validator.base.errors import InputError
from validator.read import archive


@pytest.fixture
def zipped(tmp_path, message):
    """A zip with the given members; a str is one message with that setl_id."""

    def make(members, name="清单.zip", compression=zipfile.ZIP_DEFLATED):
        path = tmp_path / name
        with zipfile.ZipFile(path, "w", compression) as file:
            for member, content in members.items():
                data = json.dumps(message(setl_id=content)) if isinstance(content, str) else content
                file.writestr(member, data)
        return path

    return make


# ---- folders


def test_a_folder_is_walked_and_the_rest_is_named(known, message, tmp_path, one):
    (tmp_path / "sub").mkdir()
    for name, setl_id in {"b.json": "B", "sub/a.json": "A", "~$b.json": "X", ".hidden.json": "Y"}.items():
        (tmp_path / name).write_text(json.dumps(message(setl_id=setl_id)), encoding="utf-8")
    (tmp_path / "说明.docx").write_bytes(b"PK")
    part = one(tmp_path)
    assert part.tables["setlinfo"]["case_id"].to_list() == ["B", "A"]
    assert [(note.check, note.args["file"]) for note in part.notes] == [
        ("read/skipped-file", str(tmp_path / "说明.docx"))
    ]


def test_several_paths_in_the_order_given(known, message, tmp_path, one):
    paths = [tmp_path / f"{name}.json" for name in "ba"]
    for path in paths:
        path.write_text(json.dumps(message(setl_id=path.stem)), encoding="utf-8")
    assert one(*paths).tables["setlinfo"]["case_id"].to_list() == ["b", "a"]


@pytest.mark.parametrize("content", [{}, {"a.docx": b"x"}, {".a.json": b"{}"}])
def test_nothing_to_read(known, tmp_path, content):
    for name, data in content.items():
        (tmp_path / name).write_bytes(data)
    with pytest.raises(InputError, match="没有能读的文件") as error:
        list(read.partitions([tmp_path], known))
    assert ("a.docx" in error.value.zh) == ("a.docx" in content)


def test_a_path_that_is_not_there(known, tmp_path):
    with pytest.raises(InputError, match="没有这个文件或文件夹"):
        list(read.partitions([tmp_path / "无"], known))


def test_a_text_file_may_be_a_message(known, message, tmp_path, one):
    path = tmp_path / "a.txt"
    path.write_text(json.dumps(message()), encoding="utf-8")
    assert one(path).tables["setlinfo"].height == 1


# ---- zip archives


def test_a_zip_of_messages(known, zipped, one, message):
    lines = "\n".join(json.dumps(message(setl_id=each)) for each in "CD").encode()
    path = zipped({"a.json": "A", "一月/b.json": "B", "c.jsonl": lines, "readme.md": b"x", "__MACOSX/a.json": b"x"})
    part = one(path)
    assert part.tables["setlinfo"]["case_id"].to_list() == ["A", "B", "C", "D"]
    assert part.sources[part.tables["setlinfo"]["_source"][1]].file == f"{path}/一月/b.json"
    assert [note.args["file"] for note in part.notes] == [f"{path}/readme.md"]


def test_member_names_in_gbk(known, message, tmp_path, one):
    path = tmp_path / "a.zip"
    name = "清单.json"
    with zipfile.ZipFile(path, "w") as file:
        info = zipfile.ZipInfo("x" * len(name.encode("gbk")))
        file.writestr(info, json.dumps(message()))
    path.write_bytes(path.read_bytes().replace(info.filename.encode(), name.encode("gbk")))
    assert one(path).sources[0].file == f"{path}/{name}"


def test_a_zip_within_a_zip(known, zipped):
    with pytest.raises(InputError, match="压缩包里还有压缩包"):
        list(read.partitions([zipped({"a.zip": b"PK"})], known))


def test_parquet_within_a_zip(known, zipped):
    with pytest.raises(InputError, match="Parquet 请先解开"):
        list(read.partitions([zipped({"setlinfo.parquet": b"PAR1"})], known))


def test_a_bomb_is_refused_before_it_is_unpacked(known, zipped, monkeypatch):
    monkeypatch.setattr(archive, "HARMLESS", 1 << 20)
    with pytest.raises(InputError, match="超过限制"):
        list(read.partitions([zipped({"a.json": b" " * (4 << 20)})], known))


@pytest.mark.parametrize(("limit", "seen"), [("zip-files=1", "2"), ("zip-bytes=100", "[0-9]{5}")])
def test_too_much_in_a_zip(known, zipped, monkeypatch, limit, seen):
    monkeypatch.setenv("ZHIKONG_LIMITS", limit)
    name, _, most = limit.partition("=")
    with pytest.raises(InputError, match=f"为 {seen}，超过限制 {most}；.*--limits {name}="):
        list(read.partitions([zipped({"a.json": "A", "b.json": "B"})], known))


def test_a_truncated_zip(known, zipped):
    path = zipped({"a.json": "A"})
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(InputError, match="损坏或不完整"):
        list(read.partitions([path], known))


@pytest.mark.parametrize("name", ["a.json", "a.jsonl", "a.csv", "a.xlsx"])
def test_a_damaged_member(known, zipped, name):
    path = zipped({name: b'{"a": 1234567890}'}, compression=zipfile.ZIP_STORED)
    path.write_bytes(path.read_bytes().replace(b"1234567890", b"1234567891", 1))
    with pytest.raises(InputError) as error:
        list(read.partitions([path], known))
    assert f"{path}/{name}" in error.value.zh
    assert "损坏" in error.value.zh


def test_a_zip_with_a_password(known, zipped):
    path = zipped({"a.json": "A"})
    data = bytearray(path.read_bytes())
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    with pytest.raises(InputError, match="有密码"):
        list(read.partitions([path], known))
