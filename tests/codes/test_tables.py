"""The registry of code tables: versions side by side, the day that picks, finding codes."""

from datetime import date
from pathlib import Path

import platformdirs
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from validator.base.errors import InputError
from validator.codes import tables
from validator.codes.tables import Store, Version

TEXTS = st.text(alphabet="AB01.x+*甲", max_size=4)


def listed(codes: dict[str, str], **columns: list[object]) -> pl.DataFrame:
    """A code list; ``columns`` replace the blank standard ones or stand next to them."""
    blank = {"since": pl.Date, "until": pl.Date, "grey": pl.Boolean}
    frame = pl.DataFrame(
        {"code": list(codes), "name": list(codes.values())}, schema={"code": pl.String, "name": pl.String}
    )
    return frame.with_columns(pl.lit(None, dtype).alias(name) for name, dtype in blank.items()).with_columns(
        **{name: pl.Series(values) for name, values in columns.items()}
    )


@pytest.fixture
def store(tmp_path) -> Store:
    return Store(tmp_path / "books")


def put(
    store: Store, version: str, frame: pl.DataFrame, since: date | None = None, until: date | None = None, table="icd10"
):
    new = Version(table, version, since, until, 0, version * 2, f"{version}.csv", "2026-01-01T00:00:00", Path())
    return store.put(new, frame)


def test_the_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("ZHIKONG_CODEBOOKS", str(tmp_path))
    assert tables.home() == tmp_path == Store().folder
    monkeypatch.delenv("ZHIKONG_CODEBOOKS")
    assert tables.home() == Path(platformdirs.user_data_dir("zhikong", appauthor=False)) / "codebooks"


def test_a_missing_folder_is_an_empty_store(store):
    assert store.versions() == []
    assert store.at("icd10", None) is None
    assert store.stamp() == ()
    assert store.mapped(pl.Series(["A"])).is_empty()
    assert not store.folder.exists()


def test_what_was_kept_comes_back(store):
    kept = put(store, "2.0", listed({"B": "乙", "A": "甲"}, 备注=["1", "2"]), date(2021, 1, 1), date(2025, 12, 31))
    assert store.versions() == store.versions("icd10") == [kept]
    assert kept == Version(
        "icd10", "2.0", date(2021, 1, 1), date(2025, 12, 31), 2, "2.02.0", "2.0.csv", "2026-01-01T00:00:00",
        store.folder / "icd10" / "2.0.parquet",
    )  # fmt: skip
    book = store.book(kept)
    assert book is store.book(kept)
    assert book.frame.columns == ["code", "name", "since", "until", "grey"]
    assert book.codes.to_list() == ["A", "B"]
    assert book.columns[-1] == "备注"
    assert book.further_columns(["备注"]).to_dicts() == [{"备注": "2"}, {"备注": "1"}]
    assert (book.name("B"), book.name("C")) == ("乙", None)


def test_the_day_picks_the_version(store):
    for version, since, until in (
        ("1.0", None, None), ("2.0", date(2021, 1, 1), None), ("2.1", date(2023, 1, 1), date(2023, 12, 31)), ("10", date(2027, 1, 1), None),
    ):  # fmt: skip
        put(store, version, listed({"A": version}), since, until)
    days = {
        date(2020, 12, 31): "1.0",
        date(2021, 1, 1): "2.0",
        date(2023, 12, 31): "2.1",
        date(2024, 1, 1): "2.0",
        None: "10",
    }
    for day, expected in days.items():
        found = store.at("icd10", day)
        assert found is not None
        assert found.version == expected
    assert [store.at("icd10", date(2020, 1, 1), pinned).version for pinned in ("2.1", "9")] == ["2.1", "1.0"]
    assert store.at("icd9cm3", None) is None


def test_a_version_that_is_not_yet_in_force(store):
    put(store, "2.0", listed({"A": "甲"}), date(2021, 1, 1))
    assert store.at("icd10", date(2020, 1, 1)) is None


def test_numbers_in_versions_count_as_numbers(store):
    for version in ("2.0", "10.0", "9.5"):
        put(store, version, listed({"A": "甲"}))
    assert [each.version for each in store.versions()] == ["10.0", "9.5", "2.0"]


def test_adding_replacing_and_removing_change_the_stamp(store):
    stamps = [store.stamp()]
    first = put(store, "1", listed({"A": "甲"}))
    stamps.append(store.stamp())
    second = put(store, "1", listed({"A": "甲", "B": "乙"}))
    stamps.append(store.stamp())
    assert store.book(second).frame.height == 2, "no stale book"
    store.remove(second)
    stamps.append(store.stamp())
    assert len(set(stamps)) == 3
    assert stamps[0] == stamps[3] == ()
    assert first.path.parent.parent.exists()
    assert not first.path.parent.exists(), "no empty folder stays"


