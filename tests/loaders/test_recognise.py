"""Which table a file is: by headings, by what its names say, by the form of its codes."""

import zipfile
from datetime import date

import pytest

from tests.loaders.official import DIAGNOSES, diagnoses, operations
from validator import loaders
from validator.base.errors import InputError
from validator.codes import standards
from validator.loaders import tables

CODES = {
    "icd10": ("K80.100", "胆囊结石伴慢性胆囊炎"),
    "icd9cm3": ("51.2300", "腹腔镜胆囊切除术"),
    "morphology": ("M81600/3", "胆管癌"),
    "tcm_disease": ("A01.01.01", "感冒"),
    "tcm_syndrome": ("B01.03.01", "表虚证"),
    "service_item": ("001102000000100", "诊查费"),
    "drug": ("XA01ABD075A002010100483", "地喹氯铵含片"),
    "decoction_piece": ("T000100010", "甘草片"),
    "consumable": ("C0201010520010200003", "鞘组"),
    "institution": ("H44010400356", "某医院"),
    "pharmacy": ("P44010400356", "某药店"),
    "physician": ("D510105000123", "测试医师"),
    "opsp_disease": ("M01600", "糖尿病"),
}
HEADINGS = {
    "icd10": ("诊断代码", "诊断名称"),
    "icd9cm3": ("手术操作代码", "手术操作名称"),
    "morphology": ("形态学代码", "形态学名称"),
    "tcm_disease": ("中医疾病代码", "中医疾病名称"),
    "tcm_syndrome": ("证候代码", "证候名称"),
    "service_item": ("国家医疗服务项目代码", "医疗服务项目名称"),
    "drug": ("药品代码", "注册名称"),
    "decoction_piece": ("中药饮片代码", "中药饮片名称"),
    "consumable": ("耗材代码", "医保通用名"),
    "institution": ("定点医疗机构代码", "定点医疗机构名称"),
    "pharmacy": ("定点医药机构编号", "定点医药机构名称"),
    "physician": ("医师代码", "医师姓名"),
    "opsp_disease": ("门慢门特病种目录代码", "细分类名称"),
}


@pytest.mark.parametrize("table", CODES)
def test_plain_columns_shown_by_the_form_of_the_codes(text_file, table):
    (found,) = loaders.read(text_file("a.csv", "code,name", ",".join(CODES[table])))
    assert found.table.name == table
    assert found.frame.select("code", "name").rows() == [CODES[table]]


@pytest.mark.parametrize("table", HEADINGS)
def test_published_headings(text_file, table):
    path = text_file("a.csv", ",".join(("序号", *HEADINGS[table], "备注")), ",".join(("1", *CODES[table], "甲")))
    (found,) = loaders.read(path)
    assert found.table.name == table
    assert found.frame["备注"].to_list() == ["甲"]
    assert "序号" not in found.frame.columns


@pytest.mark.parametrize(
    ("headings", "table"),
    [
        ("国家临床版2.0诊断编码,国家临床版2.0诊断名称,医保版2.0诊断编码,医保版2.0诊断名称", "icd10_map"),
        ("国临版编码,国临版名称,医保版编码,医保版名称", "icd10_map"),
        ("clinical_code,clinical_name,nhsa_code,nhsa_name", "icd10_map"),
    ],
)
def test_maps_are_distinguished_from_lists(text_file, headings, table):
    (found,) = loaders.read(text_file("a.csv", headings, "K80.101,甲,K80.101,乙"))
    assert found.table.name == table
    assert found.frame.to_dicts() == [{"code": "K80.101", "target": "K80.101", "target_name": "乙", "name": "甲"}]
    (found,) = loaders.read(text_file("b.csv", headings, "00.0100,甲,00.0100,乙"))
    assert found.table.name == "icd9cm3_map"


def test_grey_lists_shown_by_their_names(text_file, workbook):
    (found,) = loaders.read(text_file("ICD10YB-灰码.csv", "code,name", "I10.x00,特发性高血压"))
    assert found.table.name == "icd10_grey"
    assert found.frame.columns == ["code", "name"]
    (found,) = loaders.read(text_file("icd9_grey.csv", "code,name", "00.0100,超声"))
    assert found.table.name == "icd9cm3_grey"
    listed = [["诊断代码", "诊断名称"], ["I10.x00", "特发性高血压"]]
    both = loaders.read(workbook("2.0.xlsx", {"全部": listed, "灰码": listed}))
    assert [each.table.name for each in both] == ["icd10", "icd10_grey"]


def test_the_clinical_edition_is_not_taken_for_the_insurance_edition(text_file):
    with pytest.raises(InputError, match="看不出是哪张码表"):
        loaders.read(text_file("国临版2.0.csv", "诊断代码,诊断名称", "K80.101,甲"))


def test_what_cannot_be_known_needs_a_table(text_file):
    path = text_file("a.csv", "code,name", "X1,甲")
    with pytest.raises(InputError, match="--table icd10"):
        loaders.read(path)
    (found,) = loaders.read(path, "day_surgery")
    assert found.frame.select("code", "name").rows() == [("X1", "甲")]
    with pytest.raises(InputError, match="没有码表“icd11”，可用：icd10（"):
        loaders.read(path, "icd11")


