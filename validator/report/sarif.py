"""SARIF 2.1.0: findings for code-scanning pipelines and editors.

A check is a rule, a finding a result; checks that did not run are notifications of the invocation. ``informationUri`` and
``helpUri`` are left out, for there is no public address that they could name: the help itself (what to do, why, what it rests
on) stands in each rule.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC
from pathlib import Path
from typing import Any
from urllib.parse import quote

from validator import __version__
from validator.base import files
from validator.base.language import say
from validator.report.common.view import ReportView
from validator.report.common.words import basis, place, to_do, why

EXTENSION = ".sarif"
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_PROPERTIES = ("case_id", "table", "row", "field", "value", "suggested", "applicability")
_LEVEL = {"error": "error", "warning": "warning", "info": "note"}


def write(report: ReportView, path: Path) -> Path:
    """Write the file as a stream, because there may be millions of results."""
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [_run(report) | {"results": []}]}
    before, after = _dump(log).rsplit('"results": []', 1)
    with files.replacing(path) as scratch, scratch.open("w", encoding="utf-8", newline="\n") as file:
        file.write(before + '"results": [')
        for number, result in enumerate(_results(report)):
            file.write((",\n" if number else "\n") + _dump(result))
        file.write("]" + after + "\n")
    return path


def _dump(node: dict[str, Any]) -> str:
    return json.dumps(node, ensure_ascii=False)


def _run(report: ReportView) -> dict[str, Any]:
    idle = [each for each in report.outcome_rows if each["status"] == "not_run"]
    return {
        "tool": {
            "driver": {
                "name": "zhikong",
                "version": __version__,
                "language": "zh-CN" if report.lang == "zh" else "en-US",
                "rules": [_rule(report, check) for check in report.checks],
            }
        },
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {
                "executionSuccessful": True,
                "startTimeUtc": report.started.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
                "toolExecutionNotifications": [_idle(check) for check in idle],
            }
        ],
    }


def _rule(report: ReportView, name: str) -> dict[str, Any]:
    check = report.checks[name]
    about = [(say("怎么改", "What to do"), check.fix(report.lang)), (say("为什么", "Why"), why(check))]
    about.append((say("依据", "Basis"), basis(check, report.documents)))
    parts = [(label, text) for label, text in about if text]
    return {
        "id": name,
        "shortDescription": {"text": check.title(report.lang)},
        "fullDescription": {"text": check.title(report.lang)},
        "help": {
            "text": "\n".join(say(f"{label}：{text}", f"{label}: {text}") for label, text in parts),
            "markdown": "\n\n".join(f"**{label}** {text}" for label, text in parts),
        },
        "defaultConfiguration": {"level": _LEVEL[check.level]},
        "properties": {"kind": check.kind, "table": check.table, "field": check.field},
    }


def _idle(check: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "level": "note",
        "message": {"text": check["reason"] or check["title"]},
        "associatedRule": {"id": check["check"]},
    }


def _results(report: ReportView) -> Iterator[dict[str, Any]]:
    index = {check: number for number, check in enumerate(report.checks)}
    for finding in report.finding_rows():
        yield {
            "ruleId": finding["check"],
            "ruleIndex": index[finding["check"]],
            "level": _LEVEL[finding["level"]],
            "message": {"text": _message(finding)},
            "locations": [_location(finding["source"])] if finding["source"]["file"] else [],
            "partialFingerprints": {"zhikong/v1": finding["fingerprint"]},
            "properties": {key: finding[key] for key in _PROPERTIES},
        }


def _message(finding: dict[str, Any]) -> str:
    return " ".join(filter(None, (finding["message"], to_do(finding))))


def _location(source: dict[str, Any]) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": {"uri": _uri(source["file"])}}
    if source["row"]:
        physical["region"] = {"startLine": source["row"]}
    inside = place(source | {"file": None})
    logical = {"logicalLocations": [{"fullyQualifiedName": inside}]} if inside else {}
    return {"physicalLocation": physical} | logical


def _uri(file: str) -> str:
    """A relative reference for a relative path, ``file:///`` for an absolute one; both kinds of slash are one."""
    posix = file.replace("\\", "/")
    absolute = posix.startswith("/") or posix[1:3] == ":/"
    return ("file:///" + quote(posix.lstrip("/"), safe="/:")) if absolute else quote(posix)
