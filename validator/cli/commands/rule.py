"""``zhikong rule``: everything about one check, as a page."""

import re
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

import click

from validator.base import files
from validator.base.errors import ConfigError
from validator.base.language import current, say
from validator.cli import completion
from validator.cli.help import Command, catalogue_options
from validator.cli.output import console, show

if TYPE_CHECKING:
    from rich.console import RenderableType

    from validator.spec.catalogue import Catalogue, Check
    from validator.spec.rule_pages import Case, Rule
    from validator.spec.story import Pair


def command() -> Command:
    """``zhikong rule``."""
    return Command(
        run,
        say(
            "说明一条规则或字段检查：为什么、依据、条件、怎么改、例子。\n例子会当场运行；与预期不符时退出码为 1。",
            "Explain a rule or field check: why, basis, conditions, how to fix, examples.\n"
            "The examples are run; the exit code is 1 if one does not do what it says.",
        ),
        click.Argument(
            ["check_id"],
            metavar="ID|WORDS",
            shell_complete=completion.checks,
            help=say(
                "编号，如 OP204、setlinfo.gend/required；或名称里的词，如 手术日期",
                "An id such as OP204 or setlinfo.gend/required, or words of its name",
            ),
        ),
        *catalogue_options(),
    )


def run(check_id: str, profile: str, rules: tuple[Path, ...]) -> int:
    """Print the page."""
    from validator import api
    from validator.report.common.words import LEVELS

    known = api.load(profile, rules)
    named = search(known, check_id)
    if len(named) > 1:
        headings = {"id": say("编号", "Id"), "level": say("级别", "Level"), "title": say("名称", "Name")}
        show(
            [{"id": each.id, "level": str(LEVELS[each.level]), "title": each.title(current())} for each in named],
            headings,
            "table",
        )
        return 0
    check = named[0] if named else find(known, check_id)
    screen = console()
    for part in page(known, check):
        screen.print(part)
    cases = enumerate(check.rule.cases if check.rule else (), 1)
    wrong = [named_case(at, case) for at, case in cases if check.rule and not holds(known, check.rule, case)]
    if wrong:
        zh, en = "、".join(wrong), ", ".join(wrong)
        screen.print(
            say(f"这些例子与预期不符：{zh}", f"These examples do not do what they say: {en}"), style="bold red"
        )
    return int(bool(wrong))


def holds(catalogue: "Catalogue", rule: "Rule", case: "Case") -> bool:
    """Whether the example fails or passes as its page says."""
    from validator import api, read
    from validator.checks import examples

    part = read.from_message(examples.message(rule, case, catalogue), catalogue.layouts)
    report = api.run(examples.equipped(catalogue, rule.id), [part], select=[rule.id])
    return report.findings.is_empty() != case.fails


def search(catalogue: "Catalogue", words: str) -> "list[Check]":
    """The checks in whose names all the words stand; none where ``words`` is an id.

    Chinese is looked for by twos: 手术日期 finds 手术操作日期.
    """
    if words.isascii() and " " not in words:
        return []
    pieces = [piece.lower() for piece in re.findall(r"[!-~]+|[^ -~]{1,2}", words)]
    lang = current()
    return [
        check
        for check in catalogue.every_check().values()
        if all(piece in check.title(lang).lower() for piece in pieces)
    ]


def find(catalogue: "Catalogue", check_id: str) -> "Check":
    """The check of that id, letter case apart."""
    rule = catalogue.rules.get(check_id.upper())
    if rule:
        return catalogue.rule_check(rule)
    checks = {name.lower(): check for name, check in catalogue.every_check().items()}
    if check_id.lower() in checks:
        return checks[check_id.lower()]
    ids = [check.id for check in checks.values()]
    near = "、".join(get_close_matches(check_id, ids) or get_close_matches(check_id.upper(), ids))
    raise ConfigError(
        f"没有编号 {check_id}" + (f"；是不是 {near}？" if near else "；zhikong rules 可列出规则"),
        f"there is no check {check_id}" + (f"; did you mean {near}?" if near else "; `zhikong rules` lists the rules"),
    )


def page(catalogue: "Catalogue", check: "Check") -> "list[RenderableType]":
    """What the page shows, top to bottom."""
    from rich.panel import Panel
    from rich.table import Table
    from rich.text import Text

    from validator.report.common.words import KINDS, LEVELS

    ink = f"bold #{LEVELS[check.level].ink}"
    marks = f"{LEVELS[check.level]} · {say(check.kind, KINDS[check.kind])}"
    heading = Text.assemble((check.id, "bold"), "  ", (check.title(current()), "bold"), "  ", (marks, ink))
    facts = Table(show_header=False, box=None, pad_edge=False, padding=(0, 2, 0, 0))
    facts.add_column(style="dim", no_wrap=True)
    facts.add_column(overflow="fold")
    for name, value in lines(catalogue, check):
        facts.add_row(name, Text(value))
    parts: list[RenderableType] = [heading, Text(), facts]
    for at, case in enumerate(check.rule.cases if check.rule else (), 1):
        mark = ("✗ ", "red") if case.fails else ("✓ ", "green")
        title = Text.assemble(mark, named_case(at, case))
        parts.append(Panel(patch(case), title=title, title_align="left", expand=False))
    return parts


