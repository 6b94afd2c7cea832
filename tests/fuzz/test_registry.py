"""Every reader, kept table and setting of a user's own has a generator of broken inputs; a later one brings its own."""

import click

from tests.fuzz.kinds import KINDS
from validator.cli.app import App
from validator.loaders import schemes
from validator.read import inputs

#: Kind of file (``inputs.KINDS``) -> the generator that breaks it.
READERS = {
    "json": "message", "lines": "message", "delimited": "delimited", "workbook": "workbook", "dbf": "dbf", "parquet": "parquet",
    "zip": "archive",
}  # fmt: skip
#: Kept table -> the generator; tables of codes go by ``code_table``.
SCHEMES = {schemes.DRG: "scheme"}
#: Option that names a file of the user's own -> its generator.
SETTINGS = {"--mapping": "mapping", "--rules": "page", "--profile": "profile", "--gate": "gate"}


def test_every_kind_of_file_has_a_generator():
    assert {*READERS} == {*inputs.KINDS.values()}
    assert {*READERS.values(), *SCHEMES.values(), *SETTINGS.values()} <= {*KINDS}


def test_every_setting_of_check_has_a_generator():
    """What ``check`` writes or reads as data is none."""
    command = App().get_command(click.Context(App()), "check")
    assert command
    files = {
        max(each.opts, key=len)
        for each in command.params
        if isinstance(each.type, click.Path) and each.opts[0].startswith("--")
    }
    data = {"--settlement", "--record", "--fees", "--codebooks", "--save-mapping", "--fix", "--gate-docs"}
    assert files - data <= {*SETTINGS}
