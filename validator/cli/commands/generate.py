"""``zhikong generate``: fictional cases, clean or with planted defects."""

from pathlib import Path
from typing import Any

import click

from validator.base.language import say
from validator.cli.help import Command, cases_option, seed_option
from validator.cli.output import progress


def command() -> Command:
    """``zhikong generate``."""
    return Command(
        run,
        say(
            "生成虚构的清单：干净的，或带有埋设缺陷的（另附真值表）。",
            "Make fictional lists: clean, or with planted defects (and a truth table next to them).",
        ),
        cases_option(100, say("病例数", "How many cases")),
        seed_option(say("种子；相同则结果相同", "Seed; the same seed gives the same cases")),
        click.Option(
            ["--defects"],
            type=click.FloatRange(0, 1),
            default=0.0,
            show_default=True,
            metavar="P",
            help=say("有缺陷的病例比例，0 到 1", "Share of cases with a defect, 0 to 1"),
        ),
        click.Option(
            ["--contradictions"],
            type=click.FloatRange(0, 1),
            default=0.0,
            show_default=True,
            metavar="P",
            help=say(
                "首页和同一种子的清单有一处不一致的比例（4401、HQMS、WT4）",
                "Share of case records that contradict the list of the same seed in one point (4401, HQMS, WT4)",
            ),
        ),
        click.Option(
            ["--conduct"],
            type=click.FloatRange(0, 1),
            default=0.0,
            show_default=True,
            metavar="P",
            help=say(
                "像挂名、分解住院、高套、提前出院的清单的比例，有的另加一次住院；一家医院后半段没有危重病例（4101、4101A）",
                "Share of lists that look like misconduct, some with a second stay; one hospital has no critical cases later "
                "on (4101, 4101A)",
            ),
        ),
        click.Option(
            ["--month"],
            is_flag=True,
            help=say(
                "一个月十二家医院的上报（按时、迟交、不交、缺大半、分批、改正、申诉、撤销、重报），供接收用；--cases 是总例数",
                "A month of deliveries of twelve hospitals for the intake (in time, late, missing, in parts, put right, justified, "
                "withdrawn, repeated); --cases is their total",
            ),
        ),
        click.Option(
            ["--to"],
            type=click.Path(file_okay=False, path_type=Path),
            required=True,
            metavar="DIR",
            help=say("写到哪个文件夹", "Folder to write"),
        ),
        click.Option(
            ["--as", "fmt"],
            type=click.Choice(["parquet", "xlsx", "csv", "4101", "wide", "wide-csv", "dbf"]),
            default="xlsx",
            show_default=True,
            help=say(
                "文件形式；wide、wide-csv 是一张宽表（一例一行），工作簿或 CSV；dbf 是卫统 4 的 DBF（WT4）",
                "What to write; wide, wide-csv: one wide sheet (a row a case), a workbook or CSV; dbf: the DBF of WT4",
            ),
        ),
        click.Option(
            ["--interface"],
            type=click.Choice(
                ["4101", "4101A", "4401", "HQMS", "WT4", "2204", "2301", "FEE_LIST_D"]
                + [f"{whole}+{lines}" for whole in ("4101", "4101A") for lines in ("2301", "FEE_LIST_D")]
            ),
            default="4101",
            show_default=True,
            help=say(
                "接口；2204、2301、FEE_LIST_D 是费用明细，+ 后面是同一批病例的费用明细；4401、HQMS、WT4 是同一批病例的病案首页",
                "Interface; 2204, 2301 and FEE_LIST_D are charge lines, after + come those of the same cases; "
                "4401, HQMS, WT4: the case records of the same stays",
            ),
        ),
    )


def run(month: bool, cases: int, seed: int, to: Path, defects: float, fmt: str, **options: Any) -> int:
    """Write the files and say where they are."""
    if month:
        from validator.generate import month as months

        months.write(to, seed, cases)
    else:
        from validator import generate

        with progress() as tell:
            generate.write(cases, seed, defects, to, fmt, progress=tell, **options)
    click.echo(say(f"已写到 {to}", f"Written to {to}"))
    return 0
