"""Reading a suite: great-expectations' own JSON, built by its own classes, every column one of our metrics."""

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from difflib import get_close_matches
from math import isfinite
from pathlib import Path
from typing import Any

from validator.base import files, yaml_csv
from validator.base.language import current, say
from validator.gate import gx
from validator.gate.metrics import about, figure, known
from validator.gate.verdict import Demand, Suite
from validator.spec.intake import Tolerance

_MOST_SHARE = 2  #: more may be received than declared, but hardly twice as much
_UNREAD = "unread_cases"
_BETWEEN = "expect_column_max_to_be_between"
_EVERYTHING_READ = {
    "type": _BETWEEN,
    "kwargs": {"column": _UNREAD, "max_value": 0},
    "meta": {
        "notes": "清单必有的表和列都读到了",
        "notes_en": "Every table and column that a list must have was read",
    },
}
_KEYS = {"name", "expectations", "id", "meta", "notes", "suite_parameters"}


def read(suite: str | Path) -> Suite:
    """The suite of that name or file; :class:`~validator.base.errors.ConfigError` names file and line of what is wrong."""
    path = find(suite)
    try:
        content = path.read_text(encoding="utf-8-sig")
        page = json.loads(content)
    except json.JSONDecodeError as error:
        zh, en = "不是合法的 JSON，请看逗号、引号和括号", f"not valid JSON: {error.msg}"
        raise yaml_csv.fault(path, error.lineno, zh, en) from error
    except RecursionError as error:
        raise yaml_csv.fault(path, None, "JSON 嵌套层数过多", "JSON is nested too deeply") from error
    except (OSError, UnicodeDecodeError) as error:
        raise yaml_csv.unreadable(path, error) from error
    entries = page.get("expectations") if isinstance(page, dict) else None
    if not isinstance(entries, list) or not entries or not isinstance(page.get("name"), str):
        raise yaml_csv.fault(
            path, 1, "应是 great-expectations 的期望套件：name 和非空的 expectations",
            "should be an expectation suite of great-expectations: name and expectations, not empty",
        )  # fmt: skip
    if unknown := "、".join(sorted(page.keys() - _KEYS)):
        raise yaml_csv.fault(path, None, f"不认识的键：{unknown}", f"unknown keys: {unknown}")
    lines = [number for number, line in enumerate(content.splitlines(), 1) if re.search(r'"type"\s*:', line)]
    places = lines if len(lines) == len(entries) else [None] * len(entries)
    if any(
        not isinstance(each.get("meta") or {}, dict)
        for each in (page, *(entry for entry in entries if isinstance(entry, dict)))
    ):
        raise yaml_csv.fault(path, None, "meta 应是映射", "meta is a mapping")
    demands = tuple(_demand(path, line, entry) for line, entry in zip(places, entries, strict=True))
    return Suite(page["name"], _note(page), path, demands)


def everything_read(suite: Suite) -> Suite:
    """The suite, and that every needed table was read where it does not say so itself: no suite accepts the opposite."""
    if any(_UNREAD in each.metrics and each.severity == "critical" for each in suite.demands):
        return suite
    return replace(suite, demands=(*suite.demands, _demand(suite.path, None, _EVERYTHING_READ)))


def with_limits(suite: Suite, tolerance: Tolerance | None, rejects: Sequence[str]) -> Suite:
    """The suite with the limits of a profile: how many faulty cases pass, and checks of which a finding returns the batch.

    Where it is enough to keep to one of two limits, the number is only looked at above the share.
    """
    further = [
        _limit(
            f"findings:{check}",
            0,
            f"{check} 没有发现（方案 intake.rejects）",
            f"No finding of {check} (intake.rejects)",
        )
        for check in rejects
    ]
    if tolerance:
        share = (
            "faulty_share",
            tolerance.share,
            "出错病例的占比在方案的限度内",
            "The share of faulty cases is within the profile's limit",
        )
        most = (
            "faulty_cases",
            tolerance.cases,
            "出错病例的份数在方案的限度内",
            "The number of faulty cases is within the profile's limit",
        )
        if tolerance.passes == "either":
            only = {"row_condition": f"faulty_share > {tolerance.share}", "condition_parser": "pandas"}
            shown = figure(tolerance.share or 0, "share")
            words = (
                f"出错病例占比超过 {shown} 时，份数在方案的限度内",
                f"With more than {shown} faulty cases, their number is within the profile's limit",
            )
            further.append(_limit("faulty_cases", tolerance.cases, *words, **only))
        else:
            further += [_limit(*each) for each in (share, most) if each[1] is not None]
    return replace(suite, demands=(*suite.demands, *(_demand(suite.path, None, each) for each in further)))


def _limit(metric: str, most: float | None, zh: str, en: str, **more: str) -> dict[str, Any]:
    return {
        "type": _BETWEEN, "kwargs": {"column": metric, "max_value": most, **more}, "meta": {"notes": zh, "notes_en": en},
    }  # fmt: skip


