"""``zhikong codebooks add``."""

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from validator.base.errors import ZhikongError
from validator.base.language import say
from validator.base.text_width import printable
from validator.cli.help import Command, codebooks_option
from validator.cli.output import progress
from validator.cli.registry import table_option

if TYPE_CHECKING:
    from validator.codes.tables import Version
    from validator.loaders import FoundTable


def command() -> Command:
    """``zhikong codebooks add``."""
    about = say(
        "加入码表或分组方案：按列标题、文件名和编码的样子辨认是哪张表。\n"
        "工作簿（.xlsx、.xls）、CSV，或装有它们的 .zip、目录；标题行上方和表下的说明、多个工作表都可以。\n"
        "分组方案：国家医保局公布的 DRG、DIP 工作簿；DRG 也可以是有 mdc.csv、adrg.csv 等表的目录。",
        "Add tables and grouping schemes, recognised by their headings, names and the form of their codes.\n"
        "Workbooks (.xlsx, .xls), CSV, or a .zip or folder of them; titles above and notes below are fine.\n"
        "Schemes: the official workbooks of DRG and DIP; of DRG also a folder with mdc.csv, adrg.csv and so on.",
    )
    version = say(
        "版本，如 2.0（默认从文件名、标题或版本列看出）", "Such as 2.0 (default: as file name, title or column tell)"
    )
    return Command(
        run,
        about,
        click.Argument(["files"], nargs=-1, required=True, metavar="FILE…", type=click.Path(path_type=Path)),
        table_option("是哪张表，如 icd10（默认自动辨认）", "Which table it is, such as icd10 (default: recognised)"),
        click.Option(["--version"], default="", metavar="TEXT", help=version),
        _day("--since", "从哪天起用，如 2021-01-01", "The first day on which it holds, such as 2021-01-01"),
        _day("--until", "用到哪天为止", "The last day on which it holds"),
        click.Option(
            ["--replace"], is_flag=True, help=say("替换已有的同一版本", "Replace the same version if it is there")
        ),
        codebooks_option(),
    )


def _day(name: str, zh: str, en: str) -> click.Option:
    return click.Option([name], type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help=say(zh, en))


def run(
    files: tuple[Path, ...], table: str, version: str, since: datetime | None, until: datetime | None, replace: bool,
    codebooks: Path | None,
) -> int:  # fmt: skip
    """Add every file; one that cannot be added does not keep the others out."""
    from validator import loaders
    from validator.codes.tables import Store

    store, code = Store(codebooks), 0
    before, days = store.versions(), [day.date() if day else None for day in (since, until)]
    with progress() as tell:
        for number, file in enumerate(files):
            if tell:
                tell(file.name, number, len(files) if len(files) > 1 else 0)
            try:
                for found in loaders.read(file, table):
                    kept = loaders.keep(found, store, version, *days, replace=replace)
                    click.echo("\n  ".join((kept_message(found, kept, already=kept in before), *found.remarks)))
            except ZhikongError as error:
                click.echo(printable(str(error)), err=True)
                code = 2
    return code


def kept_message(found: "FoundTable", kept: "Version", *, already: bool) -> str:
    """Return one line that says how a table was kept."""
    file, title = (
        found.place.file,
        say(f"{kept.table}（{found.table.title_zh}）", f"{kept.table} ({found.table.title_en})"),
    )
    if already:
        zh = f"{file}：已有内容相同的 {title}{kept.version} 版，没有重复加入（改版本或日期请加 --replace）"
        return say(
            zh, f"{file}: {title} {kept.version} is there already with the same content (--replace changes its dates)"
        )
    much = found.counts or say(f"{kept.rows} 行", f"{kept.rows} rows")
    return say(
        f"{file}：已加入 {title}{kept.version} 版，{much}，{_days(kept.since, kept.until)}",
        f"{file}: added {title} {kept.version}, {much}, {_days(kept.since, kept.until)}",
    )


def _days(since: date | None, until: date | None) -> str:
    zh = " ".join(word for word in (since and f"{since} 起", until and f"至 {until}") if word) or "一直"
    en = " ".join(word for word in (since and f"from {since}", until and f"until {until}") if word) or "always"
    return say(f"{zh}有效", f"in force {en}")
