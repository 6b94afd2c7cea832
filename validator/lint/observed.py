"""The rule base judged by what it finds in generated cases: on right ones nothing, on wrong ones not the same twice."""

from collections.abc import Iterator
from itertools import permutations

import polars as pl

from validator import api, generate
from validator.checks.plans import whole_plan
from validator.checks.readers import Field, readers
from validator.lint.fault import BaseFault
from validator.spec.catalogue import Catalogue

CASES = 4_000  #: of each interface: clean ones, and as many with a defect
_ENOUGH = 8  #: findings of a rule before we say that it never comes without another
_SEED = 15


def remarks(catalogue: Catalogue, cases: int = CASES) -> Iterator[BaseFault]:
    """What the rules find in generated lists, of every interface of lists."""
    names = [name for name, layout in catalogue.layouts.items() if layout.interface.document == "list"]
    yield from _on_right_lists(pl.concat([_found(catalogue, name, cases, 0.0) for name in names]))
    wrong = [_found(catalogue, name, cases, 1.0).with_columns(interface=pl.lit(name)) for name in names]
    yield from _together(catalogue, pl.concat(wrong))


def _found(catalogue: Catalogue, interface: str, cases: int, defects: float) -> pl.DataFrame:
    """Check, case, row of what the rules of one row or case find; what only the whole batch shows is left out."""
    parts = [part for part, _ in generate.partitions(cases, _SEED, defects, interface, known=catalogue)]
    single = [rule.id for rule in catalogue.rules.values() if rule.spec.get("within") != "batch"]
    found = api.run(catalogue, parts).compact().filter(pl.col("check").is_in(single))
    return found.select("check", "_case", "row")


def _on_right_lists(found: pl.DataFrame) -> Iterator[BaseFault]:
    for check, count in found["check"].value_counts().iter_rows():
        zh, en = f"{check} 对生成的正确清单报了 {count} 条", f"{check} finds {count} on generated lists that are right"
        yield BaseFault("clean", check, "", zh, en)


def _together(catalogue: Catalogue, found: pl.DataFrame) -> Iterator[BaseFault]:
    """Rules about the same cell, by fields of which the one's are among the other's, that never come without another."""
    fields, cells = _fields(catalogue), _cells(catalogue)
    places = {str(check): set(some.drop("check").iter_rows()) for (check,), some in found.group_by("check")}
    for one, other in permutations(sorted(places), 2):
        nested = fields[one] <= fields[other] or fields[other] <= fields[one]
        if nested and cells[one] & cells[other] and len(places[one]) >= _ENOUGH and places[one] <= places[other]:
            zh = f"生成的病例里 {one} 报的 {len(places[one])} 处 {other} 都报"
            en = f"all {len(places[one])} rows of generated cases that {one} finds are found by {other} too"
            yield BaseFault("together", one, other, zh, en)


def _cells(catalogue: Catalogue) -> dict[str, set[Field]]:
    """Rule -> the table and field that its findings point at, on each interface."""
    found: dict[str, set[Field]] = {}
    for name in catalogue.layouts:
        for check in whole_plan(catalogue, name).checks.values():
            found.setdefault(check.id, set()).add((check.table, check.field))
    return found


def _fields(catalogue: Catalogue) -> dict[str, set[Field]]:
    """Rule -> the fields that it reads, through facts too."""
    found: dict[str, set[Field]] = {}
    for each, rules in readers(catalogue).items():
        for rule in rules:
            found.setdefault(rule, set()).add(each)
    return found