def find(suite: str | Path) -> Path:
    """The file of a suite: one of ours by name, else a path."""
    folder = files.data("schemas") / "gates"
    shipped = folder / f"{suite}.json"
    path = shipped if shipped.is_file() else Path(suite)
    if not path.is_file():
        names = "、".join(sorted(each.stem for each in folder.glob("*.json")))
        raise yaml_csv.fault(
            path, None, f"没有这个门槛文件；自带的有：{names}", f"there is no such gate file; shipped ones are: {names}"
        )
    return path


def _demand(path: Path, line: int | None, entry: Any) -> Demand:
    if not isinstance(entry, dict) or not isinstance(entry.get("type"), str):
        raise yaml_csv.fault(path, line, "期望没有 type", "an expectation without type")
    kind, kwargs = entry["type"], entry.get("kwargs", {})
    if not isinstance(kwargs, dict):
        raise yaml_csv.fault(path, line, f"期望 {kind} 的 kwargs 应是映射", f"kwargs of {kind} is a mapping")
    try:
        expectation = gx.build(entry)
    except gx.WRONG as error:
        reason = " ".join(str(error).split())
        own = {str(each) for each in (*entry, *entry.values(), *kwargs, *kwargs.values())}
        seen = "、".join(each for each in dict.fromkeys(re.findall(r"[\w.]+", reason)) if each in own)
        zh = f"期望 {kind} 不对（{seen or '参数'}），请对照 great-expectations 的文档"
        raise yaml_csv.fault(path, line, zh, f"wrong expectation {kind}: {reason}") from error
    metrics = _metrics(path, line, kind, kwargs)
    if kind.endswith("_to_be_between"):
        _refuse_wrong_bounds(path, line, kind, kwargs)
    titles = say("、", ", ").join(say(row["title_zh"], row["title_en"]) for name in metrics if (row := about(name)))
    note = _note(entry) or titles
    return Demand(kind, metrics, gx.severity(expectation), note, limit(kind, kwargs), line, expectation)


def _metrics(path: Path, line: int | None, kind: str, kwargs: dict[str, Any]) -> tuple[str, ...]:
    """The metrics that an expectation looks at: its columns."""
    named = [kwargs[key] for key in kwargs if key.startswith("column")]
    metrics = tuple(str(name) for each in named for name in (each if isinstance(each, list) else [each]))
    if not metrics:
        raise yaml_csv.fault(path, line, f"期望 {kind} 没有看任何指标", f"expectation {kind} looks at no metric")
    for name in metrics:
        if about(name) is None:
            near = "、".join(get_close_matches(name, known(), 3, 0.4) or known())
            zh, en = f"没有指标“{name}”；可用：{near}", f"there is no metric '{name}'; known: {near}"
            raise yaml_csv.fault(path, line, zh, en)
    return metrics


def _refuse_wrong_bounds(path: Path, line: int | None, kind: str, kwargs: dict[str, Any]) -> None:
    """Bounds that would let everything pass: none, no number, a percentage where a share is meant."""
    bounds = [kwargs[key] for key in ("min_value", "max_value") if kwargs.get(key) is not None]
    if not bounds:
        raise yaml_csv.fault(
            path, line, f"期望 {kind} 没有上下限", f"expectation {kind} has no min_value and no max_value"
        )
    for bound in bounds:
        if isinstance(bound, bool) or not isinstance(bound, int | float) or not isfinite(bound):
            raise yaml_csv.fault(
                path, line, f"上下限应是数字，不是 {bound}", f"a bound should be a number, not {bound}"
            )
        if abs(bound) > _MOST_SHARE and _unit(kwargs["column"]) == "share":
            zh, en = f"比例写成小数：1% 是 0.01，不是 {bound}", f"write shares as fractions: 1 % is 0.01, not {bound}"
            raise yaml_csv.fault(path, line, zh, en)


def _note(page: dict[str, Any]) -> str:
    """The note in ``meta`` (``notes``, ``notes_en``), else the ``description`` or ``notes``."""
    meta = page.get("meta") or {}
    note = (
        (current() == "en" and meta.get("notes_en"))
        or meta.get("notes")
        or page.get("description")
        or page.get("notes")
    )
    if isinstance(note, dict):  # as great-expectations writes Markdown
        note = note.get("content")
    return "\n".join(map(str, note)) if isinstance(note, list) else str(note or "")


def limit(kind: str, kwargs: dict[str, Any]) -> str:
    """Return the limit in words, from the expectation's own parameters and not from its note."""
    if kind.endswith("_not_be_null"):
        return say("必须提供", "must be given")
    if not kind.endswith("_to_be_between"):
        return f"{kind} {json.dumps(kwargs, ensure_ascii=False)}"
    unit = _unit(kwargs["column"])
    low, high = ("" if kwargs.get(key) is None else figure(kwargs[key], unit) for key in ("min_value", "max_value"))
    if low == high:
        return f"= {low}"
    above, below = (">" if kwargs.get("strict_min") else "≥"), ("<" if kwargs.get("strict_max") else "≤")
    return say("，", ", ").join(text for text in (low and f"{above} {low}", high and f"{below} {high}") if text)


def _unit(name: str) -> str:
    row = about(name)
    assert row  # names are checked before limits
    return row["unit"]
