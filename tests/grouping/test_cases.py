"""Cases come out the same however they were written, whichever way they came in, alone or among others."""

import random
import unicodedata
from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.grouping import scheme as tiny
from validator import read
from validator.base.errors import InputError
from validator.checks import catalogue
from validator.grouping import drg, grouper, written
from validator.grouping.cases import FRAME, Cases, from_flat, from_tables, is_flat
from validator.read import named_columns

COLUMNS = ["case_id", "sex", "age", "age_days", "weight_g", "diagnoses", "procedures"]
ROWS = [
    ("a", "1", "60", None, None, "K80.101|E11.900", "51.2300"),
    ("b", "2", "60", None, None, "J15.900|J96.000|D62.x00", None),
    ("c", "1", "0", "5", "1400", "P07.200|J96.000", None),
    ("d", "1", "0", "5", None, "P07.200", None),
    ("e", "2", "70", None, None, "C53.900", "68.6100|65.6100"),
    ("f", "1", "70", None, None, "C53.900", "68.6100"),
    ("g", "1", "60", None, None, "K80.101", "47.0100|99.2500"),
    ("h", "1", "60", None, None, None, "47.0100"),
    ("i", None, "60", None, None, "C61.x00", "60.5x00"),
    ("j", "1", None, None, None, "C61.x00", "60.5x00"),
    ("k", "1", "60", None, None, "Q99.900", None),
    ("l", "2", "31", None, None, "K80.100|K80.101", "51.2300|47.0100"),
]


def flat(*rows: tuple[str | None, ...]) -> pl.DataFrame:
    return pl.DataFrame(rows or ROWS, schema=dict.fromkeys(COLUMNS, pl.String), orient="row")


