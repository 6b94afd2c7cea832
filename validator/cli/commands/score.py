"""``zhikong score``: hospitals scored by an assessment table, each deduction with formula, figures and cases."""

from contextlib import nullcontext
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from validator.base import language
from validator.base.language import say
from validator.cli import engines, intake, output
from validator.cli.commands.check import expand, tell_written
from validator.cli.help import Command, measuring_options

if TYPE_CHECKING:
    from validator.scoring.scheme.run import Scoring

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def command() -> Command:
    """``zhikong score``."""
    return Command(
        run,
        say(
            "评分：按一张考核评分表（YAML）给医疗机构打分，每一处扣分都有公式、数字和病例。\n"
            "给清单就先统计再评分；已有指标表的用 --measures。人评的项目、金额用 --marks 给。",
            "Score hospitals by an assessment table (YAML): each deduction has its formula, figures and cases.\n"
            "Lists are measured first; --measures takes figures that are there. --marks gives what people decide.",
        ),
        click.Argument(
            ["paths"],
            nargs=-1,
            metavar="[DATA]...",
            help=say("结算清单，与 zhikong measure 相同", "Settlement lists, as for zhikong measure"),
        ),
        click.Option(
            ["--scheme"],
            required=True,
            metavar="NAME",
            help=say(
                "评分表：zhejiang-drg、wuhan-dip 或 YAML 文件", "The table: zhejiang-drg, wuhan-dip or a YAML file"
            ),
        ),
        click.Option(
            ["--period"],
            required=True,
            metavar="PERIOD",
            help=say("期间：2026、2026Q3、2026-07", "The period: 2026, 2026Q3, 2026-07"),
        ),
        click.Option(
            ["--measures"],
            type=click.Path(exists=True, path_type=Path),
            metavar="FILE",
            help=say(
                "指标表（机构、指标、分子、分母），或 zhikong measure --to 写出的文件夹",
                "Table of indicators (hospital, measure, numerator, denominator), or the folder of zhikong measure --to",
            ),
        ),
        *_tables(),
        *_appeals(),
        click.Option(
            ["--to"],
            type=click.Path(file_okay=False, path_type=Path),
            metavar="DIR",
            help=say(
                "评分表工作簿、网页、Parquet 和签名的清单写到这个文件夹",
                "Folder for workbook, page, Parquet and signed manifest",
            ),
        ),
        *measuring_options("--grouping"),
        *engines.options(),
        click.Option(
            ["--verify"],
            type=click.Path(exists=True, file_okay=False, path_type=Path),
            is_eager=True,
            expose_value=False,
            callback=_verify,
            metavar="DIR",
            help=say(
                "核对一个评分文件夹的文件和签名，不评分",
                "Check files and signature of a folder of scores, score nothing",
            ),
        ),
        click.Option(["--quiet", "-q"], is_flag=True, help=say("不显示名次和进度", "Show neither ranks nor progress")),
    )


def _verify(ctx: click.Context, _parameter: click.Parameter, folder: Path | None) -> None:
    """``--verify``: say which files are not as their manifest says, and end."""
    if folder is None:
        return
    from validator.scoring.scheme.report import manifest

    wrong = manifest.verify(folder)
    for name in wrong:
        click.echo(say(f"{name} 与清单或签名不符", f"{name} is not as the manifest or its signature says"))
    if not wrong:
        click.echo(say("文件与清单相符", "The files are as the manifest says"))
    ctx.exit(1 if wrong else 0)


def _tables() -> list[click.Parameter]:
    """Tables of the user's own."""
    return [
        click.Option(
            ["--marks"],
            type=_FILE,
            metavar="FILE",
            help=say(
                "人评的项目和金额：机构、项目、分值、评分人、日期、依据（机构写 * 为全部）",
                "Marks and sums: hospital, item, value, author, date, evidence (hospital *: all)",
            ),
        ),
        click.Option(
            ["--hospitals"],
            type=_FILE,
            metavar="FILE",
            help=say(
                "机构表：编码、名称、等级、类型、医联体牵头机构",
                "Hospitals: code, name, level, type, lead of the alliance",
            ),
        ),
        click.Option(
            ["--last"],
            type=click.Path(exists=True, path_type=Path),
            metavar="FILE",
            help=say("上期的指标表，与 --measures 相同", "Indicators of the last period, as for --measures"),
        ),
        click.Option(
            ["--against"],
            default="",
            metavar="NAME",
            help=say("另一版评分表：显示同一年按两版评分的差异", "Another version of the table: show what differs"),
        ),
    ]


