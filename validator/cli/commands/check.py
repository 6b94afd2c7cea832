"""``zhikong check``: check lists and write the reports asked for."""

from collections.abc import Sequence
from glob import glob, has_magic
from pathlib import Path
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any, Literal

import click

import validator
from validator.base import files, language, limits
from validator.base.errors import InputError
from validator.base.language import say
from validator.cli import completion, engines, fixes, gates, output
from validator.cli.help import (
    Command,
    catalogue_options,
    codebooks_option,
    document_options,
    reading_options,
    settlement_option,
)

if TYPE_CHECKING:
    from validator.api import Report
    from validator.distribute.engines import Engine
    from validator.gate import Suite
    from validator.report import ReportView
    from validator.spec.rule_pages import Level

ANNOTATED = "xlsx"  #: the format that gives the user's own files back: one for each that was compared with another
PARTED = "parquet"  #: the format of which a run over many processes writes folders of files
STANDARD = "-"  #: standard input as a path, standard output as --out


def command() -> Command:
    """``zhikong check``."""
    file = click.Path(dir_okay=False, path_type=Path)
    return Command(
        run,
        say(
            "检查结算清单、病案首页、费用明细：报文、工作簿、CSV 或 Parquet 目录、zip；同一次住院的单据互相比较。\n"
            "退出码：0 没有达到 --fail-on 的问题；1 有；2 无法检查。",
            "Check settlement lists, case records and charge lines: messages, workbooks, folders of CSV or Parquet, zips.\n"
            "Documents of one stay are compared with each other.\n"
            "Exit codes: 0 no finding at or above --fail-on; 1 there are some; 2 could not run.",
        ),
        click.Argument(
            ["paths"],
            nargs=-1,
            required=True,
            metavar="PATH...",
            help=say("文件或文件夹，可多个；- 为标准输入", "Files or folders; - is standard input"),
        ),
        *catalogue_options(),
        codebooks_option(),
        click.Option(
            ["--select"],
            multiple=True,
            callback=names,
            shell_complete=completion.checks,
            metavar="IDS",
            help=say(
                "只查这些：编号、编号开头或类别，如 DX、setlinfo.gend、编码",
                "Only these checks: ids, prefixes or kinds, such as DX, setlinfo.gend, 编码",
            ),
        ),
        click.Option(
            ["--ignore"],
            multiple=True,
            callback=names,
            shell_complete=completion.checks,
            metavar="IDS",
            help=say("不查这些", "All but these checks"),
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
            default=".",
            show_default=True,
            metavar="DIR",
            help=say(
                "报告文件放在哪里，名为“输入名-checked”；- 为标准输出",
                "Folder for report files, named INPUT-checked; - is standard output",
            ),
        ),
        click.Option(
            ["--format", "formats"],
            type=click.Choice(format_names()),
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
        *reading_options(),
        click.Option(
            ["--save-mapping"],
            type=file,
            metavar="FILE",
            help=say(
                "把没认出的列名写成对照文件，补好再用", "Write the headings that were not recognised as such a file"
            ),
        ),
        settlement_option(),
        *document_options(),
        click.Option(
            ["--fix"],
            type=click.Path(file_okay=False, path_type=Path),
            metavar="DIR",
            help=say(
                "把只改书写形式的建议改在副本里，副本和改动记录 fixes.csv 放在这个目录；原文件不动",
                "Write copies in which what is of form only is fixed, and the log fixes.csv, to this folder",
            ),
        ),
        *gates.options(),
        *engines.options(),
        click.Option(["--quiet", "-q"], is_flag=True, help=say("不显示结果和进度", "Show neither result nor progress")),
    )


def run(
    paths: tuple[str, ...],
    profile: str,
    rules: tuple[Path, ...],
    codebooks: Path | None,
    select: list[str],
    ignore: list[str],
    fail_on: "Level | Literal['never']",
    out: str,
    formats: tuple[str, ...],
    mask: bool,
    layout: str | None,
    mapping: Path | None,
    save_mapping: Path | None,
    settlement: Path | None,
    record: tuple[Path, ...],
    fees: tuple[Path, ...],
    record_edition: str | None,
    stage: str | None,
    fix: Path | None,
    gate: str | None,
    declared: int | None,
    gate_docs: Path | None,
    engine: str,
    workers: int | None,
    master: str,
    quiet: bool,
) -> int:
    """Check, report, and answer whether there was a finding at or above ``fail_on`` or the batch is returned."""
    from validator import api, read
    from validator.base import yaml_csv

    if save_mapping and save_mapping.exists():
        raise InputError(f"{save_mapping} 已存在，请换个名字", f"{save_mapping} exists; choose another name")
    inputs = [each for path in paths for each in expand(path)]
    if out == STANDARD and len(formats) != 1:
        raise click.UsageError(say("--out - 只能配一种 --format", "--out - takes exactly one --format"))
    suite = gates.read(gate, declared, gate_docs)
    known: dict[str, Any] = {
        "profile": profile, "rules": rules, "codebooks": codebooks, "select": tuple(select), "ignore": tuple(ignore),
        "layout": layout, "mapping": mapping, "record_edition": record_edition or "", "stage": stage or "", "mask": mask,
        "lang": language.current(),
    }  # fmt: skip
    folder, complete = None, True
    whole: dict[str, Any] = {
        "record": list(record) or None,
        "fees": list(fees) or None,
        "settlement": settlement,
        "fix": fix,
    }
    engines.refuse_unfit(engine, workers, master, [*inputs, out], **whole)
    if engine == engines.LOCAL:
        with output.progress(quiet) as tell:
            report = api.check(inputs, **known, **whole, progress=tell)
    else:
        folder = Path(out) / target(inputs, "")
        report, complete = _on_engine(inputs, known, engines.of_name(engine, workers, master), folder, quiet)
    if report.fixed:
        fixes.show(report.fixed, quiet)
    if save_mapping:
        known = yaml_csv.read_yaml(mapping) if mapping else {}
        read.save_mapping(save_mapping, {**known, **report.headings})
        tell_written(save_mapping, quiet)
    returned = suite is not None and judge(report, suite, declared, gate_docs, out, quiet)
    for name in sorted(formats, key="console".__eq__):  # files first: a closed pipe must not cost them
        if not (quiet and name == "console"):
            deliver(report, name, out, quiet, folder)
    if suite is not None and not quiet:
        gates.show(report.verdict, full="console" in formats)
    return int(returned or (fail_on != "never" and (report.failed(fail_on) or not complete)))


def _on_engine(
    inputs: list[str], known: dict[str, Any], engine: "Engine", folder: Path, quiet: bool
) -> "tuple[Report, bool]":
    """The report of a run over many processes, and whether all of the data was read."""
    from validator.distribute import running
    from validator.distribute.checking import CheckOptions

    with engines.progress(quiet) as tell:
        report, ran = running.check(inputs, CheckOptions(**known, limits=limits.chosen()), engine, folder, tell)
    engines.say_what_became(ran, folder, quiet=quiet)
    return report, not ran.failed


def format_names() -> list[str]:
    """The report formats, found as :func:`validator.report.formats` does but without loading them."""
    folder = Path(validator.__file__).parent / "report"
    modules = iter_modules([str(folder)])
    return sorted(module.name for module in modules if not module.ispkg and not module.name.startswith("_"))


def names(ctx: click.Context, parameter: click.Parameter, values: Sequence[str]) -> list[str]:
    """Ids, beginnings and kinds; ``--select DX,OP`` is ``--select DX --select OP``, ``coding`` is 编码."""
    if not values:
        return []
    from validator.report.common.words import KINDS

    kinds = {english: chinese for chinese, english in KINDS.items()}
    return [kinds.get(part, part) for value in values for part in value.replace(" ", "").split(",") if part]


def expand(path: str) -> list[str]:
    """What ``*.json`` stands for, where the shell (as on Windows) left it alone."""
    if path == STANDARD or not has_magic(path) or Path(path).exists():
        return [path]
    return sorted(glob(path)) or [path]  # noqa: PTH207 (Path.glob takes no absolute pattern)


def deliver(report: "Report", name: str, out: str, quiet: bool, folder: Path | None = None) -> None:
    """Print the report or write its file, and say where it is; ``folder``: where Parquet goes as many files."""
    if name == "console":
        from validator.report import console

        console.show(report, output.console())
        return
    from validator.report import formats as known
    from validator.report import write

    if out == STANDARD:
        with files.scratch_folder() as scratch:
            written = write(report, Path(scratch) / f"report{known()[name].EXTENSION}", name)
            click.echo(written.read_bytes(), nl=False)
        return
    views: list[ReportView] = []
    if name == ANNOTATED:
        from validator.report.common.of_input import of_inputs

        views = [*of_inputs(report)]
    if folder and name == PARTED:
        tell_written(write(report, folder, name), quiet)
        return
    used = set[str]()
    for each in views or [report]:
        written = write(each, Path(out) / unused(target(each.inputs, known()[name].EXTENSION), used), name)
        tell_written(written, quiet)


def judge(
    report: "Report",
    suite: "Suite",
    declared: int | None,
    docs: Path | None,
    out: str,
    quiet: bool,
) -> bool:
    """Judge the batch, write the verdict, and answer whether the batch is returned."""
    from validator import gate

    verdict = report.verdict = gate.judge(report, suite, declared, docs)
    if docs:
        tell_written(docs / "index.html", quiet)
    if out != STANDARD:
        tell_written(gate.write(verdict, report, Path(out) / target(report.inputs, ".gate.json")), quiet)
    return verdict.disposition == "return"


def tell_written(path: Path, quiet: bool) -> None:
    """Where a file is; on the error stream, so that standard output stays the report's."""
    if not quiet:
        click.echo(say(f"已写 {path}", f"Wrote {path}"), err=True)


def unused(name: str, used: set[str]) -> str:
    """The name, or 七月-2-checked.xlsx where files of several folders have the same one; it is then used."""
    stem, checked, extension = name.rpartition("-checked.")
    names = (name, *(f"{stem}-{number}{checked}{extension}" for number in range(2, len(used) + 2)))
    found = next(each for each in names if each not in used)
    used.add(found)
    return found


def target(inputs: Sequence[str], extension: str) -> str:
    """``七月.xlsx`` is reported as ``七月-checked.html``; several inputs together as ``zhikong-checked.html``."""
    if len(inputs) != 1:
        return f"zhikong-checked{extension}"
    if inputs[0] == STANDARD:
        return f"stdin-checked{extension}"
    from validator.read.inputs import named

    path = Path(inputs[0]).resolve()
    shown = Path(named(path))
    return f"{shown.name if path.is_dir() else shown.stem}-checked{extension}"
