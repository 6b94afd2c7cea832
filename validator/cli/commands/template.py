"""``zhikong template``: an empty workbook to fill in, which ``zhikong check`` reads back."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from validator.base.errors import ConfigError
from validator.base.language import say
from validator.cli import completion
from validator.cli.help import Command, profile_option

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

    from validator.codes.value_sets import Domain
    from validator.spec.catalogue import Catalogue
    from validator.spec.layouts import FieldRow, Layout

REQUIRED, CONDITIONAL, OPTIONAL = "F8CBAD", "FFF2CC", "DDEBF7"
LEGEND, CODES = "填写说明", "值域"
#: Rows that drop-downs and text format reach; more than a hospital settles in a month.
ROWS = 20_000


def command() -> Command:
    """``zhikong template``."""
    return Command(
        run,
        say(
            "写一个空工作簿：中文列名、下拉选项、填写说明；填好后可直接检查。",
            "Write an empty workbook with Chinese headings, drop-downs and a legend; filled in, it can be checked.",
        ),
        click.Option(
            ["--interface"],
            shell_complete=completion.interfaces,
            default="4101",
            show_default=True,
            metavar="NAME",
            help=say("接口，如 4101、4401", "Interface, such as 4101 or 4401"),
        ),
        click.Option(
            ["--wide"],
            is_flag=True,
            help=say(
                "一张宽表：一例一行，诊断、手术、费用等也写成列",
                "One wide sheet: a row a case, its other rows in columns",
            ),
        ),
        profile_option(),
        click.Option(
            ["--to"],
            type=click.Path(dir_okay=False, path_type=Path),
            metavar="FILE",
            help=say("写到哪里（默认 zhikong-接口.xlsx）", "File to write (default: zhikong-INTERFACE.xlsx)"),
        ),
    )


def run(interface: str, wide: bool, profile: str, to: Path | None) -> int:
    """Write the workbook; a file that is there already may be filled in and is left alone."""
    from openpyxl import Workbook
    from openpyxl.workbook.defined_name import DefinedName

    from validator.base import files
    from validator.checks import catalogue
    from validator.workbook import saving

    known = catalogue.load(profile)
    if interface not in known.layouts:
        names = "、".join(known.layouts)
        raise ConfigError(f"没有接口 {interface}，现有：{names}", f"no interface {interface}; there are: {names}")
    path = to or Path(f"zhikong-{interface}.xlsx")
    if path.exists():
        raise ConfigError(f"{path} 已存在，请用 --to 换个名字", f"{path} exists; choose another name with --to")
    if wide and (known.layouts[interface].interface.made_of or known.layouts[interface].parts):
        zh, en = (
            f"{interface} 的费用明细不能写在一行里，请去掉 --wide",
            f"the charge lines of {interface} take a sheet; leave out --wide",
        )
        raise ConfigError(zh, en)
    book = Workbook()
    del book[book.sheetnames[0]]
    book.properties.creator = "zhikong"
    layout = known.layouts[interface]
    ranges = _codes(layout, known)
    if wide:
        _sheet(book.create_sheet(layout.interface.titles[layout.case]), wide_columns(layout), known, ranges)
    else:
        for table in shown(layout):
            rows = [(row.name_zh, row) for row in columns(layout, table)]
            _sheet(book.create_sheet(layout.interface.titles.get(table, table)), rows, known, ranges, names=True)
    _legend(book.create_sheet(LEGEND), layout, known)
    _code_sheet(book.create_sheet(CODES), layout, known)
    for sheet in (LEGEND, CODES):  # so that the reader passes over them without a word
        name = f"zhikong.template.{book.sheetnames.index(sheet)}"
        book.defined_names[name] = DefinedName(name, attr_text=f"'{sheet}'!$A$1", hidden=True)
    with files.replacing(path) as scratch:
        saving.save(book, scratch)
    click.echo(say(f"已写 {path}", f"Wrote {path}"))
    return 0


def shown(layout: "Layout") -> list[str]:
    """The tables that are filled in: cases that are made of rows have no sheet of their own."""
    return [layout.interface.made_of] if layout.interface.made_of else list(layout.tables)


def columns(layout: "Layout", table: str) -> "list[FieldRow]":
    """A table's field rows; those of a child begin with the key that says whose row it is, if none of them does."""
    fields, about = layout.tables[table].fields, layout.interface
    if table in (layout.case, about.made_of) or any(key in fields for key in about.keys):
        return list(fields.values())
    return [layout.tables[layout.case].fields[about.keys[0]], *fields.values()]


def wide_columns(layout: "Layout") -> "list[tuple[str, FieldRow]]":
    """Headings and field rows of a sheet with a row a case: the case's own, then those of the rows of other tables."""
    found = [(row.name_zh, row) for row in layout.tables[layout.case].fields.values()]
    for table, about in layout.wide.items():
        for place in about.shown:
            given = about.values(place)
            rows = [row for row in layout.tables[table].fields.values() if row.field not in given]
            found += [(about.heading(place, row.name_zh), row) for row in rows]
    return found


def used(layout: "Layout", catalogue: "Catalogue") -> "list[Domain]":
    """The value sets of an interface, each once."""
    names = dict.fromkeys(row.domain for table in layout.tables.values() for row in table.fields.values() if row.domain)
    return [catalogue.domains[name] for name in names]


