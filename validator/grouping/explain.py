"""The way of one case through a scheme, in words."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import polars as pl

from validator.grouping import drg, reasons
from validator.grouping.encoded import Encoded, encode
from validator.grouping.language import VIRTUAL, atoms
from validator.grouping.scheme import Scheme, Slot
from validator.text import say

if TYPE_CHECKING:
    from validator.grouping.cases import Cases

_FIELDS = {
    "ZYZD": ("主要诊断", "principal diagnosis"), "QTZD": ("其他诊断", "other diagnosis"),
    "ZYSS": ("主要手术操作", "principal operation"), "QTSS": ("其他手术操作", "other operation"),
}  # fmt: skip


def explain(scheme: Scheme, cases: "Cases", row: int = 0) -> list[str]:
    """What was looked at for the case in ``row``, step by step, and what came of it."""
    case = cases.take(pl.Series([row], dtype=pl.UInt32))
    one, [result] = encode(scheme, case), drg.group(scheme, case).to_dicts()
    codes = _codes(case)
    steps = [*_input(case, codes), *_unknown(scheme, codes)]
    steps += _category(scheme, one, codes)
    found = one.first(scheme.mdcs)[0]
    if found is not None and not scheme.mdcs[found].rest:
        steps += _adrg(scheme, scheme.mdcs[found], codes, result["adrg"])
    if result["adrg"]:
        steps += [*_complications(scheme, case, one), *_group(scheme, result["adrg"], one, codes)]
    why = say("：", ": ") + reasons.reason(result["reason"]) if result["reason"] else ""
    name = scheme.names.get(result["drg"], "")
    return [
        *steps,
        say("结果：", "Result: ") + reasons.status(result["status"]) + f" {result['drg']} {name}".rstrip() + why,
    ]


def _codes(case: "Cases") -> dict[str, list[str]]:
    """Field of the rule language -> the case's codes in it."""
    frame = case.frame
    return {
        "ZYZD": frame["principal"].drop_nulls().to_list(), "QTZD": case.diagnoses["code"].to_list(),
        "ZYSS": frame["procedure"].drop_nulls().to_list(), "QTSS": case.procedures["code"].to_list(),
    }  # fmt: skip


def _input(case: "Cases", codes: dict[str, list[str]]) -> Iterator[str]:
    [told] = case.frame.to_dicts()
    unknown = say("不详", "unknown")
    sex = {"1": say("男", "male"), "2": say("女", "female")}.get(told["sex"] or "", unknown)
    shown = {name: unknown if told[name] is None else told[name] for name in ("age", "age_days", "weight")}
    yield say(
        f"性别 {sex}，年龄 {shown['age']} 岁，天龄 {shown['age_days']} 天，体重 {shown['weight']} 克",
        f"sex {sex}, age {shown['age']} years, {shown['age_days']} days, weight {shown['weight']} g",
    )
    for field, (zh, en) in _FIELDS.items():
        if codes[field]:
            yield say(f"{zh}：{'、'.join(codes[field])}", f"{en}: {', '.join(codes[field])}")


def _unknown(scheme: Scheme, codes: dict[str, list[str]]) -> Iterator[str]:
    every = [code for each in codes.values() for code in each]
    ids = scheme.ids(pl.Series(every, dtype=pl.String)).to_list()
    if odd := [code for code, known in zip(every, ids, strict=True) if known is None]:
        yield say(f"方案里没有的编码：{'、'.join(odd)}", f"codes that the scheme does not have: {', '.join(odd)}")


def _category(scheme: Scheme, one: Encoded, codes: dict[str, list[str]]) -> Iterator[str]:
    """The category, or those that list the principal diagnosis although their rule does not hold."""
    hit = one.first(scheme.mdcs)[0]
    if hit is not None and not scheme.mdcs[hit].rest:
        yield _hit(say("主要诊断大类", "Category"), scheme, scheme.mdcs[hit], codes)
        return
    near = [
        slot for slot in scheme.mdcs if any(_held(scheme, ("ZYZD",), each.sets, codes) for each in atoms(slot.node))
    ]
    for slot in near:
        yield say(
            f"{slot.code} {slot.name} 收这个主要诊断，但条件不成立：{slot.rule}",
            f"{slot.code} {slot.name} takes the principal diagnosis, but its condition does not hold: {slot.rule}",
        )
    if not near:
        yield say("没有一个主要诊断大类收这个主要诊断", "no category takes the principal diagnosis")


