"""``zhikong new-rule``: a rule page with blanks to fill in."""

import os
import shlex
import subprocess
from pathlib import Path

import click

from validator.base import files
from validator.base.errors import ConfigError
from validator.base.language import say
from validator.cli import completion
from validator.cli.help import Command

#: ``.schema.json`` files below ``schemas/json``: of the project's pages and of those of a house.
SCHEMA, HOUSE_SCHEMA = "rule", "house-rule"
PAGE = """\
# yaml-language-server: $schema={schema}
# 填好每个空白即可；还缺什么，读规则时会指出文件和行。
# Fill in every blank; loading the page names what is still blank. Keys: docs/rule-pages.md
id: {id}
name:             # english-words-with-hyphens: what the fault is about
title:            # 应当怎样，一句话
title_en:
kind:             # 完整性 规范性 一致性 编码 及时性 疑点
level:            # error warning info（依据未证实的最多 warning; unconfirmed basis: warning at most)
blocks: []        # drg, dip：不改就不能入组; the case cannot be grouped while this stands
on: {on}
when:             # SQL；总适用就删掉这一行; delete the line if the rule always applies
expect:           # SQL，应当成立的条件; or unique, pairs, requires
message:          # 写明所见的值，如 “{{diag_name}}”
message_en:
fix:              # 编码员该做什么
fix_en:
why:              # 为什么查：不改会怎样
why_en:
basis:
  doc:{doc}
  item:           # 文件的哪一条; which item of the document
  sure:           # official practice unconfirmed
cases:            # 在干净清单上只改与规则有关的; patches on a clean list: set only what the rule is about
  - pass:
    {on}: {patch}
  - fail:
    {on}: {patch}
"""
_OURS_DOC = "            # a key of schemas/regulations.yaml"
_HOUSE_DOC = """
    title:        # 所依据的文件，如 某市结算清单质控要点
    number:       # 文号，可不填"""


def command() -> Command:
    """``zhikong new-rule``."""
    return Command(
        run,
        say("写一页留空的规则，填好即可用。", "Write a rule page with blanks to fill in."),
        click.Argument(["rule_id"], metavar="ID", help=say("编号：两字母三数字，如 DX901", "Such as DX901")),
        click.Option(
            ["--on"],
            default="setlinfo",
            show_default=True,
            metavar="TABLE",
            shell_complete=completion.tables,
            help=say("查哪张表", "Table to check"),
        ),
        click.Option(
            ["--to"],
            type=click.Path(file_okay=False, path_type=Path),
            default=Path("rules"),
            show_default=True,
            metavar="DIR",
            help=say("写到哪个文件夹", "Folder to write to"),
        ),
    )


def run(rule_id: str, on: str, to: Path) -> int:
    """Write the page, unless the id is taken."""
    from validator.spec import layouts, rule_pages

    name = rule_id.upper()
    known = layouts.load().values()
    tables = sorted({table for layout in known for table in layout.tables})
    if not rule_pages.ID.fullmatch(name):
        raise ConfigError(f"编号 {rule_id} 应为两字母三数字", f"{rule_id}: an id is two letters and three digits")
    if on not in tables:
        raise ConfigError(f"没有表 {on}，现有：{'、'.join(tables)}", f"no table {on}; there are: {', '.join(tables)}")
    path = to / f"{name}.yaml"
    taken = [path] if path.exists() else list((files.data("schemas") / "rules").rglob(f"{name}.yaml"))
    if taken:
        raise ConfigError(f"编号 {name} 已被 {taken[0]} 用过", f"id {name} is already used by {taken[0]}")
    patch = "{}" if on in {layout.case for layout in known} else "[{}]"
    house = not to.resolve().is_relative_to((files.data("schemas") / "rules").resolve())  # only ours need no --rules
    to.mkdir(parents=True, exist_ok=True)
    text = PAGE.format(id=name, on=on, patch=patch, schema=schema(to, house), doc=_HOUSE_DOC if house else _OURS_DOC)
    if house:  # Chinese is enough
        text = "".join(line for line in text.splitlines(True) if line.partition(":")[0] not in rule_pages.ENGLISH)
    with files.replacing(path) as scratch:
        scratch.write_text(text, encoding="utf-8", newline="\n")
    then = quoted("zhikong", "rule", name, *(("--rules", str(to)) if house else ()))
    click.echo(
        say(f"已写 {path}。填好空白后运行：{then}", f"Wrote {path}. Fill in the blanks, then run: {then}"),
    )
    return 0


def schema(folder: Path, house: bool) -> str:
    """Where an editor finds the JSON Schema of a page in ``folder``: of the project's own by the way from there."""
    path = files.data("schemas") / "json" / f"{HOUSE_SCHEMA if house else SCHEMA}.schema.json"
    return path.resolve().as_uri() if house else Path(os.path.relpath(path, folder)).as_posix()


def quoted(*arguments: str) -> str:
    """A command line to copy, for the shell of this system."""
    return subprocess.list2cmdline(arguments) if os.name == "nt" else shlex.join(arguments)