def tables(frame: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """The flat rows as the settlement tables of a hospital."""
    lists = frame.select(setl_id="case_id", gend="sex", age="age", nwb_age="age_days", nwb_bir_wt="weight_g")

    def rows(column: str, code: str, **marks: pl.Expr) -> pl.DataFrame:
        each = frame.select(setl_id="case_id", code=pl.col(column).str.split("|")).explode("code").drop_nulls("code")
        return each.with_columns(first=pl.col("setl_id").is_first_distinct()).select("setl_id", code, **marks)

    first = pl.col("first")
    main = pl.when(first).then(pl.lit("1")).otherwise(pl.lit("0"))
    other = pl.when(first).then(pl.lit("1")).otherwise(pl.lit("2"))
    diagnoses = rows("diagnoses", "code", maindiag_flag=main, diag_type=pl.lit("1")).rename({"code": "diag_code"})
    operations = rows("procedures", "code", oprn_oprt_type=other).rename({"code": "oprn_oprt_code"})
    return {"setlinfo": lists, "diseinfo": diagnoses, "oprninfo": operations}


def partition(frames: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    [part] = read.from_tables(frames, catalogue.load().layouts, "4101")
    return part.tables


def one(**fields: str) -> dict[str, object]:
    """The frame's row for one flat case."""
    row = {"case_id": "a", "sex": "1", "age": "60", "diagnoses": "K80.101"} | fields
    return from_flat(pl.DataFrame(row)).frame.row(0, named=True)


def same(left: Cases, right: Cases) -> bool:
    frames = zip(
        (left.frame, left.diagnoses, left.procedures), (right.frame, right.diagnoses, right.procedures), strict=True
    )
    return all(mine.equals(other) for mine, other in frames)


# ---- what each way of writing means


@pytest.mark.parametrize("text", ["1", "男", "男性", "M", "m", "male", "１", " 1 ", "1.0", "Ｍ"])
def test_a_man(text):
    assert one(sex=text)["sex"] == "1"


@pytest.mark.parametrize("text", ["2", "女", "女性", "F", "２", "female"])
def test_a_woman(text):
    assert one(sex=text)["sex"] == "2"


@pytest.mark.parametrize(("text", "count"), [("", 0), ("-", 0), ("0", 0), ("9", 0), ("未知", 0), ("3", 1), ("阳", 1)])
def test_no_sex_is_unknown_and_a_wrong_one_is_counted(text, count):
    cases = from_flat(pl.DataFrame({"sex": [text], "diagnoses": ["K80.101"]}))
    assert cases.frame["sex"][0] is None
    assert cases.unread.get("sex", 0) == count


@pytest.mark.parametrize(
    ("age", "days", "expected"),
    [
        ("65", "", (65, None)),
        ("65岁", "-", (65, None)),
        ("65.0", None, (65, None)),
        ("６５", "", (65, None)),
        ("0.5", "", (0, None)),
        ("0", "", (0, None)),
        ("0", "0", (0, 0)),
        ("0", "12", (0, 12)),
        ("12天", "", (0, 12)),
        ("3月", "", (0, 90)),
        ("3个月", "", (0, 90)),
        ("14月", "", (1, None)),
        ("1岁2月", "", (1, None)),
        ("5小时", "", (0, 0)),
        ("", "12", (0, 12)),
        ("-", "12天", (0, 12)),
        (None, "365", (0, 365)),
        (None, "800", (2, 800)),
        ("88", "32460", (88, 32460)),
        ("69", "0", (69, None)),  # adults' lists carry 0 days
        ("", "", (None, None)),
        ("成人", "", (None, None)),
        ("-3", "", (None, None)),
    ],
)
def test_ages(age, days, expected):
    frame = pl.DataFrame(
        {"age": [age], "age_days": [days], "diagnoses": ["K80.101"]}, schema_overrides={"age": pl.String}
    )
    cases = from_flat(frame)
    assert cases.frame.select("age", "age_days").row(0) == expected
    assert cases.unread.get("age", 0) == (age in ("成人", "-3"))


@pytest.mark.parametrize(
    ("text", "grams", "unread"),
    [
        ("3250", 3250, 0), ("3250,3100", 3250, 0), ("３２５０，３１００", 3250, 0), ("3250克", 3250, 0), ("3.25kg", 3250, 0),
        ("3250.00", 3250, 0), ("0", None, 0), ("-", None, 0), ("", None, 0), ("3.25", None, 1), ("重", None, 1),
    ],
)  # fmt: skip
def test_weights(text, grams, unread):
    cases = from_flat(pl.DataFrame({"weight_g": [text], "diagnoses": ["P07.200"]}))
    assert cases.frame["weight"][0] == grams
    assert cases.unread.get("weight", 0) == unread


@pytest.mark.parametrize(
    ("text", "principal", "others"),
    [
        ("I10.X00|k80.101", "I10.x00", ["K80.101"]),
        ("Ｉ１０.ｘ００，K80.101", "I10.x00", ["K80.101"]),
        ("I10.x00;K80.101、 E11.900 ", "I10.x00", ["K80.101", "E11.900"]),
        ("I10.X00X002|", "I10.x00x002", []),
        ("x59.900", "X59.900", []),
        ("A01.002+g01*", "A01.002+G01*", []),
        ("\u200bK80.101", "K80.101", []),
        ("|K80.101", None, ["K80.101"]),  # nothing moves up into the first place
        ("-|K80.101|-", None, ["K80.101"]),
        ("-", None, []),
        ("", None, []),
    ],
)
def test_codes(text, principal, others):
    cases = from_flat(pl.DataFrame({"diagnoses": [text]}))
    assert cases.frame["principal"][0] == principal
    assert cases.diagnoses["code"].to_list() == others


@given(
    st.sampled_from(["I10.x00x002", "K80.101", "A01.002+G01*", "X59.900", "C61.x00", "51.2300", "17.91100"]), st.data()
)
def test_a_code_is_the_same_in_any_case_and_width(code, data):
    wide = str.maketrans({char: chr(ord(char) + 0xFEE0) for char in map(chr, range(0x21, 0x7F))})
    mixed = "".join(data.draw(st.sampled_from([char.lower(), char.upper(), char.translate(wide)])) for char in code)
    blanks = data.draw(st.sampled_from(["", " ", "\u3000", "\t"]))
    assert written.code(blanks + mixed + blanks) == code
    assert one(diagnoses=mixed)["principal"] == code


@given(st.text(max_size=12))
def test_any_text_is_read_or_counted(text):
    frame = pl.DataFrame({name: [text] for name in (*COLUMNS, "los", "cost")})
    cases = from_flat(frame)
    assert cases.frame.schema == FRAME
    blank = (
        unicodedata.normalize("NFKC", text).strip() in named_columns.NOTHING or text.strip() in named_columns.NOTHING
    )
    for field in ("age", "cost"):
        known, lost = cases.frame[field][0] is not None, cases.unread.get(field, 0)
        assert known or lost or blank or (field == "age" and cases.frame["age_days"][0] is None)
        assert not (known and field == "cost" and lost)


def test_every_code_of_the_dictionaries_is_as_the_tables_write_it(published):
    for name in ("icd10_dict", "icd9_dict"):
        codes = pl.read_csv(published.scheme / f"{name}.csv", columns=["code"], infer_schema=False)["code"]
        assert [code for code in codes if written.code(code) != code] == []
        assert not codes.str.contains(written.UNTIDY_CODE).any()


def test_native_columns_and_lists_of_codes():
    frame = pl.DataFrame(
        {"case_id": [7], "sex": [2], "age": [60.0], "diagnoses": [["K80.101", "E11.900"]], "procedures": [["51.2300"]],
         "los": [12], "cost": [1234.5]}
    )  # fmt: skip
    cases = from_flat(frame)
    row = cases.frame.row(0, named=True)
    assert row == {
        "case_id": "7", "sex": "2", "age": 60, "age_days": None, "weight": None, "los": 12, "cost": 1234.5,
        "principal": "K80.101", "procedure": "51.2300", "payment": None, "outside": None,
    }  # fmt: skip
    assert cases.diagnoses["code"].to_list() == ["E11.900"]


def test_chinese_headings_and_cases_without_a_number():
    frame = pl.DataFrame({"病案号": ["a", ""], "性别": ["男", "女"], "诊断编码": ["K80.101", "C53.900"]})
    assert is_flat(frame.columns)
    assert from_flat(frame).frame["case_id"].to_list() == ["a", "#2"]
    assert not is_flat(["setl_id", "gend", "age"])


def test_without_diagnoses_it_is_no_flat_table():
    with pytest.raises(InputError, match="diagnoses"):
        from_flat(pl.DataFrame({"case_id": ["a"]}))


def test_no_cases():
    cases = from_flat(flat().clear())
    assert len(cases) == 0
    assert drg.group(tiny.scheme(), cases).height == 0


# ---- settlement tables


def test_flat_and_tables_give_the_same_cases():
    assert same(from_flat(flat()), from_tables(partition(tables(flat()))))


DIAGNOSES = [
    "K80.101",
    "K80.100",
    "C61.x00",
    "C53.900",
    "J15.900",
    "J96.000",
    "E11.900",
    "P07.200",
    "Q99.900",
    "i10.X00x002",
]
OPERATIONS = ["51.2300", "60.5x00", "68.6100", "65.6100", "47.0100", "99.2500"]
DRAWN = st.lists(
    st.tuples(
        st.sampled_from(["1", "2", "男", "Ｆ", "9", "x", None]),
        st.sampled_from(["60", "0", "60岁", "3月", "12天", "", "?", None]),
        st.sampled_from(["0", "5", "28", "29天", "", None]),
        st.sampled_from(["1400", "3250,3100", "0", "-", "?", None]),
        st.lists(st.sampled_from(DIAGNOSES), max_size=4).map("|".join),
        st.lists(st.sampled_from(OPERATIONS), max_size=3).map("|".join),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=25, deadline=None)
@given(DRAWN, st.randoms(use_true_random=False))
def test_whichever_way_they_come_in_and_in_whatever_order(drawn, random):
    rows = [(f"{number}", *row) for number, row in enumerate(drawn)]
    cases, scheme = from_flat(flat(*rows)), tiny.scheme()
    listed = from_tables(partition(tables(flat(*rows))))
    assert same(cases, listed)
    assert cases.unread == listed.unread
    expected = drg.group(scheme, cases)
    random.shuffle(rows)
    assert drg.group(scheme, from_flat(flat(*rows))).sort("case_id").equals(expected.sort("case_id"))
    alone = pl.concat([drg.group(scheme, from_flat(flat(row))) for row in rows])
    assert alone.sort("case_id").equals(expected.sort("case_id"))


def test_the_flag_makes_the_principal_not_the_place():
    frames = {
        "setlinfo": pl.DataFrame({"setl_id": ["a"], "gend": ["1"]}),
        "diseinfo": pl.DataFrame(
            {"setl_id": ["a"] * 4, "diag_type": ["2", "1", "1", "3"], "maindiag_flag": ["1", "0", "1", "0"],
             "diag_code": ["A01.01.01", "E11.900", "K80.101", "B01.03.01"]}
        ),
        "oprninfo": pl.DataFrame(
            {"setl_id": ["a"] * 2, "oprn_oprt_type": ["2", "1"], "oprn_oprt_code": ["47.0100", "51.2300"]}
        ),
    }  # fmt: skip
    cases = from_tables(partition(frames))
    assert cases.frame.select("principal", "procedure").row(0) == ("K80.101", "51.2300")
    assert cases.diagnoses["code"].to_list() == ["E11.900"]  # no TCM code
    assert cases.procedures["code"].to_list() == ["47.0100"]


@pytest.mark.parametrize(
    ("rows", "principal", "others"),
    [
        ([("1", "E11.900", None), ("1", "K80.101", None)], "E11.900", ["K80.101"]),  # no flag: the first
        ([("1", "E11.900", "1"), ("1", "K80.101", "1")], "E11.900", ["K80.101"]),  # two flags: the first of them
        ([("2", "BNW010", "1"), ("1", "K80.101", "0")], None, ["K80.101"]),  # the flag is on a TCM disease only: DX102
        ([("1", "E11.900", "0"), ("1", "K80.101", None)], "K80.101", ["E11.900"]),  # the first that is not denied
        ([("1", None, "1"), ("1", "K80.101", "0")], None, ["K80.101"]),  # a name without a code
        ([("2", "E11.900", "0"), ("1", "k80.101", "1")], "K80.101", ["E11.900"]),  # the other scheme of types
        ([("1", "K80.1", "1")], "K80.1", []),  # cut short: reported as unknown later, not dropped
        ([], None, []),
    ],
)
def test_which_diagnosis_is_principal(rows, principal, others):
    diagnoses = pl.DataFrame(
        [("a", kind, code, flag, "诊断") for kind, code, flag in rows],
        schema=dict.fromkeys(("setl_id", "diag_type", "diag_code", "maindiag_flag", "diag_name"), pl.String), orient="row",
    )  # fmt: skip
    cases = from_tables(partition({"setlinfo": pl.DataFrame({"setl_id": ["a"], "gend": ["1"]}), "diseinfo": diagnoses}))
    assert cases.frame["principal"][0] == principal
    assert cases.diagnoses["code"].to_list() == others


def test_stay_and_cost_from_what_there_is():
    frames = {
        "setlinfo": pl.DataFrame(
            {"setl_id": ["a", "b", "c"], "gend": ["1"] * 3, "act_ipt_days": ["7", None, "x"],
             "adm_time": ["2026-07-01 08:00:00"] * 3, "dscg_time": ["2026-07-05 08:00:00"] * 3}
        ),
        "iteminfo": pl.DataFrame({"setl_id": ["a", "a", "b"], "med_chrgitm": ["01"] * 3, "amt": ["100.50", "20", "x"]}),
    }  # fmt: skip
    cases = from_tables(partition(frames))
    assert cases.frame["los"].to_list() == [7, 4, None]
    assert cases.frame["cost"].to_list() == [120.5, None, None]
    assert cases.unread == {"los": 1}


def test_the_birth_weight_goes_before_the_admission_weight():
    lists = pl.DataFrame(
        {"setl_id": ["a", "b"], "gend": ["1"] * 2, "nwb_bir_wt": ["1400", "0"], "nwb_adm_wt": ["1600"] * 2}
    )
    assert from_tables(partition({"setlinfo": lists})).frame["weight"].to_list() == [1400, 1600]


# ---- one, many, in any order


def test_a_case_is_grouped_alone_as_among_others():
    cases, scheme = from_flat(flat()), tiny.scheme()
    together = drg.group(scheme, cases)
    assert together["status"].unique().len() >= 3
    for row in range(len(cases)):
        alone = cases.take(pl.Series([row]))
        assert same(alone, from_flat(flat()[row]))
        assert drg.group(scheme, alone).equals(together[row])


def test_order_does_not_count():
    rows = ROWS * 3
    random.Random(7).shuffle(rows)
    shuffled = drg.group(tiny.scheme(), from_flat(flat(*rows))).unique(maintain_order=True)
    assert shuffled.sort("case_id").equals(drg.group(tiny.scheme(), from_flat(flat())).sort("case_id"))


def test_the_defects_of_a_known_grouper_are_not_inherited():
    """Sex as text left every genital case without a group there; an age as text stopped the run."""
    rows = [
        ("a", "男", "60岁", None, None, "C61.x00", "60.5x00"),
        ("b", "F", "60", None, None, "C53.900", None),
        ("c", "男", "5天", None, "1400", "P07.200", None),
        ("d", "1", None, "5", "1400,1500", "P07.200", None),
    ]
    assert drg.group(tiny.scheme(), from_flat(flat(*rows)))["drg"].to_list() == ["MA19", "NR19", "PS15", "PS15"]


def test_the_day_of_discharge_picks_the_scheme(tmp_path):
    store = grouper.Store(tmp_path)
    tiny.keep(store, "old", date(2024, 1, 1), qy="")
    tiny.keep(store, "new", date(2026, 1, 1))
    rows = [("a", "2025-06-01"), ("b", "2026-06-01"), ("c", "2025-07-01"), ("d", None)]
    frame = pl.DataFrame(rows, schema=["case_id", "discharged"], orient="row")
    frame = frame.with_columns(
        sex=pl.lit("1"), age=pl.lit("60"), diagnoses=pl.lit("K80.101"), procedures=pl.lit("47.0100")
    )
    result = grouper.group(frame, codebooks=tmp_path)
    assert result["case_id"].to_list() == ["a", "b", "c", "d"]
    assert result["drg"].to_list() == ["HU15", "HQY", "HU15", "HQY"]
    assert grouper.group(frame, "old", codebooks=tmp_path)["drg"].to_list() == ["HU15"] * 4


def test_weights_of_twins_joined_by_a_comma_are_read() -> None:
    """As on 4101 lists; the first counts, as in a flat table, and nothing is called unreadable."""
    frame = pl.DataFrame({"case_id": ["1"], "gend": ["2"], "age": ["30"], "nwb_age": [""], "nwb_bir_wt": ["2700,2500"]})
    rows = pl.DataFrame(
        {"_case": [0], "_row": [1], "diag_code": ["O84.000"], "maindiag_flag": ["1"]},
        schema_overrides={"_case": pl.UInt32},
    )
    cases = from_tables({"setlinfo": frame, "diseinfo": rows})
    assert cases.frame["weight"].to_list() == [2700]
    assert not cases.unread
