"""The way of one case through a DIP scheme, in words."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import polars as pl

from validator.base.language import say
from validator.grouping import reasons
from validator.grouping.dip import EncodedCases, kind
from validator.grouping.dip_scheme import DipScheme, Layer

if TYPE_CHECKING:
    from validator.grouping.cases import Cases

_SHOWN = 5  #: groups that are named when several fit
_RULES = {
    "": ("按保守治疗入组", "counts as conservative treatment"),
    "never": ("不可作为主要手术操作", "never the principal one"),
    "within": ("只在限定的主要诊断下可作为主要手术操作", "principal with some diagnoses only"),
}


def explain(scheme: DipScheme, cases: "Cases", row: int, result: Mapping[str, Any]) -> list[str]:
    """What was looked at for the case in ``row``, step by step, and what came of it: its ``result`` (``dip.RESULT``)."""
    case = cases.take(pl.Series([row], dtype=pl.UInt32))
    every = EncodedCases(scheme, case)
    steps = [*_input(case, every)]
    if every.open.height:
        steps += [*_operations(every), *_layers(scheme, every, result["kind"], result["reason"])]
    why = say("：", ": ") + reasons.reason(result["reason"]) if result["reason"] else ""
    found = " ".join(filter(None, (result["dip"], result["name"])))
    return [*steps, say("结果：", "Result: ") + f"{reasons.status(result['status'])} {found}".rstrip() + why]


def _input(case: "Cases", every: EncodedCases) -> Iterator[str]:
    [facts] = case.frame.to_dicts()
    others = case.diagnoses["code"].to_list()
    principal = facts["principal"] or say("没有", "none")
    cut = f"（{principal[:5]}）" if every.open.height else ""
    yield say(
        f"主要诊断：{principal}{cut}", f"principal diagnosis: {principal}{cut}".replace("（", " (").replace("）", ")")
    )
    if others:
        yield say(f"其他诊断：{'、'.join(others)}", f"other diagnoses: {', '.join(others)}")


def _operations(every: EncodedCases) -> Iterator[str]:
    """The operations as listed, those that are left out, and which one is taken as principal."""
    listed = (every.listed["operations"][0] or "").split("|") if every.listed["operations"][0] else []
    out = dict(every.scheme.excluded_procedures.filter(pl.col("code").is_in(listed)).iter_rows())
    first = every.operations.filter("first").select("whole").unique().collect()["whole"].to_list()
    shown = {code: code.replace("X", "x") for code in listed}
    if listed:
        yield say(f"手术操作：{'、'.join(shown.values())}", f"operations: {', '.join(shown.values())}")
    for code, rule in out.items():
        zh, en = _RULES[rule]
        yield say(f"{shown[code]} 在不纳入分组的名单：{zh}", f"{shown[code]} is left out: {en}")
    if not first:
        yield say("按保守治疗分组", "grouped as conservative treatment")
    elif every.scheme.ordered:
        yield say(f"主要手术操作：{shown[first[0]]}", f"principal operation: {shown[first[0]]}")


def _layers(scheme: DipScheme, every: EncodedCases, last: str | None, reason: str | None) -> Iterator[str]:
    """What each layer has for the case, up to the one that takes it."""
    for layer in scheme.layers:
        if not layer.rows.height:
            continue
        name, fits = say(*kind(layer.kind)), _fitting(layer, every)
        placed, unknown = every.placed(layer)
        if placed.height:
            row = layer.rows.row(placed["row"][0], named=True)
            which = (
                say(f"，{len(fits)} 个符合：{_named(fits)}", f", {len(fits)} fit: {_named(fits)}")
                if len(fits) > 1
                else ""
            )
            yield f"{name}{say('：', ': ')}{row['code']} {row['name']}{say('（', ' (')}{_asked(row)}{say('）', ')')}{which}"
            return
        if unknown.height:
            yield f"{name}{say('：', ': ')}{reasons.reason('newborn_data')}"
            return
        close = say(f"，差在其他条件：{_named(fits)}", f", but for other conditions: {_named(fits)}") if fits else ""
        yield f"{name}{say('：没有符合的', ': none fits')}{close}"
    if last == "mixed" or reason:
        yield say("没有核心病种，看综合病种", "no core group, so the mixed groups")


def _fitting(layer: Layer, every: EncodedCases) -> list[str]:
    """The groups whose diagnosis and operations the case has."""
    rows = every.fitting(layer).select("row").unique().sort("row").collect()["row"]
    found: list[str] = layer.rows["code"].gather(rows).to_list()
    return found


def _named(codes: list[str]) -> str:
    return "、".join(codes[:_SHOWN]) + ("…" if len(codes) > _SHOWN else "")


def _asked(row: dict[str, str]) -> str:
    """What a group asks for."""
    labels = {
        "principal": ("主要诊断", "principal"), "procedure": ("手术操作", "operations"), "related": ("相关手术操作", "related"),
        "other": ("其他诊断", "other diagnosis"), "rule": ("条件", "rule"),
    }  # fmt: skip
    parts = [f"{say(*label)} {row[name]}" for name, label in labels.items() if row[name]]
    return say("；", "; ").join(parts)
