"""``zhikong sample``: case records drawn for inspection, and the indicators with the verdicts."""

from pathlib import Path

import click

from validator.base.errors import InputError
from validator.base.language import say
from validator.cli.help import Command, cases_option, codebooks_option, profile_option, reading_options, seed_option
from validator.cli.output import progress


def command() -> Command:
    """``zhikong sample``."""
    file = click.Path(dir_okay=False, path_type=Path)
    return Command(
        run,
        say(
            "抽取病案首页供人工抽查，写成抽查表；填好“对”“错”后用 --verdicts 读回，算出首页质控指标（2016 版）。\n"
            "没有抽查结论的指标只给“规则未见矛盾率”，是上限。",
            "Draw case records for inspection into a sheet of verdicts; once filled in, --verdicts reads it back for the "
            "indicators of 2016.\nWithout verdicts an indicator is an upper bound: no rule contradicts it.",
        ),
        click.Argument(
            ["paths"],
            nargs=-1,
            required=True,
            metavar="DATA...",
            help=say("病案首页，与 zhikong check 能读的相同", "Case records, whatever zhikong check reads"),
        ),
        cases_option(30, say("抽多少例", "How many cases")),
        click.Option(
            ["--by"],
            type=click.Choice(["random", "stratified", "risk"]),
            default="random",
            show_default=True,
            help=say("随机、按科室分层、按风险", "At random, by departments, by risk"),
        ),
        seed_option(say("种子；相同则抽到的病例相同", "Seed; the same seed draws the same cases")),
        click.Option(
            ["--to"], type=file, metavar="FILE", help=say("抽查表写到哪里（CSV）", "Where to write the sheet (CSV)")
        ),
        click.Option(["--verdicts"], type=file, metavar="FILE", help=say("填好的抽查表", "The sheet with verdicts")),
        click.Option(
            ["--discharged"],
            type=click.IntRange(1),
            metavar="N",
            help=say("同期出院人数，用来算上传率", "Discharges of the time, for the share of pages sent"),
        ),
        profile_option(),
        codebooks_option(),
        *reading_options(),
    )


def run(
    paths: tuple[str, ...], cases: int, by: str, seed: int, to: Path | None, verdicts: Path | None,
    discharged: int | None, profile: str, codebooks: Path | None, layout: str | None, mapping: Path | None,
) -> int:  # fmt: skip
    """Check the records, draw, write the sheet and print the indicators."""
    from validator import api
    from validator.cli.output import apart, show
    from validator.inspection import draw, indicators, score, sheet
    from validator.report.common.words import share

    if to:
        apart(to, paths)
    with progress() as tell:
        report = api.check(
            list(paths), profile=profile, codebooks=codebooks, layout=layout, mapping=mapping, progress=tell
        )
    known = report.catalogue.layouts
    records = [name for name in report.cases["layout"].unique() if known[name].interface.document == "record"]
    if not records:
        raise InputError(
            "这些数据里没有病案首页，抽查只用于首页", "no case records in the data; only these are inspected"
        )
    scored = score.scores(report.findings, report.cases)
    if to:
        drawn = draw.draw(report.cases, cases, by, seed)
        names = [each.verdict for each in indicators.asked(report.outcomes, scored.height)]
        sheet.write(to, drawn.join(scored.unique("case_id"), on="case_id", how="left", maintain_order="left"), names)
        click.echo(say(f"抽了 {drawn.height} 例，已写 {to}", f"{drawn.height} cases drawn, written to {to}"))
    given = sheet.read(verdicts) if verdicts else {}
    found = indicators.indicators(report.findings, report.outcomes, scored, given, discharged)
    rows = [
        {
            "number": each.number,
            "title": each.title,
            "share": share(*each.share),
            "count": f"{each.share[0]}/{each.share[1]}",
            "basis": each.basis,
        }
        for each in found
    ]
    heads = {
        "number": say("编号", "Number"), "title": say("指标", "Indicator"), "share": say("比例", "Share"),
        "count": say("分子/分母", "Of"), "basis": say("依据", "Rests on"),
    }  # fmt: skip
    show(rows, heads, "table")
    click.echo(
        say(
            "得分按 100 减去扣分；公开的评分项目合计 99 分（诊疗信息少 1 分），D 类按部分封顶。",
            "Scores are 100 less what is lost; the published items sum to 99, those of class D are cut off per section.",
        )
    )
    return 0