def test_the_official_workbook_of_diagnoses(workbook, store):
    merged = ["A1:K1", "A4:A7", "B4:B7", "C4:C7", "D4:D7", "E4:E7", "F4:F5", "G4:G5", "A9:K9"]
    path = workbook(
        "医保ICD10_v2.0_0122.xlsx", {"ICD10": diagnoses(), "说明": [["本表由国家医保局公布"]]}, {"ICD10": merged}
    )
    (found,) = loaders.read(path)
    assert (found.table.name, found.version, found.since) == ("icd10", "2.0", date(2021, 3, 1))
    assert found.frame["code"].to_list() == [row[4] for row in DIAGNOSES]
    assert found.frame["章的名称"].to_list() == ["某些传染病和寄生虫病"] * 4, "a merged cell speaks for all its rows"
    assert found.frame["类目代码"].to_list() == ["A00", "A00", "A01", "I10"]
    assert "没有收的工作表：说明" in found.remarks
    kept = loaders.keep(found, store)
    assert (kept.version, kept.rows, kept.file) == ("2.0", 4, "医保ICD10_v2.0_0122.xlsx")
    assert store.book(kept).name("I10.x00x002") == "高血压病"


def test_the_official_workbook_of_operations(workbook):
    (found,) = loaders.read(workbook("医保ICD9_v2.0_0122.xlsx", {"Sheet1": operations()}))
    assert (found.table.name, found.version) == ("icd9cm3", "2.0")
    assert found.frame["code"].to_list() == ["00.0100", "17.912A0", "86.700x0013"]
    assert not found.remarks, "86.700x0013 is unusual, and right"


def test_sheets_of_one_table_come_together_and_of_several_apart(workbook, store):
    drugs = [["医保药品分类与代码数据库"], ["药品代码", "注册名称", "药品企业"]]
    path = workbook(
        "药品20260710.xlsx",
        {
            "西药": [*drugs, [*CODES["drug"], "甲"]],
            "中成药": [*drugs, ["ZC01AAA0042010105549", "艾迪注射液", "乙"]],
            "饮片": [["药品代码", "药品名称"], CODES["decoction_piece"]],
        },
    )
    drug, piece = loaders.read(path)
    assert (drug.table.name, drug.frame.height, drug.version) == ("drug", 2, "20260710")
    assert piece.table.name == "decoction_piece"
    with pytest.raises(InputError, match="有几张表：drug、decoction_piece"):
        loaders.add(path, store)
    assert loaders.add(path, store, "decoction_piece").rows == 1


def test_headings_in_two_rows(workbook):
    rows = [
        ["药品代码", "注册名称", "价格", None],
        [None, None, "单价", "单位"],
        [*CODES["drug"], "1.50", "盒"],
    ]
    (found,) = loaders.read(workbook("a.xlsx", {"一": rows}, {"一": ["A1:A2", "B1:B2", "C1:D1"]}))
    assert found.frame.select("单价", "单位").rows() == [("1.50", "盒")]


def test_stray_columns_numbers_and_blanks(workbook):
    rows = [
        [None, "诊断代码", None, "诊断名称", "序号", "层级", "层级"],
        [None, " Ｋ80.100 ", None, "甲\n乙 ", 1, 2, 3],
        [None, "i10.X00X002", None, "乙", 2.0, 0.5, None],
    ]
    (found,) = loaders.read(workbook("a.xlsx", {"一": rows}))
    assert found.frame.to_dict(as_series=False) == {
        "code": ["K80.100", "I10.x00x002"], "name": ["甲乙", "乙"], "since": [None, None], "until": [None, None],
        "grey": [None, None], "层级": ["2", "0.5"], "层级 2": ["3", None],
    }  # fmt: skip
    assert found.remarks == ["2 个编码的全半角、空格或字母大小写已按标准写法收录"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_encodings_and_delimiters(text_file, encoding):
    path = text_file(
        "a.txt",
        "疾病诊断",
        "诊断代码\t诊断名称",
        "diag_code\tdiag_name",
        "K80.100\t胆囊结石",
        "注：完",
        encoding=encoding,
    )
    assert loaders.read(path)[0].frame.select("code", "name").rows() == [("K80.100", "胆囊结石")]


def test_archives_and_folders(workbook, tmp_path):
    path = workbook("医保ICD10_v2.0_0122.xlsx", {"一": diagnoses()})
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.write(path, "码表/医保ICD10_v2.0_0122.xlsx")
        archive.writestr("读我.md", "……")
    for place in (tmp_path / "a.zip", tmp_path):
        found = loaders.read(place)[0]
        assert (found.table.name, found.version, found.frame.height) == ("icd10", "2.0", 4)


def test_every_form_has_its_table_and_every_table_its_standard():
    known = tables.load()
    assert {form.table for form in standards.forms().values() if form.table} <= known.keys()
    assert {each.base for each in known.values()} <= known.keys()
    assert all(each.title_zh and each.title_en and each.without for each in known.values())
