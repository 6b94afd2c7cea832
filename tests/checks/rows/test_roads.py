"""The row road is the oracle of the columns, and they of it: findings, words, fixes, outcomes and cases are equal."""

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests import tables
from tests.checks.rows import roads
from validator import api
from validator.spec.catalogue import Catalogue
from validator.spec.layouts import Layouts

CATALOGUE = api.load()
#: The interfaces of lists and the first of records, whose others differ in columns alone; charge lines alone are no cases.
INTERFACES = ("4101", "4101A", "4401")


def numbered(messages: Iterator[dict[str, Any]], interface: str) -> list[dict[str, Any]]:
    """The messages of an interface, each with a case number of its own."""
    layout = CATALOGUE.layouts[interface]
    own = [message for message in messages if message["infno"] == interface]
    for number, message in enumerate(own):
        message["input"][layout.case][layout.interface.keys[0]] = f"S{number:06}"
    return own


@pytest.mark.parametrize("interface", INTERFACES)
@pytest.mark.parametrize(("junk", "count"), [(0.0, 300), (0.03, 250), (0.25, 80)])
def test_dirty_cases(interface: str, junk: float, count: int) -> None:
    """For many more: ``python -m tests.checks.rows.roads``."""
    assert not list(roads.of_many(CATALOGUE, roads.generated(interface, count, 5, junk), mask=junk < 0.1))


@pytest.mark.parametrize("interface", [name for name, layout in CATALOGUE.layouts.every().items() if layout.parts])
def test_lists_with_their_charge_lines(interface: str) -> None:
    assert not list(roads.of_many(CATALOGUE, roads.from_golden(interface, 40, 2, 0.04), mask=True))


@pytest.mark.parametrize("interface", INTERFACES)
@pytest.mark.parametrize("source", [lambda _: roads.of_pages(CATALOGUE), roads.planted], ids=["pages", "planted"])
def test_cases_of_pages_and_planted_defects(interface: str, source: Callable[[str], Iterator[dict[str, Any]]]) -> None:
    messages = numbered(source(interface), interface)
    assert len(messages) > 90
    assert not list(roads.of_many(CATALOGUE, messages, mask=False))


@pytest.mark.parametrize("interface", INTERFACES)
def test_cases_alone(interface: str) -> None:
    messages = [*roads.generated(interface, 6, 6, 0.1), *numbered(roads.of_pages(CATALOGUE), interface)[:40:8]]
    assert not list(roads.differences(CATALOGUE, messages))


def test_with_code_tables(tmp_path: Path) -> None:
    """Codes and names of the tables, near them, of the other edition, grey ones, ones of a version of other days."""
    store = tables.national(tmp_path)
    old = [*tables.DIAGNOSES[1:], ("N40.x99", "旧称", False)]
    tables.add(store, "icd10", old, "code", "name", "grey", version="1.0", until=date(2026, 5, 31))
    tables.add(store, "tcm_disease", [("A01.01.01", "感冒")], "code", "name", version="2021")
    catalogue, draw = api.load(codebooks=tmp_path), random.Random(3)
    codes = [str(row[0]) for row in old] + [
        "N40.x98",
        "K80.100x002",
        "Q19.900",
        "A01.01.01",
        "A01.01.09",
        "K80",
        "k80.101",
    ]
    names = [str(row[1]) for row in old] + ["高血压 1级", "高血圧", "不知道"]
    messages = list(roads.generated("4101", 120, 8, 0.02))
    for message in messages:
        for row in message["input"]["diseinfo"]:
            if draw.random() < 0.6:
                place = draw.randrange(len(codes))
                row |= {"diag_code": codes[place], "diag_name": names[place if place < len(old) else -1]}
            if draw.random() < 0.2:
                row["diag_name"] = draw.choice(names)
    assert not list(roads.of_many(catalogue, messages, mask=True))


def dated(catalogue: Catalogue) -> Catalogue:
    """Fields and codes that are in force for a time only."""
    since, until = date(2026, 3, 1), date(2026, 6, 30)
    layout = catalogue.layouts["4101"]
    rows = {
        name: replace(row, since=since, until=until) if n % 3 == 0 else row
        for n, (name, row) in enumerate(layout.tables["diseinfo"].fields.items())
    }
    changed = layout.tables | {"diseinfo": replace(layout.tables["diseinfo"], fields=rows)}
    domains = {
        name: replace(domain, spans={code: ((since, None), (None, until))[n % 2] for n, code in enumerate(domain.names)})
        for name, domain in catalogue.domains.items()
    }  # fmt: skip
    return replace(
        catalogue, domains=domains, layouts=Layouts({**catalogue.layouts, "4101": replace(layout, tables=changed)})
    )


def test_with_fields_and_codes_in_force_for_a_time() -> None:
    known = dated(CATALOGUE)
    assert not list(roads.of_many(known, roads.generated("4101", 60, 9, 0.05), mask=True))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_in_both_languages_whole_and_in_part(lang: str) -> None:
    messages = list(roads.generated("4101", 4, 10, 0.1))
    for options in ({"ignore": ["DX", "setlinfo"]}, {"select": ["完整性", "DX", "ID"]}):
        assert not list(roads.differences(CATALOGUE, messages, lang=lang, **options))
