"""Case records next to lists: documents share names of tables, and each is read as what it is."""

import csv
import json
import struct
from pathlib import Path

import pytest

from validator import read
from validator.base import files
from validator.base.errors import InputError

GOLDEN = {
    name: json.loads((files.data("schemas") / "layouts" / name / "golden.json").read_text(encoding="utf-8"))["input"]
    for name in ("4101", "4401")
}
#: A hospital's own sheet, a row a case.
OWN = {
    "病案号": "M1", "姓名": "测试甲", "性别": "1", "出生日期": "1957-04-18", "婚姻": "2",
    "入院日期": "2026-07-06", "出院日期": "2026-07-18",
    "主要诊断编码": "C18.700", "主要诊断名称": "乙状结肠恶性肿瘤", "主要诊断入院病情": "1",
    "其他诊断编码1": "I10.x00x002",
    "其他诊断名称1": "高血压", "主要手术编码": "17.3600", "主要手术日期": "2026-07-07", "主要手术级别": "4",
    "术者": "医师丁", "总费用": "57220.00", "Rh血型": "2",
}  # fmt: skip


def write(path: Path, rows: list[dict[str, object]]) -> None:
    names = list(dict.fromkeys(name for row in rows for name in row))
    path.parent.mkdir(exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows(rows)


def test_a_message_and_a_sheet_of_a_record_are_no_list(known, one, tmp_path):
    message = tmp_path / "a.json"
    message.write_text(json.dumps({"input": GOLDEN["4401"]}), encoding="utf-8")
    assert one(message).layout == "4401"
    write(tmp_path / "首页.csv", [OWN])
    part = one(tmp_path / "首页.csv")
    assert part.layout == "HQMS"  # nothing of the platform is in it
    assert part.tables["baseinfo"]["rh_code"].to_list() == ["2"]
    codes = part.tables["diseinfo"].select("diag_code", "adm_cond_code", "maindiag_flag").rows()
    assert codes == [("C18.700", "1", "1"), ("I10.x00x002", None, "0")]
    operation = part.tables["oprninfo"].select("oprn_oprt_code", "oprn_lv_code", "oper_name", "main_oprn_flag").rows()
    assert operation == [("17.3600", "4", "医师丁", "1")]


def test_tables_of_a_folder_go_with_the_cases_of_their_document(known, one, tmp_path):
    record = tmp_path / "record"
    write(record / "baseinfo.csv", [GOLDEN["4401"]["baseinfo"]])
    for name in ("diseinfo", "oprninfo"):
        write(record / f"{name}.csv", GOLDEN["4401"][name])
    part = one(record)
    assert (part.layout, part.tables["diseinfo"].height) == ("4401", 5)
    assert part.tables["diseinfo"]["adm_cond_code"].null_count() == 0

    both = tmp_path / "both"
    write(both / "首页.csv", [OWN])
    write(both / "清单.csv", [GOLDEN["4101"]["setlinfo"]])
    assert [each.layout for each in read.partitions([both], known)] == ["4101", "HQMS"]


#: The performance assessment's columns of a case, a few of 642; older systems write P-codes.
ASSESSED = {
    "A48": "M1", "A11": "测试甲", "A12C": "1", "A13": "1957-04-18", "B12": "2026-07-06 09:10:00", "B15": "2026-07-18 10:00:00",
    "C03C": "S06.500", "C04N": "创伤性硬膜下出血", "C05C": "1", "C06x01C": "I10.x00x002", "C07x01N": "高血压", "C06x12C": "E11.900",
    "C14x01C": "01.3101", "C16x01": "2026-07-07 10:00:00", "C35x02C": "88.7601", "C43x02C": "01", "C28": "0", "C29": "2", "C30": "30",
    "D20": "100.00", "D20x01": "40.00", "D20x02": "60.00",
}  # fmt: skip


def test_numbered_columns_of_the_performance_assessment_become_rows(known, one, tmp_path):
    write(tmp_path / "a.csv", [ASSESSED])
    part = one(tmp_path / "a.csv")
    assert part.layout == "HQMS"
    assert part.notes == []
    case = part.tables["baseinfo"].row(0, named=True)
    assert (case["medcasno"], case["brn_damg_bfadm_coma_dura"], case["anst_fee"]) == ("M1", "0/2/30", "40.00")
    codes = part.tables["diseinfo"].select("diag_code", "maindiag_flag").rows()
    assert codes == [("S06.500", "1"), ("I10.x00x002", "0"), ("E11.900", "0")]
    operations = part.tables["oprninfo"].select("oprn_oprt_code", "anst_mtd_code", "main_oprn_flag").rows()
    assert operations == [("01.3101", None, "1"), ("88.7601", "01", "0")]


def test_the_older_codes_of_columns_are_known(known, one, tmp_path):
    write(
        tmp_path / "a.csv",
        [{"P3": "M1", "P4": "测试甲", "P5": "1", "P28": "S06", "P321": "S06.500", "P490": "01.3101", "P782": "100.00"}],
    )
    part = one(tmp_path / "a.csv")
    assert part.tables["baseinfo"].select("medcasno", "C01C", "medfee_sumamt").row(0) == ("M1", "S06", "100.00")
    assert part.tables["diseinfo"]["diag_code"].to_list() == ["S06.500"]
    assert part.tables["oprninfo"]["oprn_oprt_code"].to_list() == ["01.3101"]


def dbf(path: Path, rows: list[dict[str, str]]) -> None:
    """A DBF file of texts in GBK; the last record is marked as deleted."""
    names = list(rows[0])
    cells = [[row.get(name, "").encode("gbk") for name in names] for row in rows]
    widths = [max(1, *(len(row[at]) for row in cells)) for at in range(len(names))]
    head = struct.pack("<BBBBIHH20x", 3, 126, 7, 20, len(rows), 33 + 32 * len(names), 1 + sum(widths))
    fields = [
        struct.pack("<11sc4xBB14x", name.encode(), b"C", width, 0) for name, width in zip(names, widths, strict=True)
    ]
    body = [
        (b"*" if row is cells[-1] else b" ")
        + b"".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in cells
    ]
    path.write_bytes(head + b"".join(fields) + b"\r" + b"".join(body) + b"\x1a")


def test_the_statistics_report_is_read_from_its_dbf(known, one, tmp_path):
    row = {
        "USERNAME": "示例市第一医院", "BAH": "M1", "XM": "测试甲", "XB": "1", "CSRQ": "1957-04-18", "RYSJ": "2026-07-06", "RYSJ_S": "09",
        "CYSJ": "2026-07-18", "ZYZD": "乙状结肠恶性肿瘤", "ZYZD_JBBM": "C18.700", "XY_RYBQ": "1", "QTZD1": "高血压",
        "ZYZD_JBBM1": "I10.x00x002", "RYBQ1": "1", "SSJCZBM1": "17.3600", "SHJB1": "4", "SZ1": "医师丁", "SSJCZBM2": "96.7101",
        "RYQ_T": "0", "RYQ_XS": "2", "RYQ_FZ": "5", "ZFY": "57220.00",
    }  # fmt: skip
    dbf(tmp_path / "wt4.dbf", [row, {**row, "BAH": "M2"}])
    part = one(tmp_path / "wt4.dbf")
    assert (part.layout, part.notes) == ("WT4", [])
    case = part.tables["baseinfo"].row(0, named=True)
    assert part.tables["baseinfo"].height == 1
    assert [case[name] for name in ("A02", "medcasno", "medfee_sumamt")] == ["示例市第一医院", "M1", "57220.00"]
    assert case["brn_damg_bfadm_coma_dura"] == "0/2/5"
    codes = part.tables["diseinfo"].select("diag_code", "adm_cond_code", "maindiag_flag").rows()
    assert codes == [("C18.700", "1", "1"), ("I10.x00x002", "1", "0")]
    operations = part.tables["oprninfo"].select("oprn_oprt_code", "oprn_lv_code", "oper_name", "main_oprn_flag").rows()
    assert operations == [("17.3600", "4", "医师丁", "1"), ("96.7101", None, None, "0")]
    whole = (tmp_path / "wt4.dbf").read_bytes()
    (tmp_path / "wt4.dbf").write_bytes(whole[:-200])
    with pytest.raises(InputError, match="没有写完"):
        one(tmp_path / "wt4.dbf")
    (tmp_path / "wt4.dbf").write_bytes(b"no table")
    with pytest.raises(InputError, match="DBF"):
        one(tmp_path / "wt4.dbf")
