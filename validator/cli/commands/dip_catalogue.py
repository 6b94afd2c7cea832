"""``zhikong dip-catalogue``: a DIP catalogue from history, kept as a scheme to group by."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from validator.base.language import say
from validator.cli.commands.check import expand, tell_written
from validator.cli.help import Command, codebooks_option, profile_option, reading_options
from validator.cli.output import progress

if TYPE_CHECKING:
    import polars as pl


def command() -> Command:
    """``zhikong dip-catalogue``."""
    file = click.Path(dir_okay=False, path_type=Path)
    return Command(
        run,
        say(
            "由历史病例测算 DIP 病种目录，存为分组方案：主要诊断（一位小数）加全部手术操作，达到临界例数的为核心病种，"
            "其余按治疗方式归入综合病种。\n之后用 zhikong group --scheme NAME 按它分组。",
            "Build a DIP catalogue from past cases and keep it as a scheme: the principal diagnosis (one decimal) with all "
            "procedures; from the critical number of cases up a core group, the rest in mixed groups by treatment.\n"
            "Then group by it with zhikong group --scheme NAME.",
        ),
        click.Argument(
            ["paths"],
            nargs=-1,
            required=True,
            metavar="DATA...",
            help=say("历史数据，与 zhikong group 能读的相同", "Past cases, whatever zhikong group reads"),
        ),
        click.Option(
            ["--name"],
            required=True,
            metavar="NAME",
            help=say("目录的名字，如 dip-本院-2025", "What to call it, such as dip-ours-2025"),
        ),
        click.Option(
            ["--critical"],
            type=click.IntRange(1),
            default=15,
            show_default=True,
            metavar="N",
            help=say("临界例数：达到几例为核心病种", "So many cases make a core group"),
        ),
        click.Option(
            ["--out"],
            type=file,
            metavar="FILE",
            help=say(
                "另把目录写成 CSV（可改后再用 codebooks add 加入）", "Also write it as CSV, which codebooks add reads"
            ),
        ),
        click.Option(["--replace"], is_flag=True, help=say("替换同名的目录", "Replace the one of that name")),
        profile_option(),
        codebooks_option(),
        *reading_options(),
    )


def run(
    paths: tuple[str, ...], name: str, critical: int, out: Path | None, replace: bool, profile: str,
    codebooks: Path | None, layout: str | None, mapping: Path | None,
) -> int:  # fmt: skip
    """Read the history, build the catalogue, keep it and print its summary."""
    import hashlib

    from validator import loaders
    from validator.checks import catalogue
    from validator.codes.tables import Store
    from validator.grouping import dip_history, dip_scheme
    from validator.grouping.grouper import read_cases
    from validator.read.place import Place

    inputs = [each for path in paths for each in expand(path)]
    known = catalogue.load(profile, (), codebooks)
    with progress() as tell:
        parts = [each.cases for each in read_cases(inputs, known, layout=layout, mapping=mapping, progress=tell)]
        if not parts:
            raise Place(inputs[0]).fault("没有病例", "holds no cases")
        frame = dip_history.build(dip_history.together(parts), critical)
    if not frame["kind"].is_in(["core"]).any():
        zh, en = f"没有达到 {critical} 例的病种", f"no group has {critical} cases"
        raise Place(inputs[0]).fault(zh, en)
    table = loaders.known()[dip_scheme.TABLE]
    digest = hashlib.sha256(frame.write_csv().encode()).hexdigest()
    found = loaders.FoundTable(table, frame, name, None, Place(inputs[0]), digest)
    kept = loaders.keep(found, Store(codebooks), replace=replace)
    summary = dip_history.summary(frame)
    click.echo(say(f"已存为 {kept.version}：{summary}", f"Kept as {kept.version}: {summary}"))
    if out:
        _write(frame, out)
        tell_written(out, False)
    return 0


def _write(frame: "pl.DataFrame", out: Path) -> None:
    """The catalogue as a table for people, with the headings under which it is read back."""
    import polars as pl

    from validator.base import files
    from validator.base.formulas import plain
    from validator.grouping.dip_scheme import MIXED, TREATMENTS

    words = {code: zh for code, (zh, _) in TREATMENTS.items()}
    kind = pl.col("kind").replace_strict({"core": "核心病种", MIXED: "综合病种"}, default=None, return_dtype=pl.String)
    rows = frame.select(
        病种编码="code", 病种名称="name", 病种类型=kind, 主要诊断编码="principal", 手术操作编码="procedure",
        治疗方式=pl.col("rule").replace_strict(words, default="", return_dtype=pl.String),
        病例数="number", 例均费用=pl.col("cost").round(2),
    )  # fmt: skip
    with files.replacing(out) as scratch:
        texts = pl.col(pl.String).map_elements(plain, return_dtype=pl.String)
        rows.drop_nulls("病种类型").with_columns(texts).write_csv(scratch, include_bom=True)
