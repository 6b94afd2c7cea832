"""Every check proven on the golden cases: break one thing, and see exactly what is found.

A failing example of a rule page says itself what else it trips (``also``). What else the break of a field may trip is
derived: only what reads that field can find it.
"""

import copy
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import compress
from typing import Any

from validator import api, read
from validator.checks import examples
from validator.checks.readers import readers
from validator.generate import defects

CATALOGUE = api.load()
READERS = readers(CATALOGUE)
#: What must hold on the golden case before a conditional field can be missing.
_SETTING = {
    "setlinfo.nwb_age/required": {"age": "", "brdy": "2026-06-20"},
    "setlinfo.acp_medins_name/required": {"dscg_way": "2"},
    "setlinfo.days_rinp_pup_31/required": {"days_rinp_flag_31": "2"},
    "setlinfo.otp_tcm_dise/required": {"tcm_dise_code": "A01.01.01"},
    "setlinfo.tcm_dise_code/required": {"otp_tcm_dise": "感冒"},
    "baseinfo.acp_medins_name/required": {"dscg_way": "2"},
    "baseinfo.die_autp_flag/required": {"dscg_way": "5", "die_flag": "1"},
    "baseinfo.dscg_31days_rinp_pup/required": {"dscg_31days_rinp_flag": "2"},
    "opspdiseinfo.oprn_oprt_code/required": {"oprn_oprt_name": "肝胆胰脾超声检查"},
    "opspdiseinfo.oprn_oprt_name/required": {"oprn_oprt_code": "88.7601"},
    "feedetail.init_feedetl_sn/required": {"cnt": "-1.0000", "det_item_fee_sumamt": "-1000.00"},
}


@dataclass(frozen=True, eq=False)
class Break:
    """One way to break a golden case, the check that must say so, and what else may or must be found."""

    name: str
    check: str
    messages: tuple[dict[str, Any], ...]
    also: frozenset[str]
    exact: bool  #: whether all of ``also`` must be found


def breaks(interface: str) -> Iterator[Break]:
    """Every field check of the interface once, then every failing example of its rule pages."""
    joint = CATALOGUE.layouts[interface].parts  # their fields are proven alone
    trips = {} if joint else {table: _trips(interface, table) for table in CATALOGUE.layouts[interface].tables}
    for number, defect in enumerate(() if joint else defects.of_fields(CATALOGUE, interface)):
        message, row = _with_row(interface, defect.table)
        row.update(_SETTING.get(defect.check, {}))
        row[defect.field] = defect.spoil(row.get(defect.field) or None, number)
        also = trips[defect.table] | _reading(interface, defect.table, defect.field)
        yield Break(defect.check, defect.check, (message,), also - {defect.check}, exact=False)
    for rule in CATALOGUE.rules.values():
        for case in rule.cases if not (rule.withdrawn or rule.tables) else ():
            if case.fails and examples.interface_of(rule, case, CATALOGUE) == interface:
                batch = tuple(examples.batch(rule, case, CATALOGUE))
                yield Break(f"{rule.id} {case.title}", rule.id, batch, frozenset(case.also), exact=True)


def _with_row(interface: str, table: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """A golden message and the first row of a table in it, added where there is none."""
    message = copy.deepcopy(examples.interface_message(interface))
    nodes = message["input"]
    if not nodes.get(table):
        row = examples.new_rows(interface)[table]
        nodes[table] = [dict(row) if any(row.values()) else dict.fromkeys(row, "1")]  # a blank node is no row
    return message, nodes[table] if isinstance(nodes[table], dict) else nodes[table][0]


def _trips(interface: str, table: str) -> frozenset[str]:
    """What is found on the golden message because it has a row of the table."""
    return frozenset(
        api.run(CATALOGUE, read.from_messages([_with_row(interface, table)[0]], CATALOGUE.layouts)).compact()["check"]
    )


def _reading(interface: str, table: str, field: str) -> frozenset[str]:
    """The checks that read a field: its own, the rules, and those of fields that are required by its leave."""
    rows = CATALOGUE.layouts[interface].tables[table].fields
    asking = [row.check("required") for row in rows.values() if re.search(rf"\b{field}\b", row.required_when)]
    own = [check.id for check in CATALOGUE.field_checks([rows[field]])]
    return frozenset([*own, *asking, *READERS.get((table, field), [])])


def found(interface: str) -> dict[str, set[str]]:
    """Break -> every check that fires."""
    every = list(breaks(interface))
    result: dict[str, set[str]] = {}
    alone = [each for each in every if len(each.messages) == 1]
    messages = [copy.deepcopy(each.messages[0]) for each in alone]
    if CATALOGUE.layouts[interface].interface.made_of:
        own = [_of_its_own_case(interface, message, number) for number, message in enumerate(messages)]
        alone, messages = list(compress(alone, own)), list(compress(messages, own))
    cases: dict[int, set[str]] = defaultdict(set)
    for part in read.from_messages(messages, CATALOGUE.layouts):
        report = api.run(
            CATALOGUE,
            [part],
            ignore=[rule.id for rule in CATALOGUE.rules.values() if rule.spec.get("within") == "batch"],
        )
        for check, case in zip(report.compact()["check"], report.compact()["_case"], strict=True):
            cases[case].add(check)
    for number, each in enumerate(alone):
        result[each.name] = cases[number]
    for each in every:
        if each not in alone:
            report = api.run(CATALOGUE, read.from_messages(each.messages, CATALOGUE.layouts))
            result[each.name] = set(report.compact()["check"])
    return result


def _of_its_own_case(interface: str, message: dict[str, Any], number: int) -> bool:
    """Give the message's rows a key of their own, since rows of one key are one case; False where the key is what is broken."""
    about = CATALOGUE.layouts[interface].interface
    key, golden = about.keys[0], examples.interface_message(interface)["input"][about.made_of][0]
    rows = message["input"][about.made_of]
    if any(row.get(each) != golden.get(each) for row in rows for each in about.keys):
        return False
    for row in rows:
        row[key] = f"{golden[key][:-4]}{number:04}"
    return True
