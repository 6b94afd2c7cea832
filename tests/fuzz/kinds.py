"""The kinds of input: for each reader, and each kind of setting, what makes a broken one."""

import random
from collections.abc import Callable
from pathlib import Path

from tests.fuzz import lists, officers, requests, settings
from tests.fuzz.judge import Run

KINDS: dict[str, Callable[[random.Random, Path], Run | requests.Request]] = {
    each.__name__: each
    for each in (
        lists.message, lists.delimited, lists.workbook, lists.parquet, lists.dbf, lists.stays, lists.archive,
        settings.page, settings.profile, settings.gate, settings.mapping,
        officers.code_table, officers.drg_folder, officers.drg_book, officers.dip, officers.points, officers.codes_to_map,
        officers.grouped, officers.measured, officers.verdicts, officers.delivery, officers.roll, officers.platform, officers.withdrawn,
        officers.stated, officers.scored, requests.request,
    )
}  # fmt: skip
