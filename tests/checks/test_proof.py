"""Each check proven: one thing broken on the golden case gives exactly its finding and those listed as entailed."""

import pytest

from tests.checks import proof
from validator.checks import fields


@pytest.mark.parametrize("interface", list(proof.CATALOGUE.layouts))
def test_each_check_is_proven(interface: str) -> None:
    checks = {each.name: each.check for each in proof.breaks(interface)}
    listed, seen = proof.entailed()[interface], proof.found(interface)
    silent = sorted(name for name in checks if checks[name] not in seen[name])
    assert not silent, f"these breaks are not found: {silent}"
    wrong = {
        name: (sorted(set(seen[name]) - expected), sorted(expected - set(seen[name])))
        for name in checks
        if set(seen[name]) != (expected := {checks[name], *listed.get(name, ())})
    }
    assert not wrong, f"found next to the list, listed but not found: {wrong}"
    assert set(listed) <= set(checks)


def test_no_check_is_left_out() -> None:
    proven = {each.check for interface in proof.CATALOGUE.layouts for each in proof.breaks(interface)}
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
