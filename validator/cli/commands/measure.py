"""``zhikong measure``: measures of hospitals over a period, with the stays that each number counts."""

from contextlib import nullcontext
from pathlib import Path
from typing import Any

import click

from validator.base import language
from validator.base.language import say
from validator.cli import engines, output
from validator.cli.commands.check import expand, tell_written
from validator.cli.help import Command, measuring_options
from validator.cli.intake import database_option, opened

_LEVELS = ("hospital", "department", "physician", "coder", "month")


def command() -> Command:
    """``zhikong measure``."""
    file = click.Path(exists=True, dir_okay=False, path_type=Path)
    return Command(
        run,
        say(
            "统计：医疗机构一段时间的数据质量、入组率、CMI、消耗指数、再入院、费用和行为疑点，每个数字都能查到病例。\n"
            "按出院日期计入期间；期外的清单也可以放进来，用来看再入院。",
            "Measure hospitals over a period: data quality, grouping, indices, readmission, costs and signals of conduct; "
            "each number leads to its cases.\nStays count by their day of discharge; lists of other times tell of "
            "readmissions.",
        ),
        click.Argument(
            ["paths"],
            nargs=-1,
            required=True,
            metavar="DATA...",
            help=say("结算清单，与 zhikong check 能读的相同", "Settlement lists, whatever zhikong check reads"),
        ),
        click.Option(
            ["--period"],
            required=True,
            metavar="PERIOD",
            help=say(
                "期间：2026、2026Q3、2026-07、2026-01-01..2026-06-30",
                "The period: 2026, 2026Q3, 2026-07, 2026-01-01..2026-06-30",
            ),
        ),
        click.Option(
            ["--by"],
            default="hospital",
            show_default=True,
            metavar="LEVELS",
            help=say(
                f"还按哪些分开统计，以逗号分隔：{'、'.join(_LEVELS)}",
                f"Also measure by, separated by commas: {', '.join(_LEVELS)}",
            ),
        ),
        click.Option(
            ["--to"],
            type=click.Path(file_okay=False, path_type=Path),
            metavar="DIR",
            help=say(
                "网页、工作簿和 Parquet 写到这个文件夹（默认只显示总表）",
                "Folder for page, workbook and Parquet (default: only show all stays together)",
            ),
        ),
        click.Option(
            ["--leave"],
            type=file,
            metavar="FILE",
            help=say(
                "住院期间的请假（setl_id、leave_begin、leave_end）",
                "Leaves during stays (setl_id, leave_begin, leave_end)",
            ),
        ),
        click.Option(
            ["--roll"],
            type=file,
            metavar="FILE",
            help=say(
                "结算名册：应有哪些清单；时效性、上报率、机构覆盖率用",
                "The roll of settlements: which lists should be there, for timeliness and coverage",
            ),
        ),
        click.Option(
            ["--ledger"],
            type=click.Path(exists=True, file_okay=False, path_type=Path),
            metavar="DIR",
            help=say(
                "收单台账的目录：何时报来、错误后来怎样（zhikong intake）",
                "Folder of the intake's ledger: when lists came, what became of errors (zhikong intake)",
            ),
        ),
        database_option(),
        click.Option(
            ["--any-hospital"],
            is_flag=True,
            help=say(
                "在别的医院再入院也算（当天转院的不算）",
                "Readmission to another hospital counts too (not on the day of discharge)",
            ),
        ),
        click.Option(
            ["--mask/--no-mask"],
            default=True,
            show_default=True,
            help=say("遮住医师、填报人姓名", "Mask names of physicians and coders"),
        ),
        *measuring_options("--scheme"),
        *engines.options(),
        click.Option(
            ["--quiet", "-q"], is_flag=True, help=say("不显示总表和进度", "Show neither figures nor progress")
        ),
    )


def run(
    paths: tuple[str, ...], period: str, by: str, to: Path | None, scheme: str, weights: Path | None, leave: Path | None,
    roll: Path | None, ledger: Path | None, database: str, any_hospital: bool, mask: bool, record: tuple[Path, ...],
    fees: tuple[Path, ...], record_edition: str | None, profile: str, codebooks: Path | None, layout: str | None,
    mapping: Path | None, engine: str, workers: int | None, master: str, quiet: bool,
) -> int:  # fmt: skip
    """Measure, show and write."""
    from validator.scoring.readmission import Readmission
    from validator.scoring.report import view, write
    from validator.scoring.run import measure

    inputs = [each for path in paths for each in expand(path)]
    whole: dict[str, Any] = {"record": list(record) or None, "fees": list(fees) or None}
    with (
        opened(ledger, database) if ledger else nullcontext() as intake,
        engines.measuring(engine, workers, master, inputs, to, whole, quiet=quiet) as where,
    ):
        found = measure(
            inputs,
            period,
            by=[each.strip() for each in by.split(",") if each.strip()],
            profile=profile,
            codebooks=codebooks,
            scheme=scheme,
            weights_of_groups=weights,
            leave=leave,
            roll=roll,
            ledger=intake,
            readmission=Readmission(same_hospital=not any_hospital),
            **whole,
            **where,
            mask=mask,
            record_edition=record_edition or "",
            layout=layout,
            mapping=mapping,
        )
    if to:
        for path in write(found, to, language.current()):
            tell_written(path, quiet)
    if not quiet:
        heads = {
            "title": say("指标", "Measure"), "shown": say("值", "Value"), "of": say("分子 / 分母", "Of"),
            "excluded": say("不参加", "Excluded"), "unjudged": say("无法判定", "Unjudged"),
        }  # fmt: skip
        output.show([{name: row[name] for name in heads} for row in view.overall(found)], heads, "table")
        for note in view.notes(found):
            click.echo(note)
    return engines.left_out(where, to, quiet=quiet)
