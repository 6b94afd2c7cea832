"""``zhikong rules``: the list of rules, filtered."""

from pathlib import Path

import click

from validator.base.language import current, say
from validator.cli.help import Command, catalogue_options
from validator.cli.output import format_option, show


def command() -> Command:
    """``zhikong rules``."""
    return Command(
        run,
        say("列出规则，可筛选。", "List the rules, all or some."),
        click.Option(["--topic"], metavar="XX", help=say("编号开头的字母，如 DX", "The id's letters, such as DX")),
        click.Option(["--kind"], metavar="KIND", help=say("类别，如 一致性", "Kind, such as consistency")),
        click.Option(
            ["--level"],
            type=click.Choice(["error", "warning", "info"]),
            help=say("级别", "Level"),
        ),
        click.Option(["--table"], metavar="TABLE", help=say("所查的表，如 diseinfo", "Table, such as diseinfo")),
        click.Option(
            ["--text"], metavar="WORDS", help=say("名称、说明或条件中的文字", "Words in title, text or condition")
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
    profile: str,
    rules: tuple[Path, ...],
    style: str,
) -> int:
    """Print the rules that all given filters keep."""
    from validator import api
    from validator.report.common.words import KINDS

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
