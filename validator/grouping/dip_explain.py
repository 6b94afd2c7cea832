"""The way of one case through a DIP scheme, in sentences."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import polars as pl

from validator.base.language import say
from validator.grouping import reasons
from validator.grouping.dip import EncodedCases, kind
from validator.grouping.dip_names import CodeNames
from validator.grouping.dip_scheme import DipScheme, Layer

if TYPE_CHECKING:
    from validator.grouping.cases import Cases

_SHOWN = 5  #: groups that are named when several fit
_LONGEST = 80  #: characters of what a group asks for; some ask for hundreds of codes
_LEFT_OUT = {
    "": ("不能作为主要手术操作，有它则按保守治疗入组", "with it the case counts as treated conservatively"),
    "never": ("不可作为主要手术操作", "it is never the principal one"),
    "within": ("只在限定的主要诊断下可作为主要手术操作", "it is the principal one with some diagnoses only"),
}
#: What the words of the official rule language mean.
_MEANT = {
    "XSRTL": ("天龄", "age in days"), "XSRTZ": ("体重（克）", "weight in grams"), "NL": ("年龄", "age"), "XB": ("性别", "sex"),
    "ZYZD": ("主要诊断", "principal diagnosis"), "QTZD": ("其他诊断", "other diagnoses"), "and": ("且", "and"), "or": ("或", "or"),
}  # fmt: skip


def explain(scheme: DipScheme, cases: "Cases", row: int, result: Mapping[str, Any], names: CodeNames) -> list[str]:
    """What was looked at for the case in ``row``, step by step, and what came of it: its ``result`` (``dip.RESULT``)."""
    case = cases.take(pl.Series([row], dtype=pl.UInt32))
    every = EncodedCases(scheme, case)
    steps = [*_input(case, every, names)]
    if every.open.height:
        steps += [*_operations(every, names), *_layers(every, result, names)]
    why = say("：", ": ") + reasons.reason(result["reason"]) if result["reason"] else ""
    found = " ".join(dict.fromkeys(filter(None, (result["dip"], result["name"]))))
    return [*steps, say("结果：", "Result: ") + f"{reasons.status(result['status'])} {found}".rstrip() + why]


def _input(case: "Cases", every: EncodedCases, names: CodeNames) -> Iterator[str]:
    principal, others = case.frame["principal"][0], case.diagnoses["code"].to_list()
    if not principal:
        yield say("没有主要诊断", "There is no principal diagnosis")
    else:
        cut = every.open.height > 0
        zh, en = (f"，按 {principal[:5]} 找病种", f"; groups are looked for by {principal[:5]}") if cut else ("", "")
        shown = names.with_code(principal)
        yield say(f"主要诊断是 {shown}{zh}", f"The principal diagnosis is {shown}{en}")
    if others:
        listed = _listed([names.with_code(code) for code in others])
        yield say(f"其他诊断有 {listed}", f"Other diagnoses are {listed}")


def _operations(every: EncodedCases, names: CodeNames) -> Iterator[str]:
    """The operations as listed, those that are left out, and which one is taken as principal."""
    listed = (every.listed["operations"][0] or "").split("|") if every.listed["operations"][0] else []
    out = dict(every.scheme.excluded_procedures.filter(pl.col("code").is_in(listed)).iter_rows())
    first = every.operations.filter("first").select("whole").unique().collect()["whole"].to_list()
    shown = {code: names.with_code(code.replace("X", "x")) for code in listed}
    if listed:
        yield say(f"手术操作有 {_listed([*shown.values()])}", f"Operations are {_listed([*shown.values()])}")
    for code, rule in out.items():
        zh, en = _LEFT_OUT[rule]
        yield say(f"{shown[code]} 在不纳入分组的名单上：{zh}", f"{shown[code]} is one of those left out: {en}")
    if not first:
        why = (
            ("没有可作为主要手术操作的", "No operation can be the principal one")
            if listed
            else ("没有手术操作", "There is no operation")
        )
        yield say(f"{why[0]}，按保守治疗找病种", f"{why[1]}, so the case counts as treated conservatively")
    elif every.scheme.ordered:
        yield say(f"主要手术操作是 {shown[first[0]]}", f"The principal operation is {shown[first[0]]}")


def _layers(every: EncodedCases, result: Mapping[str, Any], names: CodeNames) -> Iterator[str]:
    """What the layers have for the case, up to the one that takes it; those that have nothing in one sentence."""
    empty = list[str]()
    for layer in every.scheme.layers:
        if not layer.rows.height:
            continue
        name, fits = say(*kind(layer.kind)), _fitting(layer, every, names)
        placed, unknown = every.placed(layer)
        if not fits and not placed.height and not unknown.height:
            empty.append(name)
            continue
        yield from _none(empty)
        empty = []
        if placed.height:
            yield _taken(name, layer.rows.row(placed["row"][0], named=True), fits, names)
            return
        if unknown.height:
            yield say(
                f"{name}要看新生儿的天龄和体重，有缺失的",
                f"In {name} a newborn's age in days and weight decide, and one is missing",
            )
            return
        groups = _listed(fits)
        yield say(
            f"{name}里诊断和手术操作符合 {groups}，但其他条件不符合",
            f"In {name} diagnosis and operations are those of {groups}, but other conditions do not hold",
        )
    yield from _none(empty)
    if result["kind"] == "mixed" or result["reason"]:
        yield say("所以看综合病种", "So the mixed groups come next")


def _none(layers: Sequence[str]) -> Iterator[str]:
    if layers:
        yield say(f"{'、'.join(layers)}里都没有符合的病种", f"No group fits in these: {'; '.join(layers)}")


def _taken(layer: str, row: Mapping[str, Any], fits: Sequence[str], names: CodeNames) -> str:
    """The group that takes the case, what it asks for, and which others fit."""
    group = f"{row['code']} {names.group(row)}".rstrip()
    asked = _asked(row)
    if len(fits) < 2:
        return say(f"{layer}里符合 {group}，它要求{asked}", f"In {layer} {group} fits; it asks for {asked}")
    return say(
        f"{layer}里诊断和手术操作符合的有 {len(fits)} 个：{_listed(fits)}；取 {group}，它要求{asked}",
        f"In {layer} {len(fits)} groups have its diagnosis and operations: {_listed(fits)}; {group} is taken; it asks for {asked}",
    )


def _fitting(layer: Layer, every: EncodedCases, names: CodeNames) -> list[str]:
    """The groups whose diagnosis and operations the case has."""
    numbers = every.fitting(layer).select("row").unique().sort("row").collect()["row"]
    rows = layer.rows[numbers.to_list()].iter_rows(named=True)
    return [f"{row['code']} {names.group(row)}".rstrip() for row in rows]


def _listed(texts: Sequence[str]) -> str:
    return say("、", ", ").join(texts[:_SHOWN]) + ("…" if len(texts) > _SHOWN else "")


def _asked(row: Mapping[str, Any]) -> str:
    """What a group asks for."""
    labels = {
        "principal": ("主要诊断", "the principal diagnosis"), "procedure": ("手术操作", "operations"),
        "related": ("相关手术操作", "related operations"), "other": ("其他诊断", "another diagnosis"), "rule": ("", ""),
    }  # fmt: skip
    texts = {name: _worded(row[name]) if name == "rule" else row[name] for name in labels if row[name]}
    parts = [
        f"{say(*labels[name])} {text[:_LONGEST]}{'…' if len(text) > _LONGEST else ''}" for name, text in texts.items()
    ]
    return say("，", ", ").join(part.strip() for part in parts) or say("无", "nothing")


def _worded(rule: str) -> str:
    return re.sub("[A-Za-z]+", lambda found: say(*_MEANT.get(found[0], (found[0], found[0]))), rule)
