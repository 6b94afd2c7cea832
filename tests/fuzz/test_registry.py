"""Every reader, kept table and file of a user's own has a generator of broken inputs; a later one brings its own."""

from collections.abc import Iterator

import click

from tests.fuzz import lists
from tests.fuzz.kinds import KINDS
from validator import api, loaders
from validator.cli.app import App
from validator.loaders import tables
from validator.read import inputs

#: Kind of file (``inputs.KINDS``) -> the generators that break it.
READERS = {
    "json": {"message"}, "lines": {"message"}, "delimited": {"delimited"}, "workbook": {"workbook"}, "dbf": {"dbf"},
    "parquet": {"parquet"}, "zip": {"archive"},
}  # fmt: skip
#: Kept table that is no list of codes -> its generators.
KEPT = {"drg_scheme": {"drg_folder", "drg_book"}, "dip_scheme": {"dip"}, "points": {"points"}}
#: What a command reads, by its argument or option, wherever it stands -> its generators.
READ = {
    "--rules": {"page"}, "--profile": {"profile"}, "--gate": {"gate"}, "--mapping": {"mapping"}, "--settlement": {"stays"},
    "--record": {"stays"}, "--fees": {"stays"}, "--actual": {"grouped"}, "--weights": {"measured"}, "--leave": {"measured"},
    "--verdicts": {"verdicts"}, "--roll": {"roll"}, "--file": {"codes_to_map"},
    "check paths": {"message", "delimited", "workbook", "parquet", "dbf", "stays", "archive"}, "group paths": {"grouped"},
    "score paths": {"message"}, "score --measures": {"scored"}, "score --marks": {"scored"}, "score --hospitals": {"scored"},
    "score --last": {"scored"}, "score --rejudged": {"scored"}, "score --verify": {"scored"},
    "measure paths": {"measured"}, "sample paths": {"verdicts"}, "dip-catalogue paths": {"grouped"}, "rules --lint": {"page"},
    "codebooks add files": {"code_table", "drg_folder", "drg_book", "dip", "points"}, "intake receive paths": {"delivery"},
    "intake watch folder": {"delivery"}, "intake platform file": {"platform"}, "intake withdraw file": {"withdrawn"},
    "serve": {"request"}, "intake answer table": {"stated"}, "intake request table": {"stated"}, "intake hospitals file": {"stated"},
}  # fmt: skip
#: What a command writes, or keeps for itself.
WRITTEN = {
    "--out",
    "--to",
    "--report",
    "--fix",
    "--gate-docs",
    "--save-mapping",
    "--codebooks",
    "--ledger",
    "intake backup target",
}
#: Settings that are a name or a file, and words for files in what an option takes.
_NAMED, _FILES = ("--profile", "--gate"), ("DATA", "PATH", "FILE", "DIR", "CSV")


def test_every_kind_of_file_and_interface_has_a_generator():
    assert {*READERS} == {*inputs.KINDS.values()}
    assert {*lists.INTERFACES} == {*api.load().layouts}


def test_every_kept_table_has_a_generator():
    assert {*KEPT} == loaders.known().keys() - tables.load().keys(), "tables of codes go by code_table"


def test_every_file_that_a_command_takes_has_a_generator():
    unknown = [name for name in _files(App(), "") if not any(name.endswith(f" {each}") for each in (*READ, *WRITTEN))]
    assert not unknown


def test_every_generator_is_of_something():
    assert {name for names in (*READERS.values(), *KEPT.values(), *READ.values()) for name in names} == {*KINDS}


def _files(command: click.Command, name: str) -> Iterator[str]:
    """The arguments and options of a command, and of those below it, that take a file or folder: ``check --mapping``."""
    context = click.Context(command)
    if isinstance(command, click.Group):
        for each in command.list_commands(context):
            below = command.get_command(context, each)
            assert below
            yield from _files(below, f"{name} {each}")
    for each in command.params:
        option = max(each.opts, key=len)
        takes = each.metavar or ""
        if isinstance(each.type, click.Path) or option in _NAMED or any(word in takes for word in _FILES):
            yield f"{name} {option}"
