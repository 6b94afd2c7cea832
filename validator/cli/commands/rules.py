"""``zhikong rules``: the list of rules, filtered."""

from pathlib import Path

import click

from validator.base.language import current, say
from validator.cli import completion
from validator.cli.help import Command, catalogue_options
from validator.cli.output import format_option, show


def command() -> Command:
    """``zhikong rules``."""
    return Command(
        run,
        say("列出规则，可筛选。", "List the rules, all or some."),
        click.Option(
            ["--topic"],
            metavar="XX",
            shell_complete=completion.topics,
            help=say("编号开头的字母，如 DX", "The id's letters, such as DX"),
        ),
        click.Option(
            ["--kind"],
            metavar="KIND",
            shell_complete=completion.kinds,
            help=say("类别，如 一致性", "Kind, such as consistency"),
        ),
        click.Option(
            ["--level"],
            type=click.Choice(["error", "warning", "info"]),
            help=say("级别", "Level"),
        ),
        click.Option(
            ["--table"],
            metavar="TABLE",
            shell_complete=completion.tables,
            help=say("所查的表，如 diseinfo", "Table, such as diseinfo"),
        ),
        click.Option(
            ["--text"], metavar="WORDS", help=say("名称、说明或条件中的文字", "Words in title, text or condition")
        ),
        click.Option(
            ["--lint"],
            is_flag=False,
            flag_value="",
            metavar="[DIR]",
            help=say(
                "检查规则库本身：重复、矛盾、被涵盖、永不报的规则和对不上的值域；给出目录则只看该目录的规则（同 --rules）",
                "Judge the rule base itself: rules that repeat, contradict or cover each other or never speak, value sets "
                "that disagree; with a folder only its pages (as --rules)",
            ),
        ),
        *catalogue_options(),
        format_option(),
    )


def run(
    topic: str | None,
    kind: str | None,
    level: str | None,
    table: str | None,
    text: str | None,
    lint: str | None,
    profile: str,
    rules: tuple[Path, ...],
    style: str,
) -> int:
    """Print the rules that all given filters keep; with ``lint`` what is wrong with the rule base (1 if anything)."""
    from validator import api
    from validator.report.common.words import KINDS

    if lint is not None:
        return judge(profile, rules, Path(lint) if lint else None, style)
    known = api.load(profile, rules)
    rows = []
    for rule in known.rules.values():
        check = known.rule_check(rule)
        conditions = [sql.text for sql in (rule.when, rule.expect) if sql]
        kept = (
            not topic or rule.id.startswith(topic.upper()),
            not kind or kind.lower() in (rule.kind, KINDS[rule.kind]),
            not level or check.level == level,
            not table or rule.on == table,
            not text or text.lower() in " ".join((rule.id, *rule.texts.values(), *conditions)).lower(),
        )
        if all(kept):
            rows.append(
                {
                    "id": rule.id,
                    "level": check.level,
                    "kind": say(rule.kind, KINDS[rule.kind]),
                    "table": rule.on,
                    "field": rule.field,
                    "title": check.title(current()),
                    "name": rule.name,
                    "blocks": rule.blocks,
                    "doc": rule.basis.doc,
                    "sure": rule.basis.sure,
                    "withdrawn": rule.withdrawn,
                }
            )
    headings = {
        "id": say("编号", "Id"),
        "level": say("级别", "Level"),
        "kind": say("类别", "Kind"),
        "table": say("表", "Table"),
        "title": say("名称", "Title"),
    }
    show(rows, headings, style)
    return 0


def judge(profile: str, rules: tuple[Path, ...], folder: Path | None, style: str) -> int:
    """Print what the linter says of the rule base, or of the pages of ``folder``."""
    from validator import api
    from validator.lint import KINDS, lint

    if folder and folder not in rules:
        rules = (*rules, folder)
    found = lint(api.load(profile, rules), folder)
    if not found and style == "table":
        click.echo(say("规则库没有问题", "Nothing is wrong with the rule base"))
        return 0
    rows = [
        {"kind": say(*KINDS[each.kind]), "one": each.one, "other": each.other, "text": say(each.zh, each.en)}
        for each in found
    ]
    headings = {"kind": say("问题", "Problem"), "text": say("说明", "What")}
    show(rows, headings, style)
    return int(bool(rows))