def _appeals() -> list[click.Parameter]:
    """What was decided on contested cases."""
    return [
        click.Option(
            ["--rejudged"],
            type=_FILE,
            metavar="FILE",
            help=say(
                "申诉后改判的病例：机构、病例、指标、改判（计入、不计入、不参加）、认定人、日期、依据",
                "Cases judged again: hospital, case_id, measure, way (yes, no, excluded), author, date, evidence",
            ),
        ),
        click.Option(
            ["--ledger"],
            type=click.Path(exists=True, file_okay=False, path_type=Path),
            metavar="DIR",
            help=say(
                "收单台账：其中已采纳说明的问题不再扣分，并用它的密钥签名",
                "The intake's ledger: findings accepted there cost nothing; its key signs",
            ),
        ),
    ]


def run(
    paths: tuple[str, ...], scheme: str, period: str, measures: Path | None, marks: Path | None, hospitals: Path | None,
    last: Path | None, against: str, rejudged: Path | None, ledger: Path | None, to: Path | None, grouping: str, weights: Path | None,
    record: tuple[Path, ...], fees: tuple[Path, ...], record_edition: str | None, profile: str, codebooks: Path | None,
    layout: str | None, mapping: Path | None, engine: str, workers: int | None, master: str, quiet: bool,
) -> int:  # fmt: skip
    """Score, show and write."""
    from validator.scoring.scheme.report import write
    from validator.scoring.scheme.run import score

    inputs = [each for path in paths for each in expand(path)]
    whole: dict[str, Any] = {"record": list(record) or None, "fees": list(fees) or None}
    with (
        engines.measuring(engine, workers, master, inputs, to, whole, quiet=quiet) as where,
        intake.opened(ledger, "") if ledger else nullcontext() as book,
    ):
        measuring: dict[str, Any] = {
            "grouping": grouping, "weights_of_groups": weights, **whole, **where,
            "record_edition": record_edition or "", "profile": profile, "codebooks": codebooks, "layout": layout, "mapping": mapping,
        }  # fmt: skip
        found = score(
            inputs or None,
            scheme=scheme,
            period=period,
            table=measures,
            marks=marks,
            hospitals=hospitals,
            last=last,
            rejudged=rejudged,
            ledger=book,
            against=against,
            **measuring,
        )
    if to:
        for path in write(found, to, _key(ledger), language.current()):
            tell_written(path, quiet)
    if not quiet:
        _show(found)
    return engines.left_out(where, to, quiet=quiet)


def _key(folder: Path | None) -> Path | None:
    """The key that signs: the ledger's; None where what signs is not installed."""
    if any(find_spec(name) is None for name in ("cryptography", "sqlalchemy")):
        return None
    from validator.intake.freeze import KEY
    from validator.intake.ledger.store import default_folder

    return (folder or default_folder()) / KEY


def _show(found: "Scoring") -> None:
    """The hospitals by rank, what an appeal or the other version changes, and what a reader must know."""
    from validator.scoring.scheme.numbers import shown
    from validator.scoring.scheme.report import view

    heads = {
        "rank": say("名次", "Rank"), "hospital": say("机构编码", "Hospital"), "name": say("机构", "Name"), "total": say("总分", "Total"),
        "range": say("最低–最高", "Lowest–highest"), "grade": say("等次", "Grade"), "missing": say("缺项", "Missing"),
    }  # fmt: skip
    rows = [
        {
            "rank": each.rank or "—", "hospital": each.hospital.code, "name": each.hospital.name, "total": shown(each.total, 2),
            "range": f"{shown(each.lowest, 2)}–{shown(each.highest, 2)}", "grade": each.grade, "missing": len(each.missing) or "",
        }
        for each in found.sheets
    ]  # fmt: skip
    output.show(rows, heads, "table")
    for note in view.notes(found):
        click.echo(note)
    for row in view.changes(found):
        change = f"{shown(row['before'], 2)} → {shown(row['after'], 2)}"
        click.echo(f"{row['name'] or row['hospital']}  {row['item']}  {change}")
