"""Whose case a finding belongs to."""

from collections.abc import Mapping
from typing import Any

from validator.report.common.view import ReportView

#: What names a case besides its id.
NAMES = ("record_number", "department", "physician", "coder")
_NOBODY = dict.fromkeys(NAMES)


class People:
    """Names the cases of findings; an id that several cases carry names none of them."""

    def __init__(self, report: ReportView) -> None:
        self._of: dict[str | None, dict[str, str | None]] = {None: _NOBODY}
        faulty = {case["case_id"] for case in report.case_rows(faulty=True)}
        for case in (case for case in report.case_rows() if case["case_id"] in faulty):
            named = {name: case[name] for name in NAMES} | {"department": case["department_name"] or case["department"]}
            known = self._of.setdefault(case["case_id"], named)
            if known is not named:
                self._of[case["case_id"]] = {
                    name: value if named[name] == value else None for name, value in known.items()
                }

    def named(self, finding: Mapping[str, Any]) -> dict[str, Any]:
        """The finding with the columns :data:`NAMES`."""
        return {**finding, **self._of.get(finding["case_id"], _NOBODY)}
