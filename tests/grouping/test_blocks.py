"""Rules that block grouping do: their failing examples have no group, their passing ones have one."""

import copy

import pytest

from validator import read
from validator.api import run
from validator.checks import catalogue, examples
from validator.grouping import cases, drg
from validator.grouping.drg import Limits
from validator.grouping.scheme import DrgScheme
from validator.loaders.schemes import folder

CATALOGUE = catalogue.load()
RULES = [rule for rule in CATALOGUE.rules.values() if "drg" in rule.blocks and not rule.withdrawn]
EXAMPLES = [
    pytest.param(rule, case, id=f"{rule.id}-{'fail' if case.fails else 'pass'}-{case.title}")
    for rule in RULES
    for case in rule.cases
    # 4101A has neither sex nor age: its cases are grouped next to their settlement data
    if (case.layout or rule.cases[0].layout or "4101") == "4101"
]
LIMITS = Limits(longest_stay=60, lowest_cost=5)  #: as the national profile has them
#: A stay must cost something; that it costs five yuan is no rule's business, so an example may cost less.
ANY_COST = {"CH105": Limits(longest_stay=60, lowest_cost=0.01)}
#: Age in days and weight only matter to the category of newborns, so the example must be in it, with the other of the two
#: as it should be; the pages' own example is the golden case, a man with a tumour of the colon.
NEWBORN = {"ID110": {"nwb_bir_wt": "3200"}, "NB102": {"nwb_adm_wt": None}}


@pytest.fixture(scope="module")
def scheme(published):
    return DrgScheme(folder.read(published.scheme), "chs-drg-1.1")


def messages(rule, case):
    for message in copy.deepcopy(examples.batch(rule, case, CATALOGUE)):
        lists = message.get("input", message)
        if rule.id in NEWBORN:
            lists["setlinfo"] |= NEWBORN[rule.id]
            lists["diseinfo"][0] |= {"diag_code": "P59.901", "diag_name": "新生儿高胆红素血症"}
        yield message


@pytest.mark.parametrize(("rule", "case"), EXAMPLES)
def test_a_blocked_case_has_no_group(scheme, rule, case):
    for message in messages(rule, case):
        part = read.from_message(message, CATALOGUE.layouts)
        outcomes = run(examples.equipped(CATALOGUE, rule.id), [part], select=[rule.id]).outcomes
        [outcome] = outcomes.filter(check=rule.id).to_dicts()
        grouped = drg.group(scheme, cases.from_tables(part.tables), ANY_COST.get(rule.id, LIMITS))["status"]
        grouped = grouped.to_list() == ["grouped"]
        if case.fails:
            assert outcome["failed"]
            assert not grouped
        elif outcome["passed"]:
            assert grouped


def test_the_golden_case_groups(scheme):
    part = read.from_message(examples.interface_message("4101"), CATALOGUE.layouts)
    assert drg.group(scheme, cases.from_tables(part.tables), LIMITS)["status"].to_list() == ["grouped"]
