"""A second DIP grouper for comparison: one case at a time, straight from the rows, in plain Python."""

import re
from typing import Any

LAYERS = ("pre", "merge", "burn", "tumour", "tuberculosis", "core")


def begins(code: str, pattern: str) -> int:
    """How much of a diagnosis or operation a pattern names; -1 where it is another."""
    if pattern in ("所有诊断", "所有手术操作"):
        return 0
    if span := re.fullmatch(r"([A-Z]\d\d)-([A-Z]\d\d)", pattern):
        return 3 if span[1] <= code[:3] <= span[2] else -1
    if span := re.fullmatch(r"([A-Z]\d\d\.\d)-([A-Z]\d\d\.\d)", pattern):
        return 5 if span[1] <= code[:5] <= span[2] else -1
    fits = code == pattern if len(pattern) >= 7 else code.startswith(pattern)
    return len(pattern) if fits else -1


def most(codes: set[str], cell: str) -> list[set[str]]:
    """The ways of a cell that some codes satisfy, each as those codes; brackets may stand around one choice."""
    ways = [set[str]()]
    if found := re.fullmatch(r"\((.*)\)\+(.*)", cell):
        cell = "|".join(f"{one}+{found[2]}" for one in found[1].split("|"))
    ways = [set(way.split("+")) for way in cell.split("|")]
    return [way for way in ways if all(any(begins(code, part) >= 0 for code in codes) for part in way)]


def group(rows: list[dict[str, Any]], case: dict[str, Any]) -> tuple[str | None, str | None]:
    """The code of the group and the reason why there is none."""
    upper = [{key: value.upper() if isinstance(value, str) else value for key, value in row.items()} for row in rows]
    of = {kind: [row for row in upper if row["kind"] == kind.upper()] for kind in {row["kind"] for row in rows}}
    principal = case["principal"].upper()
    if not principal:
        return None, "principal_missing"
    if any(begins(principal, row["code"]) >= 0 for row in of.get("excluded_principal", [])):
        return None, "principal_excluded"
    if not re.match(r"[A-Z]\d\d\.[\dX]", principal):
        return None, "principal_unknown"
    ordered = any(row["code"] == "POSITION" and row["rule"] == "PRINCIPAL" for row in of["option"])
    first, left = operations(of, principal, case, ordered=ordered)
    for kind in LAYERS:
        fitting = [
            each for row in of.get(kind, []) if (each := fits(of, kind, row, case, first, left, ordered=ordered))
        ]
        if sure := [each for each in fitting if each[2]]:
            return min(sure)[3], None
        if fitting:
            return None, "newborn_data"
    for row in sorted(of.get("mixed", []), key=lambda row: -len(row["principal"].replace("所有诊断", ""))):
        if row["rule"].lower() == treated(first, left) and begins(principal, row["principal"]) >= 0:
            return row["code"], None
    return None, "dip_no_group"


def fits(of: Any, kind: str, row: Any, case: Any, first: str | None, left: set[str], *, ordered: bool) -> Any:
    """The rank of a group for the case, its place, whether it is sure, and its code; None where it does not fit."""
    principal, others = case["principal"].upper(), [code.upper() for code in case["others"]]
    near = max((begins(principal, part) for part in row["principal"].split("|")), default=-1)
    many = done(kind, row, first, left, ordered=ordered)
    along = not row["other"] or any(begins(code, part) >= 0 for code in others for part in row["other"].split("|"))
    truth = holds(of, row["rule"], case, principal, others)
    if near < 0 or many is None or not along or truth is False:
        return None
    away = abs(case["cost"] - row["cost"]) if case["cost"] is not None and row["cost"] is not None else 1e99
    rank = (-near, -many, away, -(row["score"] or 0)) if kind != "pre" else ()
    return rank, row["place"], truth, row["code"]


def operations(of: Any, principal: str, case: Any, *, ordered: bool) -> tuple[str | None, set[str]]:
    """The operation that counts as the principal one, and all that count."""
    rules = {row["code"]: row for row in of.get("excluded_procedure", [])}
    counted, first, stopped = set(), None, False
    for code in dict.fromkeys(each.upper() for each in case["operations"]):
        rule = rules.get(code, {"rule": "free", "principal": ""})
        allowed = any(begins(principal, part) >= 0 for part in rule["principal"].split("|") if part)
        out = not allowed and rule["rule"] in ("", "WITHIN")
        if not out:
            counted.add(code)
        if rule["rule"] == "NEVER" or stopped or first:
            continue
        if out:
            stopped = ordered
        else:
            first = code
    return first, counted


def done(kind: str, row: Any, first: str | None, left: set[str], *, ordered: bool) -> int | None:
    """How many operations a group names, if the case has them."""
    if not row["procedure"]:
        if kind != "pre" and first:
            return None
        return related(row, first if ordered else None, left, 0)
    ways = most(left, row["procedure"])
    if ordered and kind not in ("pre", "tumour"):
        ways = [way for way in ways if first and any(begins(first, part) >= 0 for part in way)]
    return related(row, first if ordered else None, left, max(map(len, ways))) if ways else None


def related(row: Any, first: str | None, left: set[str], many: int) -> int | None:
    if not row["related"]:
        return many
    ways = most(left - {first}, row["related"])
    return many + max(map(len, ways)) if ways else None


def holds(of: Any, rule: str, case: Any, principal: str, others: list[str]) -> bool | None:
    """The truth of a rule; None where an unknown number decides."""
    if not rule:
        return True
    if "ZYZD" in rule:
        sets = {
            name: [row["code"] for row in of["member"] if row["parent"] == name] for name in ("DI_JHNY", "DI_JHNY_QT")
        }
        held = any(begins(principal, part) >= 0 for part in sets["DI_JHNY"])
        held = held or any(begins(code, part) >= 0 for code in others for part in sets["DI_JHNY_QT"])
        return not held if rule.startswith("NOT") else held
    days = case["days"] if case["days"] is not None else case["age"] * 365 if case["age"] else None
    truths = []
    for name, sign, limit in re.findall(r"(XSRT[LZ]) (<|>=) (\d+)", rule):
        value = days if name == "XSRTL" else case["weight"]
        truths.append(None if value is None else value < int(limit) if sign == "<" else value >= int(limit))
    return False if False in truths else None if None in truths else True


def treated(first: str | None, left: set[str]) -> str:
    if not first:
        return "conservative"
    chapters = [code[:2] for code in left]
    if any(
        "01" <= chapter <= "86" and not code.startswith("17.9") for chapter, code in zip(chapters, left, strict=True)
    ):
        return "surgical"
    diagnostic = all(
        c in ("87", "88", "89", "90", "91") or code[:4] in ("92.0", "92.1")
        for c, code in zip(chapters, left, strict=True)
    )
    return "diagnostic" if diagnostic else "therapeutic"