def test_files_being_written_are_not_there(store):
    put(store, "1", listed({"A": "甲"}))
    (store.folder / "icd10" / ".2-abcd.parquet").write_bytes(b"PAR1")
    assert len(store.versions()) == 1


@pytest.mark.parametrize("data", [b"", b"PAR1", bytes(100)])
def test_a_damaged_file_is_named(store, data):
    kept = put(store, "1", listed({"A": "甲"}))
    kept.path.write_bytes(data)
    with pytest.raises(InputError, match=r"1\.parquet：不是码表，或已损坏"):
        store.versions()
    pl.DataFrame({"code": ["A"]}).write_parquet(kept.path)
    with pytest.raises(InputError, match="不是码表"):
        store.versions()


@given(
    codes=st.lists(TEXTS, min_size=1, unique=True),
    asked=st.lists(st.none() | TEXTS),
    many=st.booleans(),
)
def test_finding_is_what_a_dictionary_does(tmp_path_factory, codes, asked, many):
    store = Store(tmp_path_factory.mktemp("store"))
    book = store.book(put(store, "1", listed(dict.fromkeys(codes, "甲"))))
    known = {code: row for row, code in enumerate(book.codes)}
    if many:
        asked *= 8_000 // max(len(asked), 1) + 1
    found = book.find(pl.Series(asked, dtype=pl.String))
    assert found.dtype == pl.UInt32
    assert found.to_list() == [known.get(code) for code in asked]


def test_grey_shown_by_the_table_or_else_by_the_list(store):
    grey_given = put(store, "1", listed({"A": "甲", "B": "乙"}, grey=[True, False]))
    assert store.grey(grey_given, None).to_list() == [True, False]
    grey_open = put(store, "2", listed({"A": "甲", "B": "乙", "C": "丙"}), date(2022, 1, 1))
    assert store.grey(grey_open, None) is None
    grey = pl.DataFrame({"code": ["B"], "name": ["乙"]})
    put(store, "9", grey, table="icd10_grey")
    assert store.grey(grey_open, date(2022, 6, 1)).to_list() == [False, True, False], "the list in force"
    put(store, "2", grey.with_columns(code=pl.lit("C")), date(2030, 1, 1), table="icd10_grey")
    assert store.grey(grey_open, date(2022, 6, 1)).to_list() == [False, False, True], "the list of the same version"
    partly = put(store, "3", listed({"A": "甲", "B": "乙"}, grey=[True, None]), date(2023, 1, 1))
    assert store.grey(partly, None).to_list() == [True, False]


def test_search(store):
    codes = {
        "K80.000": "胆囊结石伴急性胆囊炎",
        "K80.100": "胆囊结石",
        "K80.200": "胆管结石",
        "J80.100": "K80",
        "Z": "其他胆囊结石史",
    }
    book = store.book(put(store, "1", listed(codes)))

    def found(*words: str) -> list[str]:
        return [book.codes[row] for row in book.search(words)["row"]]

    assert found("胆囊结石") == ["K80.100", "K80.000", "Z"]
    assert found("k80") == ["J80.100", "K80.000", "K80.100", "K80.200"]
    assert found("Ｋ８０", "胆管") == ["K80.200"]
    assert found("结石", "胆囊", "急性") == ["K80.000"]
    assert found("没有") == []
    grey = store.book(
        put(store, "1", pl.DataFrame({"code": ["A"], "target": ["B"], "target_name": ["甲"]}), table="icd10_map")
    )
    assert grey.search(["甲"]).rows() == [(0, 0, 1)]


def test_maps(store):
    frame = pl.DataFrame({"code": ["a", "b", "c"], "target": ["X", "X", "Y"], "target_name": ["甲", "甲", "乙"]})
    put(store, "1", frame.with_columns(target=pl.lit("旧")), table="icd10_map")
    put(store, "2", frame, date(2026, 1, 1), table="icd10_map")
    put(store, "1", pl.DataFrame({"code": ["d"], "target": ["Z"], "target_name": [None]}), table="icd9cm3_map")
    asked = pl.Series(["d", "b", "a", "?", "a", None])
    assert store.mapped(asked).rows() == [
        ("b", "X", "甲", "icd10_map", "2"), ("a", "X", "甲", "icd10_map", "2"), ("d", "Z", None, "icd9cm3_map", "1"),
    ]  # fmt: skip
    assert store.mapped(pl.Series(["X"]), back=True).select("code", "target").rows() == [("X", "a"), ("X", "b")]
