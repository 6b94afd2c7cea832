"""What can be planted, and which case gets what."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from validator.checks.cell_typing import kind
from validator.checks.language import Scope, compile_text, names_in
from validator.checks.typing import Typing
from validator.generate import defects, pages
from validator.generate.defects import Defect
from validator.generate.draw import Draw, Numbers
from validator.generate.pages import Planted
from validator.spec.catalogue import Catalogue
from validator.spec.layouts import FieldRow
from validator.spec.rule_pages import Rule

Tables = dict[str, pl.DataFrame]
Places = NDArray[np.int64]
#: Tables that most cases lack: a row is added where a defect needs one.
APPENDED = ("icuinfo", "bldinfo", "opspdiseinfo")
_TRIES = 8  #: a defect that a case has no place for gives way to another
_CONDITIONAL = 0.15  #: share of requirements that hold for some cases only; else the rare ones would never come up


@dataclass(frozen=True)
class Repeat:
    """A case repeats what must be unique in the batch."""

    rule: Rule

    @property
    def table(self) -> str:
        """Where the repeated values stand."""
        return self.rule.on

    @property
    def check(self) -> str:
        """The check that must fire."""
        return self.rule.id


Option = Defect | Planted | Repeat


@cache
def every(catalogue: Catalogue, interface: str) -> list[Option]:
    """Everything that can be planted into cases of an interface."""
    layout = catalogue.layouts[interface]
    fields = set(layout.tables[layout.case].fields)
    repeats = [
        Repeat(rule)
        for rule in catalogue.rules.values()
        if rule.spec.get("within") == "batch"
        and not rule.withdrawn
        and rule.on == layout.case
        and fields >= set(rule.spec["keys"])
    ]
    return [*defects.of_fields(catalogue, interface), *pages.load(catalogue, interface).planted, *repeats]


def applicable(catalogue: Catalogue, interface: str, row: FieldRow, tables: Tables) -> pl.DataFrame:
    """The rows (``_case``, ``_row``) on which the field row's ``required_when`` holds."""
    fields = catalogue.layouts[interface].tables[row.table].fields
    read = [fields[name] for name in names_in(row.required_when)]
    scope = Scope({each.field: kind(each) for each in read}, catalogue.profile.parameters)
    condition = compile_text(row.required_when, scope, "truth").columns()
    return Typing(catalogue, read).apply(tables[row.table]).frame.filter(condition).select("_case", "_row")


def choose(
    catalogue: Catalogue, interface: str, draw: Draw, numbers: Numbers, share: float, tables: Tables
) -> dict[int, Option]:
    """The option of each defective case."""
    known = every(catalogue, interface)
    chosen = np.full(len(numbers), -1)
    pending = np.flatnonzero(draw.chance("defective") < share)
    picky = [place for place, each in enumerate(known) if isinstance(each, Defect) and each.condition]
    if picky:
        fits = np.stack([_holds(catalogue, interface, known[place], tables, len(numbers)) for place in picky])
        conditional = pending[draw.chance("conditional")[pending] < _CONDITIONAL]
        chosen[conditional] = _one_that_fits(np.array(picky), fits[:, conditional], draw.chance("which")[conditional])
    pending = pending[chosen[pending] < 0]
    plain = np.array([place for place in range(len(known)) if place not in picky])
    table_of = np.array([each.table for each in known])
    repeats = np.array([isinstance(each, Repeat) for each in known])
    have = {name: np.isin(np.arange(len(numbers)), frame["_case"].to_numpy()) for name, frame in tables.items()}
    uneven = numbers % np.uint64(2) == 1
    for attempt in range(_TRIES):
        wanted = plain[(draw.chance(f"defect {attempt}")[pending] * len(plain)).astype(np.int64)]
        fit = uneven[pending] | ~repeats[wanted]  # an uneven case repeats the even one before it
        for name in set(tables) - set(APPENDED):
            fit &= (table_of[wanted] != name) | have[name][pending]
        chosen[pending[fit]] = wanted[fit]
        pending = pending[~fit]
    repeating = np.flatnonzero((chosen >= 0) & repeats[chosen])
    chosen[repeating - 1] = -1  # what is repeated stays as it is
    return {int(case): known[chosen[case]] for case in np.flatnonzero(chosen >= 0)}


def _holds(catalogue: Catalogue, interface: str, option: Option, tables: Tables, cases: int) -> NDArray[np.bool_]:
    assert isinstance(option, Defect)
    assert option.condition
    return np.isin(np.arange(cases), applicable(catalogue, interface, option.condition, tables)["_case"].to_numpy())


def _one_that_fits(options: Places, fits: NDArray[np.bool_], chance: NDArray[np.float64]) -> Places:
    """For each case (column of ``fits``) one of the options that fit it; -1 where none does."""
    count = fits.sum(axis=0)
    wanted = (chance * count).astype(np.int64)
    place = (fits.cumsum(axis=0) <= wanted).sum(axis=0)
    return np.where(count > 0, options[place.clip(max=len(options) - 1)], -1)
