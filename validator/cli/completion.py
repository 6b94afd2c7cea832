"""What the shell offers behind Tab: checks, profiles, tables, interfaces, code tables and schemes, by name with their titles.

Bash, zsh and fish are click's; PowerShell is here. docs/commands.md says how to turn it on.
"""

import os
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem, ShellComplete, add_completion_class

from validator.base.language import current, say

if TYPE_CHECKING:
    from validator.codes.tables import Version

Complete = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]

_POWERSHELL = """\
Register-ArgumentCompleter -Native -CommandName %(prog_name)s -ScriptBlock {
    param($word, $command, $cursor)
    $encoding = [Console]::OutputEncoding
    try {
        [Console]::OutputEncoding = [System.Text.Encoding]::UTF8
        $env:%(complete_var)s = "powershell_complete"
        $before = $command.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursor }
        $env:ZHIKONG_WORDS = ($before | ForEach-Object { $_.Extent.Text.Trim('"', "'") }) -join "`n"
        $env:ZHIKONG_WORD = $word.Trim('"', "'")
        %(prog_name)s | ForEach-Object {
            $value, $text = $_ -split "`t", 2
            $shown = if ($value -match '[\\s,;@&()$]') { "'$value'" } else { $value }
            [System.Management.Automation.CompletionResult]::new($shown, $value, 'ParameterValue', $text)
        }
    } finally {
        Remove-Item Env:%(complete_var)s, Env:ZHIKONG_WORDS, Env:ZHIKONG_WORD -ErrorAction SilentlyContinue
        [Console]::OutputEncoding = $encoding
    }
}
"""


class PowerShell(ShellComplete):
    """A line for each completion: the value, a tab, what it is. With none, PowerShell itself completes file names."""

    name = "powershell"
    source_template = _POWERSHELL

    def get_completion_args(self) -> tuple[list[str], str]:
        """The words before the one that is being written, and that one."""
        words = os.environ.get("ZHIKONG_WORDS", "").split("\n")
        return words[1:], os.environ.get("ZHIKONG_WORD", "")

    def format_completion(self, item: CompletionItem) -> str:
        """The value and its title."""
        return f"{item.value}\t{item.help or item.value}"

    def complete(self) -> str:
        """All completions; those of files are left to PowerShell."""
        found = self.get_completions(*self.get_completion_args())
        return "\n".join(self.format_completion(item) for item in found if item.type == "plain")


add_completion_class(PowerShell)


def checks(_: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Rules, field checks and notes; of a list with commas the last one."""
    from validator.checks import catalogue

    every = catalogue.load().every_check()
    titles = {name: check.title(current()) for name, check in every.items()}
    if not param.multiple:
        return _beginning(titles, incomplete)
    before, comma, last = incomplete.rpartition(",")
    items = _beginning(titles | {check.kind: say("类别", "kind") for check in every.values()}, last)
    return [CompletionItem(f"{before}{comma}{item.value}", help=item.help) for item in items]


def profiles(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Profiles by name, else files."""
    from validator.base import files
    from validator.spec import profiles

    names = [path.stem for path in sorted((files.data("schemas") / "profiles").glob("*.yaml"))]
    found = _beginning({name: profiles.load(name).title(current()) for name in names}, incomplete)
    return found or [CompletionItem(incomplete, type="file")]


def gates(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Gates by name, else files."""
    from validator.base import files

    names = [path.stem for path in sorted((files.data("schemas") / "gates").glob("*.json"))]
    return _beginning(dict.fromkeys(names, ""), incomplete) or [CompletionItem(incomplete, type="file")]


def tables(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Tables of the interfaces."""
    from validator.spec import layouts

    known = layouts.load().values()
    titles = {table: layout.interface.titles.get(table, "") for layout in known for table in layout.tables}
    return _beginning(titles, incomplete)


def interfaces(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Interfaces."""
    from validator.spec import layouts

    return _beginning({name: each.interface.title(current()) for name, each in layouts.load().items()}, incomplete)


def topics(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The letters that ids of rules begin with."""
    from validator.base import files

    names = sorted(path.name for path in (files.data("schemas") / "rules").iterdir() if path.is_dir())
    return _beginning(dict.fromkeys(names, ""), incomplete)


def kinds(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Kinds of checks."""
    from validator.report.common.words import KINDS

    return _beginning(KINDS, incomplete)


def code_tables(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Code tables that can be loaded."""
    from validator import loaders

    return _beginning({name: str(table.title) for name, table in loaders.known().items()}, incomplete)


def loaded_tables(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Code tables that are loaded."""
    return _beginning({each.table: "" for each in _versions(ctx)}, incomplete)


def loaded_versions(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The versions of the code table that the command names."""
    return _beginning({each.version: each.file for each in _versions(ctx, ctx.params.get("table"))}, incomplete)


def editions(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """``table@version`` of what is loaded, else files."""
    found = _beginning({f"{each.table}@{each.version}": each.file for each in _versions(ctx)}, incomplete)
    return found or [CompletionItem(incomplete, type="file")]


def schemes(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Grouping schemes that are loaded."""
    return _beginning(
        {each.version: each.file for each in _versions(ctx) if each.table.endswith("_scheme")}, incomplete
    )


def _versions(ctx: click.Context, table: str | None = None) -> "Iterable[Version]":
    from validator.codes.tables import Store

    return Store(ctx.params.get("codebooks")).versions(table)


def _beginning(titles: Mapping[str, str], incomplete: str) -> list[CompletionItem]:
    """The names that begin so, letter case apart, with their titles."""
    return [
        CompletionItem(name, help=title)
        for name, title in titles.items()
        if name.lower().startswith(incomplete.lower())
    ]
