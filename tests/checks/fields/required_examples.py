"""Examples of where fields are demanded (``required.yaml``): patches on golden messages, and whether the condition holds there."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tests.checks import fact_examples
from tests.mutation import pages
from validator.base import yaml_csv
from validator.checks import examples
from validator.checks.language.tree import Term
from validator.checks.rows.case import judge


@dataclass(frozen=True, eq=False)
class Example:
    """A patched golden message, and whether a field of its table is demanded there."""

    interface: str
    table: str
    patch: dict[str, Any]
    wanted: bool

    def holds(self, condition: Term) -> bool:
        """Whether a typed condition holds in the row that is patched last."""
        own = pages.plan(self.interface)
        [raw] = pages.raw(examples.patched(self.interface, self.patch, pages.CATALOGUE), self.interface)
        case = judge(own, raw)
        place = len(self.patch[self.table]) - 1 if self.table in self.patch and self.table != own.case else 0
        found = pages.function(own, self.table, [condition])
        return found(case.rows[self.table][place].values, case.own.values)[0] is True


@cache
def every() -> dict[str, list[Example]]:
    """Field, such as ``4101/setlinfo.certno`` -> its examples."""
    content = yaml_csv.read_yaml(Path(__file__).with_name("required.yaml"))
    return {name: [each for entry in entries for each in _examples(name, entry)] for name, entries in content.items()}


def _examples(name: str, entry: dict[str, Any]) -> list[Example]:
    interface, _, column = name.partition("/")
    patch = {table: rows for table, rows in entry.items() if table != "is"}
    return [Example(interface, column.partition(".")[0], each, entry["is"]) for each in fact_examples.patches(patch)]
