"""Words, places and numbers the way every report writes them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from validator.base import certainty
from validator.base.language import current, say
from validator.spec import layouts
from validator.spec.catalogue import Check
from validator.spec.rule_pages import Basis


@dataclass(frozen=True)
class Word:
    """A name in both languages; ``str()`` gives the one of the language in use."""

    zh: str
    en: str

    def __str__(self) -> str:
        return say(self.zh, self.en)


@dataclass(frozen=True)
class Level(Word):
    """A level with its colours: ``fill`` for cells, ``ink`` for text and bars."""

    fill: str
    ink: str

    __str__ = Word.__str__


#: Worst first. The fills are a shade off Excel's own "bad" and "neutral", so that a second run knows its own marks.
LEVELS = {
    "error": Level("错误", "error", "FFC9CD", "B3261E"),
    "warning": Level("警告", "warning", "FFE79B", "8A5A00"),
    "info": Level("提示", "info", "D3E5F8", "2F5D8C"),
}
RANK = {level: rank for rank, level in enumerate(LEVELS)}
DISPOSITIONS = {
    "cannot_be_judged": Word("无法判定", "cannot be judged"),
    "return": Word("退回修改", "return"),
    "accept_with_warnings": Word("可收，有警告", "accept with warnings"),
    "accept": Word("可收", "accept"),
}
#: How far a fix can be trusted.
APPLICABILITIES = {"safe": Word("可直接改", "safe to write"), "judge": Word("需判断", "to be judged")}
KINDS = {
    "完整性": "completeness",
    "规范性": "conformance",
    "一致性": "consistency",
    "编码": "coding",
    "及时性": "timeliness",
    "疑点": "doubt",
}


def joined(keys: Mapping[str, int]) -> str:
    """By which keys lists and case records were brought together; blank where there was nothing to bring together."""
    return say("，", ", ").join(say(f"按{key} {n} 份", f"{n} by {key}") for key, n in keys.items())


def kind(name: str) -> str:
    """A kind of check in the current language."""
    return say(name, KINDS.get(name, name))


def why(check: Check) -> str:
    """Why a rule is there; blank for a field check."""
    return check.rule.text("why", current()) if check.rule else ""


def basis(check: Check, documents: Mapping[str, Mapping[str, Any]]) -> str:
    """Document, item, quotation and where it was read, and how sure it is that this must hold."""
    if check.doc not in documents:
        return ""
    document = documents[check.doc]
    number = in_brackets(document["number"]) if document.get("number") else ""
    quote = f"“{check.rule.basis.quote}”{_verified(check.rule.basis)}" if check.rule and check.rule.basis.quote else ""
    item = f" · {check.item}" if check.item else ""
    return f"{document['title']}{number}{item}{quote} · {certainty.in_words(check.sure)}"


def _verified(basis: Basis) -> str:
    """Where a quotation was read."""
    if not basis.verified:
        return say("（引文未与原文核对）", " (quotation not compared with the text)")
    zh, en = {"original": ("原文", "read in the text itself"), "copy": ("副本", "read in a copy")}[basis.verified]
    return say(f"（见于{zh}：{basis.at}）", f" ({en}: {basis.at})")


@cache
def _field(table: str | None, field: str | None) -> layouts.FieldRow | None:
    for layout in layouts.load().values():
        if table in layout.tables and field in layout.tables[table].fields:
            return layout.tables[table].fields[field]
    return None


def field_name(table: str | None, field: str | None) -> str:
    """What people call a field (``性别``); blank if no layout knows it."""
    row = _field(table, field)
    return row.name(current()) if row else ""


def place(source: Mapping[str, str | int | None]) -> str:
    """Where a finding stands: ``清单.xlsx:诊断!C5``, ``lists.csv:7:gend``, ``a.json:$.input.table.gend``."""
    parts = [str(source["file"] or "")]
    line, column = source["row"], source["column"] or ""
    if source["sheet"]:
        cell = f"{column}{line or ''}"
        parts.append(f"{source['sheet']}!{cell}" if cell else str(source["sheet"]))
    elif source["path"]:
        parts += [str(line)] if line else []
        parts.append(".".join(str(part) for part in (source["path"], column) if part))
    else:
        parts += [str(part) for part in (line, column) if part]
    return ":".join(part for part in parts if part)


def to_do(finding: Mapping[str, Any]) -> str:
    """What to do about a finding, in words, and the value to write instead if it is known."""
    return say("；", "; ").join(filter(None, (finding["fix"], suggestion(finding))))


def suggestion(finding: Mapping[str, Any]) -> str:
    """The value to write instead, in words; blank if it is not known."""
    suggested = finding["suggested"]
    if suggested is None:
        return ""
    if not suggested:
        return say("清空", "clear it")
    if finding["applicability"] == "safe":
        return say(f"改为“{suggested}”", f"write '{suggested}'")
    return say(f"建议“{suggested}”，需判断", f"perhaps '{suggested}', to be judged")


def who(case: Mapping[str, Any]) -> str:
    """Whose case it is: record number, department, physician, coder, in words."""
    parts = (
        (say("病案号", "record"), case["record_number"]),
        (say("科室", "department"), case["department_name"] or case["department"]),
        (say("医师", "physician"), case["physician"]),
        (say("编码员", "coder"), case["coder"]),
    )
    return " · ".join(f"{name} {value}" for name, value in parts if value)


def in_brackets(text: str) -> str:
    """``text`` in brackets, to put behind another."""
    return say(f"（{text}）", f" ({text})")


def share(part: float, whole: float) -> str:
    """``18.0%``, or a dash where there is nothing to share."""
    return f"{100 * part / whole:.1f}%" if whole else "—"


def number(value: float) -> str:
    """``12,345``."""
    return f"{value:,.0f}"
