"""Who a case is of: the columns of ``case_rows.CASES`` that the case itself tells."""

from datetime import date
from typing import Any

from validator.base.language import current
from validator.base.masking import misplaced_text, persons_in
from validator.checks.cell_typing import day_text, value_text
from validator.checks.hiding import UNNAMED
from validator.checks.language.kinds import DAY_US
from validator.checks.rows.case import JudgedCase


def about(case: JudgedCase, file: str | None, *, mask: bool) -> dict[str, Any]:
    """The case's number, where it is from, its department, staff and the day of discharge; ``mask``: no persons where they
    do not belong.
    """
    plan = case.plan.plan
    roles = plan.catalogue.layouts[plan.interface].interface.roles

    def role(name: str) -> str | None:
        for field in roles[name]:
            value = case.own.values[case.plan.slots[plan.case][field]] if field in case.plan.slots[plan.case] else None
            if value is None:
                continue
            kind = plan.kind_of(field, plan.case)
            assert kind
            if name == "discharge":
                return day_text(value // DAY_US if kind.name == "moment" else value)
            text = value if isinstance(value, str) else value_text(value, kind)
            return _hidden(name, text) if mask else text
        return None

    department, discharged = role("department"), role("discharge")
    titles = plan.catalogue.domains["dept"].names.get(department or "")
    return {
        "case_id": case.own.raw["case_id"], "record_number": role("record"), "file": file, "layout": plan.interface,
        "department": department, "department_name": titles and titles[current() == "en"], "physician": role("physician"),
        "coder": role("coder"), "discharged": discharged and date.fromisoformat(discharged),
    }  # fmt: skip


def _hidden(role: str, text: str) -> str | None:
    return misplaced_text(text) if role in UNNAMED.values() else persons_in(text)