def _adrg(scheme: Scheme, mdc: Slot, codes: dict[str, list[str]], found: str | None) -> Iterator[str]:
    slots = scheme.adrgs[mdc.code]
    if found:
        place = next(n for n, slot in enumerate(slots) if slot.code == found)
        if place:
            yield say(f"试过 {place} 个 ADRG 都不成立", f"{place} ADRGs before it do not hold")
        yield _hit("ADRG", scheme, slots[place], codes)
        return
    yield say(
        f"{mdc.code} 的 {len(slots)} 个 ADRG 都没有收它", f"none of the {len(slots)} ADRGs of {mdc.code} takes it"
    )
    elsewhere = [
        slot.code
        for mine in scheme.adrgs.values()
        for slot in mine
        if slot not in slots and any(_held(scheme, ("ZYSS",), each.sets, codes) for each in atoms(slot.node))
    ]
    if elsewhere:
        yield say(
            f"主要手术操作属于别的大类：{'、'.join(elsewhere)}",
            f"the principal operation belongs elsewhere: {', '.join(elsewhere)}",
        )


def _complications(scheme: Scheme, case: "Cases", one: Encoded) -> Iterator[str]:
    """What each other diagnosis counts as."""
    ids, codes = scheme.ids(case.diagnoses["code"]).to_list(), case.diagnoses["code"].to_list()
    about = {number: (major, table) for number, major, table in scheme.complications.rows()}
    out = set(scheme.exclusions.filter(pl.col("id").is_in(one.frame["zyzd"].implode()))["table"].to_list())
    for code, number in zip(codes, ids, strict=True):
        if number in about:
            major, table = about[number]
            kind = "MCC" if major else "CC"
            yield (
                say(
                    f"{code} 是 {kind}，但被主要诊断排除",
                    f"{code} is a {kind}, but the principal diagnosis excludes it",
                )
                if table in out
                else say(f"{code} 是 {kind}", f"{code} is a {kind}")
            )


def _group(scheme: Scheme, adrg: str, one: Encoded, codes: dict[str, list[str]]) -> Iterator[str]:
    slots = scheme.drgs[adrg]
    hit = one.first(slots)[0]
    if hit is None:
        yield say(f"{adrg} 的 DRG 都不成立", f"no DRG of {adrg} holds")
    else:
        yield _hit("DRG", scheme, slots[hit], codes)


def _hit(level: str, scheme: Scheme, slot: Slot, codes: dict[str, list[str]]) -> str:
    """The slot, its rule, and the codes of the case that its sets hold."""
    by = [
        f"{code} ∈ {'、'.join(each.sets)}"
        for each in atoms(slot.node)
        if not set(each.sets) & set(VIRTUAL)
        for code in _held(scheme, each.fields, each.sets, codes)
    ]
    rule = slot.rule or say("（总是成立）", "(always holds)")
    return f"{level}：{slot.code} {slot.name}  {rule}" + (f"  [{'；'.join(dict.fromkeys(by))}]" if by else "")


def _held(scheme: Scheme, fields: Sequence[str], sets: Sequence[str], codes: dict[str, list[str]]) -> list[str]:
    """The codes of some fields that one of the sets holds."""
    mine = [code for field in fields for code in codes[field]]
    ids = scheme.ids(pl.Series(mine, dtype=pl.String)).to_list()
    masks = [scheme.mask(name) for name in sets if name not in VIRTUAL]
    return [code for code, n in zip(mine, ids, strict=True) if n is not None and any(mask[n] for mask in masks)]
