import csv

import pytest

from validator import read
from validator.base.errors import ConfigError, InputError

HEADINGS = {"结算ID": "ST1", "姓名": "测试甲", "性别": "2", "出生日期": "1975-03-12", "入院时间": "2026-07-06 09:10:00"}
FULL = {**HEADINGS, "医保类型": "310", "个人自付": "12.30"}


@pytest.fixture
def sheet(tmp_path):
    """A CSV file of rows (dicts) or of raw text."""

    def make(rows, name="清单.csv", encoding="utf-8", delimiter=","):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        if isinstance(rows, str):
            path.write_text(rows, encoding=encoding, newline="")
            return path
        with path.open("w", encoding=encoding, newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]), delimiter=delimiter)
            writer.writeheader()
            writer.writerows(rows)
        return path

    return make


def checks(part):
    return [note.check for note in part.notes]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_encodings_and_delimiters(sheet, one, encoding, delimiter):
    part = one(sheet([FULL, FULL | {"结算ID": "ST2", "姓名": ""}], encoding=encoding, delimiter=delimiter))
    cases = part.tables["setlinfo"]
    assert cases["case_id"].to_list() == ["ST1", "ST2"]
    assert cases["psn_name"].to_list() == ["测试甲", None]
    assert cases["psn_selfpay"].to_list() == ["12.30"] * 2
    assert cases["_line"].to_list() == [2, 3]
    assert part.sources[0].columns["gend"] == "性别"
    assert not part.notes


def test_a_folder_of_tables_joined_by_their_key(tables, sheet, one):
    for table, rows in tables(3).items():
        if rows:
            sheet(rows, f"月/{table}.csv")
    part = one(sheet([{"a": ""}], "月/x.docx").parent)
    assert part.layout == "4101"
    diagnoses = part.tables["diseinfo"]
    assert diagnoses["_case"].unique().sort().to_list() == [0, 1, 2]
    assert diagnoses.filter(_case=2)["_row"].to_list() == list(range(1, diagnoses.height // 3 + 1))
    assert "setl_id" not in diagnoses.columns
    assert checks(part) == ["read/skipped-file"]


def test_the_same_whatever_the_order_of_rows(tables, sheet, one):
    rows = tables(3)
    sheet(rows["setlinfo"], "月/setlinfo.csv")
    mixed = sorted(rows["diseinfo"], key=lambda row: row["diag_code"])
    part = one(sheet(mixed, "月/diseinfo.csv").parent)
    first = part.tables["diseinfo"].filter(_case=1)
    assert first["diag_code"].to_list() == [row["diag_code"] for row in mixed if row["setl_id"] == "ST0000000001"]
    assert first["_row"].to_list() == list(range(1, first.height + 1))


@pytest.mark.parametrize("key", ["就诊ID", "病案号", "住院号", "清单流水号"])
def test_any_key_that_both_tables_have(sheet, one, key):
    sheet([HEADINGS | {key: "K1"}, HEADINGS | {key: "K2", "结算ID": "ST2"}], "月/结算清单.csv")
    path = sheet([{key: " K2 ", "诊断代码": "I10", "诊断名称": "高血压"}], "月/诊断信息.csv")
    part = one(path.parent, layout="4101")
    assert part.tables["diseinfo"]["_case"].to_list() == [1]
    assert not part.notes


def test_a_row_without_its_case_is_noted(sheet, one):
    sheet([FULL], "月/setlinfo.csv")
    rows = [{"结算ID": key, "诊断代码": "I10", "诊断名称": "x"} for key in ("ST1", "ST9", "")]
    part = one(sheet(rows, "月/diseinfo.csv").parent)
    assert part.tables["diseinfo"].height == 1
    assert [(note.check, note.table, note.line) for note in part.notes] == [
        ("read/orphan-row", "diseinfo", 3),
        ("read/blank-key", "diseinfo", 4),
    ]


def test_tables_that_nothing_links(known, sheet):
    sheet([FULL, FULL], "月/setlinfo.csv")
    path = sheet([{"诊断代码": "I10", "诊断名称": "x"}], "月/diseinfo.csv")
    with pytest.raises(InputError, match="没有一列能和 setlinfo 对上"):
        list(read.partitions([path.parent], known))


def test_details_without_cases(sheet, one):
    path = sheet([{"结算ID": key, "收费项目": "01", "甲类": "1"} for key in ("B", "A", "B")], "iteminfo.csv")
    part = one(path)
    assert part.tables["setlinfo"]["case_id"].to_list() == ["B", "A"]
    assert part.tables["iteminfo"]["_case"].to_list() == [0, 0, 1]
    assert checks(part) == ["read/missing-case-table"]


def test_quoted_line_breaks_count_as_lines(sheet, one):
    text = '结算ID,姓名,性别,医保类型\nA,"甲\n乙",1,310\n\nB,丙,2,310\n'
    cases = one(sheet(text)).tables["setlinfo"]
    assert cases["psn_name"].to_list() == ["甲\n乙", "丙"]
    assert cases["_line"].to_list() == [2, 5]


def test_text_that_excel_was_made_to_keep(sheet, one):
    cases = one(sheet('结算ID,姓名,性别,医保类型\n="0012",甲,1,310\n')).tables["setlinfo"]
    assert cases["setl_id"].to_list() == ["0012"]


def test_titles_above_the_headings(sheet, one):
    cases = one(sheet("某医院7月清单\n\n结算ID,姓名,性别,医保类型\nA,甲,1,310\n")).tables["setlinfo"]
    assert cases["_line"].to_list() == [4]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "没有病例"),
        ("\n , \n", "认不出结算清单的表"),
        ("结算ID,姓名,性别\nA,甲,1,多\nB,乙,2\nC,丙\n", "第 2 行：格数与标题行（3 格）不符，共 2 行：第 2、4 行"),
        ('结算ID,姓名,性别\nA,甲,1\nB,"乙,2\n', "第 3 行：这一行的双引号不成对"),
        ('结算ID,姓名,性别\nA,"甲"x,1\n', "第 2 行：这一行的双引号不成对"),
        ("<html><table></table></html>", "是网页（HTML）"),
        ("列一,列二\n1,2\n", "认不出结算清单的表"),
        ("结算ID,职业,国籍\nA,11,CHN\n", "--layout"),
    ],
)
def test_what_cannot_be_read(known, sheet, text, message):
    path = sheet(text)
    with pytest.raises(InputError) as error:
        list(read.partitions([path], known))
    assert str(path) in error.value.zh
    assert message in error.value.zh
    assert "甲" not in error.value.zh + error.value.en


