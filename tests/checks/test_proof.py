"""Each check proven: one thing broken on the golden case gives its finding and what the rule page says besides."""

import pytest

from tests.checks import proof
from validator.checks import fields


@pytest.mark.parametrize("interface", list(proof.CATALOGUE.layouts.every()))
def test_each_check_is_proven(interface: str) -> None:
    breaks, seen = list(proof.breaks(interface)), proof.found(interface)
    silent = sorted(each.name for each in breaks if each.check not in seen[each.name])
    assert not silent, f"these breaks are not found: {silent}"
    others = {each: seen[each.name] - {each.check} for each in breaks}
    pages = [
        f"{each.name}: also: [{', '.join(sorted(others[each]))}]"
        for each in breaks
        if each.exact and others[each] != each.also
    ]
    assert not pages, "write on the rule's page, below fail:\n" + "\n".join(pages)
    fields = {each.name: sorted(others[each] - each.also) for each in breaks if not each.exact}
    assert not any(fields.values()), f"found, though it does not read the field: {fields}"


def test_no_check_is_left_out() -> None:
    proven = {each.check for interface in proof.CATALOGUE.layouts.every() for each in proof.breaks(interface)}
    known = {
        name: check
        for interface in proof.CATALOGUE.layouts
        for name, check in proof.CATALOGUE.checks(interface).items()
    }
    elsewhere = {
        rule.id for rule in proof.CATALOGUE.rules.values() if rule.tables
    }  # judged by the tables of their page
    elsewhere |= {name for name, check in known.items() if name.startswith("read/") or fields.of_table(check)}
    assert known.keys() - proven == elsewhere
