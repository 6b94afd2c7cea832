"""What the subcommands of ``zhikong codebooks`` share."""

from typing import TYPE_CHECKING

import click

from validator.base.errors import InputError
from validator.base.language import say
from validator.cli import completion

if TYPE_CHECKING:
    from validator.codes.tables import Store, Version

FOUND_NOTHING = 1  #: exit code of a search without a result


def table_option(zh: str, en: str) -> click.Option:
    """``--table``."""
    return click.Option(
        ["--table"], default="", metavar="TABLE", help=say(zh, en), shell_complete=completion.code_tables
    )


def loaded(store: "Store") -> list[str]:
    """Return the names of the loaded tables."""
    return list(dict.fromkeys(each.table for each in store.versions()))


def named(store: "Store", table: str, version: str) -> "Version":
    """Return the version that a user names."""
    versions = store.versions(table)
    found = next((each for each in versions if each.version == version), None)
    if not versions:
        raise missing(table)
    if found is None:
        names = "、".join(each.version for each in versions)
        raise InputError(
            f"{table} 没有 {version} 版，有：{names}", f"{table} has no version {version}; there are: {names}"
        )
    return found


def missing(table: str = "") -> InputError:
    """The error that ``table``, or any at all, is not there."""
    zh, en = (
        (f"还没有码表 {table}", f"there is no table {table} yet") if table else ("还没有码表", "there is no table yet")
    )
    return InputError(f"{zh}；用 zhikong codebooks add 加入", f"{en}; zhikong codebooks add adds one")