def named_case(place: int, case: "Case") -> str:
    """What an example is called: pages title them in Chinese alone, so English has the number."""
    return say(case.title, f"example {place}, {'fails' if case.fails else 'passes'}")


def lines(catalogue: "Catalogue", check: "Check") -> list[tuple[str, str]]:
    """Name and text of each line of the page; lines without a text are left out."""
    from validator.report.common.words import basis

    rule, row = check.rule, check.row
    where = ".".join(part for part in (check.table, check.field) if part)
    pair = next((each for each in catalogue.story.pairs if each.id == check.id), None)
    every = [
        (say("英文名", "Name"), rule.name if rule else ""),
        (say("字段", "Field"), f"{where} {row.name(current())}" if row else where),
        (say("接口", "Interfaces"), "" if pair else say("、", ", ").join(interfaces(catalogue, check))),
        *(compared(catalogue, pair) if pair else ()),
        (say("为什么", "Why"), rule.text("why", current()) if rule else ""),
        (say("依据", "Basis"), basis(check, catalogue.documents)),
        *(conditions(catalogue, rule) if rule else ()),
        (say("报告里说", "Message"), check.message(current())),
        (say("怎么改", "Fix"), check.fix(current())),
        (say("入组影响", "Grouping"), grouping(check)),
        (say("已停用", "Withdrawn"), rule.withdrawn if rule else ""),
        (say("文件", "File"), f"{rule.path}" if rule else f"{row.path}:{row.line}" if row else ""),
    ]
    return [(name, value) for name, value in every if value]


def compared(catalogue: "Catalogue", pair: "Pair") -> list[tuple[str, str]]:
    """With which fields of the record a field of the list is compared."""
    places = [
        f"{name} {table}.{field} {catalogue.layouts[name].tables[table].fields[field].name(current())}"
        for name, (table, field) in pair.record.items()
    ]
    return [
        (say("首页字段", "Of the record"), "\n".join(places)),
        (say("文件", "File"), f"{files.data('schemas') / 'story' / 'pairs.csv'}"),
    ]


def interfaces(catalogue: "Catalogue", check: "Check") -> list[str]:
    """The interfaces that have what the check reads."""
    from validator.checks.plans import whole_plans

    return [name for name, plan in whole_plans(catalogue).items() if plan.runs(check.id)]


def conditions(catalogue: "Catalogue", rule: "Rule") -> list[tuple[str, str]]:
    """The rule's SQL, the facts and parameters in it explained."""
    written = [sql.text for sql in (rule.when, rule.expect) if sql]
    words = {name: None for text in written for name in re.findall(r"[$A-Za-z_][A-Za-z0-9_]*", text)}
    facts = [
        say(f"{name}：", f"{name}: ") + catalogue.facts[name].title(current())
        for name in words
        if name in catalogue.facts
    ]
    numbers = catalogue.profile.parameters
    facts += [f"{name} = {numbers[name[1:]]:g}" for name in words if name[:1] == "$" and name[1:] in numbers]
    shape = "" if rule.expect else f"{rule.shape}: " + ", ".join(f"{key} {value}" for key, value in rule.spec.items())
    return [
        (say("适用于", "When"), rule.when.text if rule.when else ""),
        (say("应当", "Expect"), rule.expect.text if rule.expect else shape),
        (say("其中", "Where"), "\n".join(facts)),
        (say("生效", "In force"), f"{rule.since or ''} — {rule.until or ''}" if rule.since or rule.until else ""),
    ]


def grouping(check: "Check") -> str:
    """Whether the case can be grouped while a finding of this check stands."""
    if check.blocks:
        names = [name.upper() for name in check.blocks]
        return say(f"不改则不能入组：{'、'.join(names)}", f"blocks grouping: {', '.join(names)}")
    return say("不直接影响入组", "no direct effect on grouping")


def patch(case: "Case") -> str:
    """What a case changes in a clean list, as the page writes it."""
    changes = [f"{table}: {written(change)}" for table, change in case.patch.items()]
    return "\n".join(changes) or say("干净的清单，不作改动", "a clean list as it is")


def written(value: object) -> str:
    """A value of a page on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {written(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(written, value)) + "]"
    if value is None:
        return "null"
    return repr(value) if isinstance(value, str) and (not value or value.isdigit()) else str(value)