def test_bytes_of_no_encoding(known, sheet):
    path = sheet("结算ID,姓名,性别,医保类型\nA,甲,1,310\n")
    path.write_bytes(path.read_bytes() + b"B,\xff\xff,1,310\n")
    with pytest.raises(InputError, match="第 3 行：第 51 个字节"):
        list(read.partitions([path], known))


def test_a_file_without_headings_is_refused_without_its_data(known, sheet):
    path = sheet("110105197503120026,测试甲,男\n")
    with pytest.raises(InputError) as error:
        list(read.partitions([path], known))
    assert "测试甲" not in error.value.zh
    assert "110105197503120026" not in error.value.zh


def test_another_interface_than_the_one_named(known, sheet):
    path = sheet([FULL])
    with pytest.raises(InputError, match="应是 4101A 的数据，却只有别的接口的字段：psn_name"):
        list(read.partitions([path], known, layout="4101A"))


# ---- headings


def test_an_unknown_heading_is_noted_with_a_suggestion(sheet, one):
    part = one(sheet([FULL | {"入院时刻": "1", "备注": "2"}]))
    assert [(note.field, note.args["column"], note.args["suggestion"]) for note in part.notes] == [
        ("入院时刻", "入院时刻", "setlinfo.adm_time"),
        ("备注", "备注", "—"),
    ]


def test_two_headings_of_one_field(sheet, one):
    rows = [FULL | {"患者姓名": "测试甲"}, FULL | {"结算ID": "ST2", "患者姓名": "测试乙"}]
    part = one(sheet(rows))
    assert part.tables["setlinfo"]["psn_name"].to_list() == ["测试甲"] * 2
    assert [(note.check, note.field, note.line) for note in part.notes] == [("read/alias-differs", "psn_name", 3)]


@pytest.mark.parametrize(
    "heading", ["*性别：", "性 别", "性别（代码）", "gend", "GEND", "性别(gend)", "【性别】", "Sex"]
)
def test_a_heading_however_it_is_written(sheet, one, heading):
    rows = [{heading if name == "性别" else name: value for name, value in FULL.items()}]
    assert one(sheet(rows)).tables["setlinfo"]["gend"].to_list() == ["2"]


def test_a_duration_in_three_columns(sheet, one):
    rows = [FULL | {"呼吸机使用时间（天）": "1", "呼吸机使用时间（小时）": "13", "呼吸机使用时间（分钟）": ""}]
    part = one(sheet(rows))
    assert part.tables["setlinfo"]["vent_used_dura"].to_list() == ["1/13/0"]
    assert part.sources[0].columns["vent_used_dura"].startswith("呼吸机使用时间（天）+")
    assert not part.notes


def test_a_mapping_file_names_the_users_own_headings(known, sheet, tmp_path, one):
    path, mapping = sheet([FULL | {"流水": "M1", "备注": "x"}]), tmp_path / "对照.yaml"
    draft = read.draft_mapping(one(path).notes)
    assert draft == {"流水": "", "备注": ""}
    read.save_mapping(mapping, draft | {"流水": "setlinfo.medcasno"})
    part = one(path, mapping=mapping)
    assert part.tables["setlinfo"]["medcasno"].to_list() == ["M1"]
    assert not part.notes


@pytest.mark.parametrize("target", ["setlinfo.nope", "nope", "nope.gend"])
def test_a_mapping_to_nowhere(known, sheet, tmp_path, target):
    mapping = tmp_path / "对照.yaml"
    read.save_mapping(mapping, {"性别": "setlinfo.gend", "流水": target})
    with pytest.raises(ConfigError) as error:
        list(read.partitions([sheet([FULL])], known, mapping=mapping))
    assert error.value.zh.startswith(f"{mapping}:2")
