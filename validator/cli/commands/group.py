"""``zhikong group``: which group each case falls into, why some have none, and what the bureau made of them."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from validator.base import files, language, limits
from validator.base.errors import InputError
from validator.base.language import say
from validator.cli import completion, engines, output
from validator.cli.commands.check import STANDARD, expand, target, tell_written
from validator.cli.help import Command, codebooks_option, profile_option, reading_options, settlement_option

if TYPE_CHECKING:
    import polars as pl

    from validator.api import Report
    from validator.cli.groups import Results
    from validator.distribute.checking import CheckOptions
    from validator.distribute.engines import Engine
    from validator.grouping.grouper import Batch, Grouper

FORMATS = ("jsonl", "parquet", "csv", "xlsx")


def command() -> Command:
    """``zhikong group``."""
    return Command(
        run,
        say(
            "分组：每例入哪个 DRG 组或 DIP 病种，没有入组的是什么原因，入组率多少。\n"
            "读 check 能读的各种清单，也读一行一例的平表（case_id, sex, age, age_days, weight_g, diagnoses, procedures，"
            "编码以 | 分隔，主要的在前）。\n"
            "退出码：0 全部入组；1 有没入组的；2 无法分组。",
            "Group cases: the DRG or DIP group of each, why some have none, and the grouping rate.\n"
            "Reads all that check reads, and flat tables, one row a case (case_id, sex, age, age_days, weight_g, "
            "diagnoses, procedures; codes joined by |, the principal one first).\n"
            "Exit codes: 0 all grouped; 1 some not; 2 could not group.",
        ),
        click.Argument(
            ["paths"],
            nargs=-1,
            required=True,
            metavar="DATA...",
            help=say("文件或文件夹，可多个；- 为标准输入（报文）", "Files or folders; - is standard input (messages)"),
        ),
        click.Option(
            ["--scheme"],
            default="",
            metavar="NAME",
            shell_complete=completion.schemes,
            help=say(
                "分组方案的版本名，如 chs-drg-1.1（默认按地区方案和出院日期）",
                "The scheme's version, such as chs-drg-1.1 (default: as the profile and the day of discharge say)",
            ),
        ),
        click.Option(
            ["--format", "style"],
            type=click.Choice(FORMATS),
            help=say(
                "结果文件的形式（默认看 --out 的扩展名）", "What to write (default: as the extension of --out says)"
            ),
        ),
        click.Option(
            ["--out"],
            metavar="FILE",
            help=say(
                "结果写到哪个文件，一行一例；- 为标准输出（默认只显示统计；给了 --format 则为“输入名-groups”）",
                "File for the results, one row a case; - is standard output (default: only counts; with --format "
                "INPUT-groups)",
            ),
        ),
        click.Option(
            ["--explain"],
            metavar="CASE_ID",
            help=say("只说明这一例是怎样分组的", "Tell only how this case is grouped"),
        ),
        click.Option(
            ["--report"],
            type=click.Path(file_okay=False, path_type=Path),
            metavar="DIR",
            help=say(
                "把入组率分析报告（网页和工作簿）写到这个文件夹",
                "Folder for the report on the grouping rate (a page and a workbook)",
            ),
        ),
        click.Option(
            ["--actual"],
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            metavar="FILE",
            help=say(
                "医保局或厂商返回的结果（病例号、分组或未入组原因两列），与预测对照",
                "The results that the bureau or vendor returned (case, group or failure), to set against the prediction",
            ),
        ),
        click.Option(
            ["--mask/--no-mask"],
            default=True,
            show_default=True,
            help=say("结果和报告里遮住医师、填报人姓名", "Mask names of physicians and coders in results and report"),
        ),
        profile_option(),
        codebooks_option(),
        *reading_options(),
        settlement_option(),
        *engines.options(),
        click.Option(["--quiet", "-q"], is_flag=True, help=say("不显示统计和进度", "Show neither counts nor progress")),
    )


def run(
    paths: tuple[str, ...],
    scheme: str,
    style: str | None,
    out: str | None,
    explain: str | None,
    report: Path | None,
    actual: Path | None,
    mask: bool,
    profile: str,
    codebooks: Path | None,
    layout: str | None,
    mapping: Path | None,
    settlement: Path | None,
    engine: str,
    workers: int | None,
    master: str,
    quiet: bool,
) -> int:
    """Group, write and count; 1 where some case has no group."""
    from validator.cli import groups
    from validator.distribute.checking import CheckOptions
    from validator.grouping.grouper import Grouper
    from validator.grouping.report import ReportBuilder, write

    inputs = [each for path in paths for each in expand(path)]
    style, path = _destination(style, out, inputs)
    grouper = Grouper(scheme, profile, codebooks)
    reading = {"layout": layout, "mapping": mapping, "settlement": settlement}
    engines.refuse_unfit(
        engine,
        workers,
        master,
        [*inputs, out or ""],
        explain=explain,
        report=report,
        actual=actual,
        settlement=settlement,
    )
    complete = True
    with files.scratch_folder() as folder:
        results = groups.Results(grouper, Path(folder), _returned(actual) if actual else None, masked=mask)
        builder = ReportBuilder(grouper) if report else None
        if engine != engines.LOCAL:
            options = CheckOptions(
                profile,
                (),
                codebooks,
                mask=mask,
                lang=language.current(),
                limits=limits.chosen(),
                layout=layout,
                mapping=mapping,
            )
            kept = path.with_name(f"{path.name}.run") if path else None
            complete = _on_engine(
                results, inputs, options, scheme, engines.of_name(engine, workers, master), kept, quiet
            )
        else:
            with output.progress(quiet) as tell:
                batches = grouper.batches(inputs, **reading, progress=tell)
                if explain is not None:
                    return _explained(grouper, batches, explain)
                for batch in batches:
                    results.add(batch)
                    if builder:
                        builder.add(batch)
        if path == Path(STANDARD):
            groups.to_standard_output(style, results)
        elif path:
            _show_written(groups.write(style, path, results), quiet)
        elif (differing := results.differing) is not None and differing.height:
            _show_written([groups.write_disagreements(Path(_named(inputs, "jsonl")), differing)], quiet)
        if builder and report:
            found = _blocking(inputs, grouper, codebooks, reading, quiet)
            _show_written(write(builder.report(inputs, found, masked=mask), report, language.current()), quiet)
        if not quiet:
            groups.show(output.console(err=path == Path(STANDARD)), results)
        return int(results.grouped < results.cases or not complete)


def _on_engine(
    results: "Results", inputs: list[str], options: "CheckOptions", scheme: str, engine: "Engine", kept: Path | None, quiet: bool
) -> bool:  # fmt: skip
    """Group in many processes; whether all of the data was read."""
    from validator.cli.group_units import GroupTask, MergedGroups
    from validator.distribute import running

    with engines.progress(quiet) as show:
        ran = running.run(inputs, MergedGroups(results, inputs), GroupTask(options, scheme), engine, kept, show)
    engines.say_what_became(ran, kept, quiet=quiet)
    return not ran.failed


def _show_written(paths: list[Path], quiet: bool) -> None:
    for path in paths:
        tell_written(path, quiet)


def _destination(style: str | None, out: str | None, inputs: list[str]) -> tuple[str, Path | None]:
    """The format, and the file; None: no file is wanted. ``-`` stays itself."""
    if out is None:
        return style or "", Path(_named(inputs, style)) if style else None
    if out == STANDARD:
        return style or "jsonl", Path(STANDARD)
    style = style or Path(out).suffix.lower().removeprefix(".")
    if style not in FORMATS:
        known = "、".join(FORMATS)
        raise click.UsageError(
            say(f"--out 的扩展名应为 {known}，或另给 --format", f"--out should end in one of {known}, or give --format")
        )
    return style, output.apart(Path(out), inputs)


def _named(inputs: list[str], style: str) -> str:
    return target(inputs, "").removesuffix("-checked") + f"-groups.{style}"


def _explained(grouper: "Grouper", batches: "Iterator[Batch]", case_id: str) -> int:
    """Print how one case is grouped; return 1 where it has no group."""
    from validator.cli import groups

    for batch in batches:
        found = (batch.result["case_id"] == case_id).arg_true()
        if found.len():
            for line in groups.trace(grouper, batch, found[0]):
                click.echo(line)
            return int(batch.result["status"][found[0]] != "grouped")
    raise InputError(f"数据里没有病例 {case_id}", f"there is no case {case_id} in the data")


def _returned(path: Path) -> "pl.DataFrame":
    """The table of results that came back."""
    from validator.grouping import feedback
    from validator.read import named_columns

    names = "；".join("、".join((name, *ways)) for name, ways in feedback.COLUMNS.items())
    lacking = (
        f"认不出反馈结果，应有病例号、分组结果两列（{names}）",
        f"no table of results; it should have a column of the case and one of the group ({names})",
    )
    return named_columns.rows(path, feedback.COLUMNS, lambda have: have == feedback.COLUMNS.keys(), lacking)


def _blocking(
    inputs: list[str], grouper: "Grouper", codebooks: Path | None, reading: dict[str, Any], quiet: bool
) -> "Report | None":
    """The findings of the checks that block grouping; None where the data are no settlement lists that can be read again."""
    from validator import api
    from validator.grouping.cases import is_flat
    from validator.read import flat

    if STANDARD in inputs or flat.frames(inputs, is_flat) is not None:
        return None
    known = [check for layout in grouper.catalogue.layouts for check in grouper.catalogue.checks(layout).values()]
    wanted = sorted({check.id for check in known if ("dip" if grouper.is_dip else "drg") in check.blocks})
    with output.progress(quiet) as tell:
        return api.check(
            inputs,
            profile=grouper.profile,
            codebooks=codebooks,
            select=wanted,
            lang=language.current(),
            progress=tell,
            **reading,
        )
