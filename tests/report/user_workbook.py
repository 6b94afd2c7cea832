"""A coder's own workbook, with all that must survive being annotated."""

from pathlib import Path

from openpyxl import Workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation

from tests.report.sample import CASE_COUNT, FIELDS, SHEETS, case_id


def make(path: Path) -> Path:
    """One sheet per table: a merged title, the headings, then the cases; and a sheet of formulas with a chart."""
    book = Workbook()
    book.remove(book.active)
    for table, name in SHEETS.items():
        sheet = book.create_sheet(name)
        sheet.merge_cells("A1:F1")
        sheet["A1"] = f"{name}（示例医院）"
        sheet["A1"].font = Font(bold=True, size=16)
        sheet.append(FIELDS[table])
        for number in range(CASE_COUNT):
            sheet.append([case_id(number), *(_value(field, number) for field in FIELDS[table][1:])])
        for column in range(1, len(FIELDS[table]) + 1):
            sheet.column_dimensions[get_column_letter(column)].width = 11 + column
    _dress(book)
    _formulas(book)
    book.save(path)
    return path


def _value(field: str, number: int) -> str | int | None:
    if field == "gend":
        return None if number in (2, 9, 16) else 1 + number % 2
    values = {
        "psn_name": "测试甲",
        "brdy": "1961-02-30",
        "age": 40 + number,
        "act_ipt_days": 7,
        "coner_tel": "13000000001",
    }
    return values.get(field, f"{field}-{number}")


def _dress(book: Workbook) -> None:
    sheet = book[SHEETS["setlinfo"]]
    sheet.freeze_panes = "B3"
    sheet["D5"].fill = PatternFill("solid", fgColor="FFDDEEFF")
    sheet["D5"].number_format = "yyyy-mm-dd"
    sheet["D5"].alignment = Alignment(horizontal="right")
    sheet["K3"].comment = Comment("请核对电话", "编码员")
    sheet["B4"].comment = Comment("与检查无关的批注", "编码员")
    sheet.auto_filter.ref = f"A2:L{CASE_COUNT + 2}"
    sheet.row_dimensions[2].height = 30
    choice = DataValidation(type="list", formula1='"1,2"', allow_blank=True)
    choice.add(f"C3:C{CASE_COUNT + 2}")
    sheet.add_data_validation(choice)
    sheet.conditional_formatting.add(
        "E3:E26", CellIsRule(operator="greaterThan", formula=["60"], font=Font(color="FF0000"))
    )
    sheet.print_title_rows = "1:2"


def _formulas(book: Workbook) -> None:
    sheet = book.create_sheet("统计")
    sheet["A1"], sheet["B1"] = "平均年龄", f"=AVERAGE('{SHEETS['setlinfo']}'!E3:E26)"
    sheet["A2"], sheet["B2"] = "病例数", f"=COUNTA('{SHEETS['setlinfo']}'!A3:A26)"
    chart = BarChart()
    chart.add_data(Reference(sheet, min_col=2, min_row=1, max_row=2))
    sheet.add_chart(chart, "D2")
    book.defined_names["age_mean"] = DefinedName("age_mean", attr_text="统计!$B$1")
    book.create_sheet("质控结果")["A1"] = "用户自己的同名工作表"
