"""Every check proven on the golden cases: break one thing, and see exactly what is found.

``python -m tests.proof`` rewrites ``tests/entailed.yaml``, which says for each break what else must be found besides the
check that was broken. Read the difference before committing it.
"""

import copy
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from validator import api, read
from validator.checks import examples
from validator.generate import defects

ENTAILED = Path(__file__).with_name("entailed.yaml")
CATALOGUE = api.load()
#: What must hold on the golden case before a conditional field can be missing.
_SETTING = {
    "setlinfo.nwb_age/required": {"age": "", "brdy": "2026-06-20"},
    "setlinfo.acp_medins_name/required": {"dscg_way": "2"},
    "setlinfo.days_rinp_pup_31/required": {"days_rinp_flag_31": "2"},
    "setlinfo.otp_tcm_dise/required": {"tcm_dise_code": "A01.01.01"},
    "setlinfo.tcm_dise_code/required": {"otp_tcm_dise": "感冒"},
    "opspdiseinfo.oprn_oprt_code/required": {"oprn_oprt_name": "肝胆胰脾超声检查"},
    "opspdiseinfo.oprn_oprt_name/required": {"oprn_oprt_code": "88.7601"},
}


@dataclass(frozen=True)
class Break:
    """One way to break a golden case, and the check that must say so."""

    name: str
    check: str
    messages: tuple[dict[str, Any], ...]


def breaks(interface: str) -> Iterator[Break]:
    """Every field check of the interface once, then every failing example of its rule pages."""
    for number, defect in enumerate(defects.of_fields(CATALOGUE, interface)):
        message = copy.deepcopy(examples.interface_message(interface))
        nodes = message["input"]
        row = nodes["setlinfo"] if defect.table == "setlinfo" else _first_row(nodes, interface, defect.table)
        row.update(_SETTING.get(defect.check, {}))
        row[defect.field] = defect.spoil(row.get(defect.field) or None, number)
        yield Break(defect.check, defect.check, (message,))
    for rule in CATALOGUE.rules.values():
        for case in rule.cases if not (rule.withdrawn or rule.tables) else ():
            batch = examples.batch(rule, case, CATALOGUE)
            if case.fails and batch[0]["infno"] == interface:
                yield Break(f"{rule.id} {case.title}", rule.id, tuple(batch))


def _first_row(nodes: dict[str, Any], interface: str, table: str) -> dict[str, Any]:
    if not nodes.get(table):
        nodes[table] = [copy.deepcopy(examples.new_rows(interface)[table])]
    row: dict[str, Any] = nodes[table][0]
    return row


def found(interface: str) -> dict[str, list[str]]:
    """Break -> every check at error or warning level that fires, each once, sorted."""
    every = list(breaks(interface))
    result = {}
    alone = [each for each in every if len(each.messages) == 1]
    messages = [copy.deepcopy(each.messages[0]) for each in alone]
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
        result[each.name] = sorted(cases[number])
    for each in every:
        if len(each.messages) > 1:
            report = api.run(CATALOGUE, read.from_messages(each.messages, CATALOGUE.layouts))
            result[each.name] = sorted(set(report.compact()["check"]))
    return result


def entailed() -> dict[str, dict[str, list[str]]]:
    """What each break is known to entail besides its own check."""
    known: dict[str, dict[str, list[str]]] = yaml.safe_load(ENTAILED.read_text(encoding="utf-8"))
    return known


def main() -> None:
    """Write down what is found now."""
    result = {}
    for interface in CATALOGUE.layouts:
        checks = {each.name: each.check for each in breaks(interface)}
        others = {name: [check for check in seen if check != checks[name]] for name, seen in found(interface).items()}
        result[interface] = {name: others for name, others in others.items() if others}
    text = yaml.safe_dump(result, allow_unicode=True, sort_keys=True, width=140, default_flow_style=None)
    ENTAILED.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
