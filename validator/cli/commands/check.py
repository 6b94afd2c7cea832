"""``zhikong check``: check lists and write the reports asked for."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from validator import text
from validator.cli.help import Command
from validator.errors import InputError
from validator.text import say

STDIN = "-"


def command() -> Command:
    """``zhikong check``."""
    folder = click.Path(file_okay=False, path_type=Path)
    file = click.Path(dir_okay=False, path_type=Path)
    return Command(
        run,
        say(
            "检查结算清单：4101/4101A 报文、工作簿、CSV 或 Parquet 目录、zip。\n"
            "退出码：0 没有达到 --fail-on 的问题；1 有；2 无法检查。",
            "Check settlement lists: 4101/4101A messages, workbooks, folders of CSV or Parquet, zips.\n"
            "Exit codes: 0 no finding at or above --fail-on; 1 there are some; 2 could not run.",
        ),
        click.Argument(
            ["paths"],
            nargs=-1,
            required=True,
            metavar="PATH...",
            help=say("文件或文件夹，可多个；- 为标准输入", "Files or folders; - is standard input"),
        ),
        click.Option(
            ["--profile"],
            default="national",
            show_default=True,
            metavar="NAME",
            help=say("地区方案：名称或 YAML 文件", "Regional profile: a name or a YAML file"),
        ),
        click.Option(
            ["--rules"],
            type=folder,
            multiple=True,
            metavar="DIR",
            help=say("另加的规则目录，可多次", "A further folder of rule pages; repeatable"),
        ),
        click.Option(
            ["--select"],
            multiple=True,
            callback=split,
            metavar="IDS",
            help=say(
                "只查这些：编号、编号开头或类别，如 DX、setlinfo.gend、编码",
                "Only these checks: ids, prefixes or kinds, such as DX, setlinfo.gend, 编码",
            ),
        ),
        click.Option(
            ["--ignore"], multiple=True, callback=split, metavar="IDS", help=say("不查这些", "All but these checks")
        ),
        click.Option(
            ["--fail-on"],
            type=click.Choice(["error", "warning", "info", "never"]),
            default="error",
            show_default=True,
            help=say("有这一级或更重的问题时退出码为 1", "Exit with 1 for a finding of this level or a graver one"),
        ),
        click.Option(
            ["--out"],
            type=folder,
            metavar="DIR",
            help=say("报告放在哪里（默认当前文件夹）", "Where reports go (default: the current folder)"),
        ),
        click.Option(
            ["--format", "formats"],
            type=click.Choice(formats()),
            multiple=True,
            default=["console"],
            show_default=True,
            help=say("报告格式，可多次", "Report format; repeatable"),
        ),
        click.Option(
            ["--mask/--no-mask"],
            default=True,
            show_default=True,
            help=say("遮住姓名、证件号等", "Mask names, ID numbers and the like"),
        ),
        click.Option(
            ["--layout"],
            metavar="NAME",
            help=say("接口：4101 或 4101A（默认自动辨认）", "Interface: 4101 or 4101A (default: recognise it)"),
        ),
        click.Option(
            ["--mapping"],
            type=file,
            metavar="FILE",
            help=say("列名对照文件", "A file that says which column is which field"),
        ),
        click.Option(
            ["--save-mapping"],
            type=file,
            metavar="FILE",
            help=say("把这次认出的列名对照存下来", "Save how the columns were matched this time"),
        ),
        click.Option(
            ["--settlement"],
            type=file,
            metavar="FILE",
            help=say("随 4101A 提供的结算数据", "Settlement data that goes with 4101A"),
        ),
        click.Option(["--quiet", "-q"], is_flag=True, help=say("不显示结果和进度", "Show neither result nor progress")),
    )


def run(
    paths: tuple[str, ...],
    profile: str,
    rules: tuple[Path, ...],
    select: list[str],
    ignore: list[str],
    fail_on: str,
    out: Path | None,
    formats: tuple[str, ...],
    mask: bool,
    layout: str | None,
    mapping: Path | None,
    save_mapping: Path | None,
    settlement: Path | None,
    quiet: bool,
) -> int:
    """Check, report, and answer whether there was a finding at or above ``fail_on``."""
    from validator.api import check

    inputs = [each for path in paths for each in expand(path)]
    with progress(quiet) as tick:
        report = check(
            inputs,
            profile=profile,
            rules=rules,
            select=select,
            ignore=ignore,
            layout=layout,
            mapping=mapping,
            settlement=settlement,
            mask=mask,
            lang=text.current(),
            progress=tick,
        )
    return int(fail_on != "never" and report.failed(fail_on))


def split(ctx: click.Context, parameter: click.Parameter, values: Sequence[str]) -> list[str]:
    """``--select DX,OP`` is ``--select DX --select OP``."""
    return [part.strip() for value in values for part in value.split(",") if part.strip()]
