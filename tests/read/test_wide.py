"""Wide sheets: one row a case, with the rows of other tables in columns."""

import csv
from pathlib import Path

import openpyxl
import polars as pl
import pytest

import validator
from validator import read
from validator.base.errors import ConfigError, InputError
from validator.cli.commands import template
from validator.read import recognise
from validator.read.headings import Headings
from validator.spec import layouts

WILD = Path(__file__).parents[1] / "wild" / "coder"
CASE = {"结算ID": "ST1", "病案号": "M1", "姓名": "测试甲", "性别": "2", "出生日期": "1975-03-12"}


@pytest.fixture(scope="module")
def headings():
    return Headings(recognise.apart(layouts.load(), "4101")[0])


@pytest.fixture
def sheet(tmp_path):
    """A CSV file of rows (dicts)."""

    def make(rows, name="清单.csv", encoding="utf-8"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        with path.open("w", encoding=encoding, newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        return path

    return make


@pytest.fixture
def one():
    """The only partition of a file or folder."""

    def load(path, **options):
        (part,) = read.partitions([path], layouts.load(), **({"layout": "4101"} | options))
        return part

    return load


def held(headings, *names):
    """Heading -> (table, row, field) in a sheet of cases with these headings."""
    columns = headings.resolve("setlinfo", [[name] for name in ("结算ID", *names)])
    places = {index: (*row, field) for row, each in columns.rows.items() for field, index in each.targets.items()}
    return [places.get(index) for index in range(1, len(names) + 1)]


@pytest.mark.parametrize(
    "names",
    [
        ("主要诊断编码", "主要诊断名称", "其他诊断编码1", "其他诊断名称1", "入院病情1"),
        ("出院主要诊断编码", "出院主要诊断", "其他诊断1编码", "其他诊断1", "其他诊断1入院病情"),
        ("主诊断ICD-10编码", "主诊断", "其他诊断（1）编码", "其他诊断（1）名称", "其他诊断（1）入院病情"),
        ("主要诊断（代码）", "主要诊断（名称）", "其他诊断１代码", "其他诊断１名称", "入院病情１"),
        ("诊断1编码", "诊断1名称", "诊断2编码", "诊断2名称", "诊断2入院病情"),
        ("第一诊断编码", "第一诊断", "第二诊断编码", "第二诊断", "第二诊断入院病情"),
        ("JBDM", "ZYZD", "JBDM1", "QTZD1", "RYBQ1"),
        ("主要诊断编码", "主要诊断", "诊断编码1", "诊断名称1", "入院病情1"),
        ("主要诊断疾病编码", "主要诊断", "1.其他诊断编码", "1.其他诊断", "1.入院病情"),
    ],
)
def test_headings_of_diagnoses(headings, names):
    expected = [(1, "diag_code"), (1, "diag_name"), (2, "diag_code"), (2, "diag_name"), (2, "adm_cond_type")]
    assert held(headings, *names) == [("diseinfo", *each) for each in expected]


@pytest.mark.parametrize(
    "names",
    [
        ("手术1编码", "手术1名称", "手术1日期", "手术1术者", "麻醉方式1", "手术2编码"),
        ("手术及操作编码1", "手术及操作名称1", "手术及操作日期1", "手术1术者姓名", "手术1麻醉方式", "手术及操作编码2"),
        ("主要手术编码", "主要手术名称", "主要手术日期", "主要手术术者", "主要手术麻醉方式", "其他手术编码1"),
        ("SSJCZBM1", "SSJCZMC1", "SSJCZRQ1", "术者1", "MZFS1", "SSJCZBM2"),
        ("手术操作代码(1)", "手术操作名称(1)", "手术操作日期(1)", "术者医师姓名(1)", "麻醉方式(1)", "手术操作代码(2)"),
    ],
)
def test_headings_of_procedures(headings, names):
    fields = ("oprn_oprt_code", "oprn_oprt_name", "oprn_oprt_date", "oper_dr_name", "anst_way")
    expected = [*(("oprninfo", 1, field) for field in fields), ("oprninfo", 2, "oprn_oprt_code")]
    assert held(headings, *names) == expected


def test_what_no_list_has_and_what_is_the_cases_own_stay_so(headings):
    names = ("手术1级别", "一级护理天数", "门诊诊断编码", "其他", "金额", "编码1", "病理号", "其他费用")
    assert held(headings, *names) == [None] * len(names)
    columns = headings.resolve("setlinfo", [[name] for name in names])
    assert set(columns.targets) == {"lv1_nurscare_days", "wm_dise_code"}


def test_charges_under_the_names_of_their_categories(headings):
    assert held(headings, "床位费", "床位费甲类", "收费项目1金额") == [
        ("iteminfo", 1, "amt"),
        ("iteminfo", 1, "claa_sumfee"),
        ("iteminfo", 101, "amt"),
    ]


def test_rows_of_other_tables_come_from_the_columns_of_their_case(sheet, one):
    path = sheet(
        [
            CASE
            | {"主要诊断编码": "I10", "主要诊断": "高血压", "其他诊断编码1": "", "其他诊断1": "", "手术1编码": "-"},
            CASE
            | {
                "结算ID": "ST2",
                "主要诊断编码": "K80",
                "主要诊断": "结石",
                "其他诊断编码1": "E11",
                "其他诊断1": "糖尿病",
            }
            | {"手术1编码": "51.2300"},
        ]
    )
    part = one(path)
    diagnoses = part.tables["diseinfo"]
    assert diagnoses.select("_case", "_row", "_line", "diag_code", "maindiag_flag", "diag_type").rows() == [
        (0, 1, 2, "I10", "1", "1"),
        (1, 1, 3, "K80", "1", "1"),
        (1, 2, 3, "E11", "0", "1"),
    ]
    assert part.tables["oprninfo"].select("_case", "oprn_oprt_code", "oprn_oprt_type").rows() == [(1, "51.2300", "1")]
    columns = [part.sources[number].columns["diag_code"] for number in diagnoses["_source"]]
    assert columns == ["主要诊断编码", "主要诊断编码", "其他诊断编码1"]
    assert part.sources[0].rows.read == 2
    assert not part.notes


def test_two_rows_with_one_key_keep_their_own_diagnoses(sheet, one):
    part = one(sheet([CASE | {"主要诊断编码": "I10"}, CASE | {"主要诊断编码": "K80"}]))
    assert part.tables["diseinfo"].select("_case", "diag_code").rows() == [(0, "I10"), (1, "K80")]


def test_codes_in_one_cell_are_rows_of_their_own(sheet, one):
    part = one(
        sheet(
            [
                CASE
                | {
                    "主要诊断编码": "I10",
                    "其他诊断编码": "E11.900| J18.9",
                    "其他诊断名称": "糖尿病|肺炎",
                    "其他诊断入院病情": "1",
                },
                CASE
                | {
                    "结算ID": "2",
                    "主要诊断编码": "K80",
                    "其他诊断编码": "",
                    "其他诊断名称": "",
                    "其他诊断入院病情": "",
                },
            ]
        )
    )
    rows = (
        part.tables["diseinfo"]
        .select("_case", "_row", "diag_code", "diag_name", "adm_cond_type", "maindiag_flag")
        .rows()
    )
    assert rows == [
        (0, 1, "I10", None, None, "1"),
        (0, 2, "E11.900", "糖尿病", "1", "0"),
        (0, 3, "J18.9", "肺炎", "1", "0"),
        (1, 1, "K80", None, None, "1"),
    ]


def test_a_mapping_says_which_row_and_field_a_column_holds(sheet, one, tmp_path):
    rows = [CASE | {"甲": "I10", "乙": "E11", "丙": "糖尿病"}]
    mapping = tmp_path / "map.yaml"
    mapping.write_text(
        "甲: diseinfo[1].diag_code\n乙: diseinfo[2].diag_code\n丙: diseinfo[2].diag_name\n", encoding="utf-8"
    )
    part = one(sheet(rows), mapping=mapping)
    assert part.tables["diseinfo"].select("_row", "diag_code", "diag_name", "maindiag_flag").rows() == [
        (1, "I10", None, "1"),
        (2, "E11", "糖尿病", "0"),
    ]


def test_a_mapping_without_places_counts_the_columns(sheet, one, tmp_path):
    mapping = tmp_path / "map.yaml"
    mapping.write_text("甲: diseinfo.diag_code\n乙: diseinfo.diag_code\n", encoding="utf-8")
    part = one(sheet([CASE | {"甲": "I10", "乙": "E11"}]), mapping=mapping)
    assert part.tables["diseinfo"].select("_row", "diag_code").rows() == [(1, "I10"), (2, "E11")]


def test_a_mapping_with_a_place_that_is_none_is_refused(sheet, one, tmp_path):
    mapping = tmp_path / "map.yaml"
    mapping.write_text("甲: diseinfo[0].diag_code\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"map\.yaml:1"):
        one(sheet([CASE]), mapping=mapping)


@pytest.mark.parametrize("heading", ["出院病种诊断码甲", "附加诊断编码3"])
def test_columns_of_diagnoses_that_are_not_understood_are_refused(sheet, one, heading):
    with pytest.raises(InputError, match=rf"{heading}.*{heading}: diseinfo\[1\]\.diag_code"):
        one(sheet([CASE | {heading: "I10"}]))


def test_a_further_column_that_is_not_understood_is_refused_too(sheet, one, tmp_path):
    path = sheet([CASE | {"主要诊断编码": "I10", "附加诊断编码3": "E11"}])
    with pytest.raises(InputError, match="附加诊断编码3"):
        one(path)
    mapping = tmp_path / "map.yaml"
    mapping.write_text("附加诊断编码3:\n", encoding="utf-8")
    assert one(path, mapping=mapping).tables["diseinfo"].height == 1


def test_a_table_of_its_own_goes_before_columns(sheet, one):
    path = sheet([CASE | {"主要诊断编码": "K80"}], "月/清单.csv")
    sheet([{"结算ID": "ST1", "诊断代码": "I10", "诊断名称": "高血压"}], "月/诊断信息.csv")
    part = one(path.parent)
    assert part.tables["diseinfo"]["diag_code"].to_list() == ["I10"]
    assert [note.check for note in part.notes] == ["read/columns-left-out"]


def test_groups_of_columns_under_merged_headings(tmp_path, one):
    book = openpyxl.Workbook()
    page = book.active
    page.append(["结算ID", "姓名", "性别", "主要诊断", None, "其他诊断1", None, "出生日期"])
    page.append([None, None, None, "编码", "名称", "编码", "名称", None])
    page.append(["ST1", "测试甲", "2", "I10", "高血压", "E11", "糖尿病", "1975-03-12"])
    book.save(tmp_path / "书.xlsx")
    part = one(tmp_path / "书.xlsx")
    assert part.tables["diseinfo"].select("diag_code", "diag_name").rows() == [("I10", "高血压"), ("E11", "糖尿病")]
    assert part.tables["setlinfo"]["brdy"].to_list() == ["1975-03-12"]
    assert [part.sources[n].columns["diag_code"] for n in part.tables["diseinfo"]["_source"]] == ["D", "F"]


def test_the_same_from_parquet(tmp_path, one):
    path = tmp_path / "setlinfo.parquet"
    pl.DataFrame([CASE | {"主要诊断编码": "I10"}]).write_parquet(path)
    assert one(path).tables["diseinfo"]["diag_code"].to_list() == ["I10"]


def test_findings_point_at_the_cell_and_fixes_change_it_alone(sheet, tmp_path):
    row = CASE | {
        "主要诊断编码": "I10.X00x002",
        "其他诊断编码": "E11.900；Ｊ18.900|Ｉ11",
        "其他诊断2编码": "k80.100x001",
    }
    path = sheet([row], encoding="gb18030")
    report = validator.check(path, layout="4101", select=["diseinfo.diag_code/format"], fix=tmp_path / "改")
    places = report.findings["source"].struct.unnest().select("row", "column").rows()
    assert places == [(2, "主要诊断编码"), (2, "其他诊断编码"), (2, "其他诊断编码"), (2, "其他诊断2编码")]
    fixed = row | {
        "主要诊断编码": "I10.x00x002",
        "其他诊断编码": "E11.900；J18.900|I11",
        "其他诊断2编码": "K80.100x001",
    }
    expected = sheet([fixed], "应是.csv", encoding="gb18030")
    assert (tmp_path / "改" / path.name).read_bytes() == expected.read_bytes()


@pytest.mark.parametrize("interface", ["4101", "4101A"])
def test_the_wide_template_is_read_back_column_by_column(tmp_path, one, interface):
    path = tmp_path / "宽表.xlsx"
    template.run(interface, wide=True, profile="national", to=path)
    layout = layouts.load()[interface]
    expected = template.wide_columns(layout)
    book = openpyxl.load_workbook(path)
    page = book.worksheets[0]
    page.append([f"v{number}" for number in range(len(expected))])
    book.save(path)
    part = one(path, layout=interface)
    assert not [note for note in part.notes if note.check == "read/unknown-heading"]
    for number, (title, row) in enumerate(expected):
        assert f"v{number}" in part.tables[row.table][row.field].to_list(), title
    assert set(part.tables) == {layout.case, *layout.wide}


def test_the_coders_own_wide_workbook_comes_back_with_the_right_cells_marked_and_fixed(tmp_path):
    path, wrong = (
        tmp_path / "宽表.xlsx",
        {"其他诊断编码1": "e11.900", "手术1编码": "51.23OO", "出院主要诊断编码": "k80.100X001"},
    )
    book = openpyxl.load_workbook(WILD / "宽表40码.xlsx")
    page = book.active
    letters = {cell.value: cell.column_letter for cell in page[3]}
    places = {f"{letters[heading]}{row}": text for row, (heading, text) in enumerate(wrong.items(), 4)}
    for place, text in places.items():
        page[place] = text
    book.save(path)
    report = validator.check(path, fix=tmp_path / "改")
    report.write(tmp_path / "宽表-checked.xlsx")
    marked = openpyxl.load_workbook(tmp_path / "宽表-checked.xlsx")["Sheet1"]
    assert all(text in marked[place].comment.text for place, text in places.items())
    fixed = openpyxl.load_workbook(tmp_path / "改" / path.name).active
    assert [fixed[place].value for place in places] == ["E11.900", "51.23OO", "K80.100x001"]
    changed = [cell for row in page.iter_rows() for cell in row if fixed[cell.coordinate].value != cell.value]
    assert len(changed) == report.fixed.made == 2


def test_a_name_with_a_comma_next_to_a_single_code_stays_whole(sheet, one):
    rows = [
        CASE | {"主要诊断编码": "I10", "其他诊断编码": "E11|J18", "其他诊断名称": "糖尿病|肺炎"},
        CASE | {"结算ID": "2", "主要诊断编码": "I10", "其他诊断编码": "I13", "其他诊断名称": "心、肾病"},
    ]
    diagnoses = one(sheet(rows)).tables["diseinfo"].filter(_case=1)
    assert diagnoses.select("diag_code", "diag_name").rows() == [("I10", None), ("I13", "心、肾病")]


def test_a_drafted_mapping_has_the_right_field_or_none():
    report = validator.check(WILD / "宽表40码.xlsx")
    assert report.headings == dict.fromkeys(["总费用", "编码员", "质控员", "病理号", "DRG预分组"], "")