def _codes(layout: "Layout", catalogue: "Catalogue") -> dict[str, str]:
    """Where on the sheet of codes each value set stands."""
    ranges, first = {}, 2
    for domain in used(layout, catalogue):
        last = first + len(domain.names) - 1
        ranges[domain.name] = f"'{CODES}'!$B${first}:$B${last}"
        first = last + 1
    return ranges


def _sheet(
    sheet: "Worksheet",
    rows: "list[tuple[str, FieldRow]]",
    catalogue: "Catalogue",
    ranges: dict[str, str],
    *,
    names: bool = False,
) -> None:
    """``rows``: headings and their field rows; ``names``: whether a second row has the fields' official names."""
    from openpyxl.comments import Comment
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    first = 3 if names else 2
    for number, (title, row) in enumerate(rows, 1):
        letter, note = get_column_letter(number), explain(row, catalogue)
        dimension = sheet.column_dimensions[letter]
        dimension.width = max(12, 2 * len(title) + 4)
        if row.type != "number":
            dimension.number_format = "@"  # as text, so that codes keep their zeros and dates their form
        head = sheet.cell(1, number, title + ("*" if row.required else ""))
        head.font = Font(bold=True)
        if names:
            sheet.cell(2, number, row.field).font = Font(color="808080", size=9)
        head.fill = PatternFill("solid", fgColor=colour(row))
        head.alignment = Alignment(wrap_text=True, vertical="center", horizontal="center")
        head.comment = Comment(note, "zhikong", height=160, width=320)
        rule = DataValidation(allow_blank=True, showErrorMessage=bool(row.domain), errorStyle="warning")
        if row.domain:
            rule.type, rule.formula1 = "list", ranges[row.domain]
            rule.errorTitle, rule.error = "不在值域内", f"“{row.name_zh}”应填代码，见“{CODES}”页"
        rule.promptTitle, rule.prompt, rule.showInputMessage = row.name_zh[:32], note[:255], True
        rule.add(f"{letter}{first}:{letter}{ROWS}")
        sheet.add_data_validation(rule)
    sheet.row_dimensions[1].height = 36
    sheet.freeze_panes = f"A{first}"


def colour(row: "FieldRow") -> str:
    """How a heading shows whether its field must be filled in."""
    return REQUIRED if row.required else CONDITIONAL if row.required_when else OPTIONAL


def explain(row: "FieldRow", catalogue: "Catalogue") -> str:
    """What to fill in, in a few lines."""
    from validator.spec.catalogue import TYPE_NAMES

    length = f"，最长 {row.length}" if row.length else ""
    length += f"，{row.scale} 位小数" if row.scale else ""
    lines = [f"{row.field}：{TYPE_NAMES[row.type][0]}{length}，{needed(row, catalogue)}"]
    if row.domain:
        names = [f"{code} {zh}" for code, (zh, _) in catalogue.domains[row.domain].names.items()]
        lines.append("；".join(names[:12]) + ("…" if len(names) > 12 else ""))
    return "\n".join(lines)


def needed(row: "FieldRow", catalogue: "Catalogue") -> str:
    """Whether the field must be filled in."""
    if not row.required_when:
        return "必填" if row.required else "可不填"
    words = catalogue.conditions.get(row.required_when, (row.required_when,))
    return f"必填，如果{words[0]}"


def _legend(sheet: "Worksheet", layout: "Layout", catalogue: "Catalogue") -> None:
    from openpyxl.styles import PatternFill

    from validator.spec.catalogue import TYPE_NAMES

    fills = {"带 *、橙色": ("必填", REQUIRED), "黄色": ("满足条件时必填", CONDITIONAL), "蓝色": ("可不填", OPTIONAL)}
    name = f"{layout.interface.title_zh}（接口 {layout.name}）"
    whose = "一笔收费一行" if layout.interface.made_of else "一例一行；其他页的第一列写明是哪一例"
    sheet.append([f"{name}。{whose}。填好后运行：zhikong check 本文件"])
    for colour, (meaning, fill) in fills.items():
        sheet.append([colour, meaning])
        sheet.cell(sheet.max_row, 1).fill = PatternFill("solid", fgColor=fill)
    sheet.append([])
    sheet.append(["页", "列", "接口字段", "怎么填", "长度", "必填", "值域", "依据"])
    for table in shown(layout):
        for row in layout.tables[table].fields.values():
            sheet.append(
                [
                    layout.interface.titles.get(table, table),
                    row.name_zh,
                    row.field,
                    TYPE_NAMES[row.type][0],
                    f"{row.length},{row.scale}" if row.scale else row.length,
                    needed(row, catalogue),
                    catalogue.domains[row.domain].title_zh if row.domain else "",
                    {"official": "官方文件", "practice": "通行做法", "unconfirmed": "未证实"}[row.sure],
                ]
            )
    for letter, width in zip("ABCDEFGH", (22, 30, 24, 18, 8, 40, 20, 12), strict=True):
        sheet.column_dimensions[letter].width = width


def _code_sheet(sheet: "Worksheet", layout: "Layout", catalogue: "Catalogue") -> None:
    sheet.append(["值域", "代码", "含义"])
    for domain in used(layout, catalogue):
        for code, (zh, _) in domain.names.items():
            sheet.append([domain.title_zh, code, zh])
    sheet.column_dimensions["A"].width, sheet.column_dimensions["C"].width = 24, 40
    sheet.freeze_panes = "A2"
