"""JUnit XML: one suite per table, one test per check, for pipelines that show test results.

Errors and warnings are failures (``type`` says which); hints go to ``system-out``; what judged no row is skipped.
"""

import re
from collections.abc import Mapping
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from validator.base import files
from validator.base.language import say
from validator.report.common.view import ReportView
from validator.report.common.words import LEVELS, place, to_do

EXTENSION = ".xml"
_MOST = 20  #: findings stated per check
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write(report: ReportView, path: Path) -> Path:
    first = _first(report)
    root = ET.Element("testsuites", name="zhikong")
    for table, checks in groupby(sorted(report.outcome_rows, key=itemgetter("table")), itemgetter("table")):
        suite = ET.SubElement(root, "testsuite", name=table, timestamp=report.started.isoformat(timespec="seconds"))
        for check in checks:
            _test(suite, check, first.get(check["check"], []))
        _count(suite)
    _count(root)
    del root.attrib["skipped"]  # Jenkins' schema has it for a suite only
    ET.indent(root)
    with files.replacing(path) as scratch:
        ET.ElementTree(root).write(scratch, encoding="utf-8", xml_declaration=True)
    return path


def _first(report: ReportView) -> dict[str, list[dict[str, Any]]]:
    """The first findings of each check."""
    found: dict[str, list[dict[str, Any]]] = {}
    for finding in report.finding_rows():
        some = found.setdefault(finding["check"], [])
        if len(some) < _MOST:
            some.append(finding)
    return found


def _test(suite: ET.Element, check: Mapping[str, Any], findings: list[dict[str, Any]]) -> None:
    name = f"{check['check']} {check['title']}"
    case = ET.SubElement(suite, "testcase", classname=str(check["table"]), name=_legal(name), time="0")
    judged = (check["passed"] or 0) + (check["failed"] or 0)
    if check["failed"] and check["level"] in ("error", "warning"):
        message = say(
            f"{LEVELS[check['level']]}：{check['rows']} 行中 {check['failed']} 行未通过",
            f"{LEVELS[check['level']]}: {check['failed']} of {check['rows']} rows fail",
        )
        failure = ET.SubElement(case, "failure", type=check["level"], message=message)
        failure.text = _lines(check, findings)
    elif check["status"] != "ran" or not judged:
        ET.SubElement(case, "skipped", message=_legal(check["reason"] or _why_not(check)))
    elif check["failed"]:
        ET.SubElement(case, "system-out").text = _lines(check, findings)
    elif check["unjudged"]:
        ET.SubElement(case, "system-out").text = _why_not(check)


def _why_not(check: Mapping[str, Any]) -> str:
    return say(
        f"无法判定 {check['unjudged']} 行，不适用 {check['not_applicable']} 行，共 {check['rows']} 行",
        f"{check['unjudged']} rows could not be judged, {check['not_applicable']} not applicable, of {check['rows']}",
    )


def _lines(check: Mapping[str, Any], findings: list[dict[str, Any]]) -> str:
    lines = [f"{place(each['source'])}  {each['case_id'] or ''}  {_line(each)}" for each in findings]
    if (more := check["failed"] - len(findings)) > 0:
        lines.append(say(f"……另有 {more} 处", f"... and {more} more"))
    return _legal("\n".join(lines))


def _line(finding: dict[str, Any]) -> str:
    return " → ".join([finding["message"], *([to_do(finding)] if finding["suggested"] is not None else [])])


def _count(element: ET.Element) -> None:
    element.set("tests", str(len(element.findall(".//testcase"))))
    element.set("failures", str(len(element.findall(".//failure"))))
    element.set("skipped", str(len(element.findall(".//skipped"))))
    element.set("errors", "0")


def _legal(text: str) -> str:
    """Without the control characters that XML forbids."""
    return _ILLEGAL.sub("\ufffd", text)
