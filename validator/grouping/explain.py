"""The way of one case through a scheme, in words."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import polars as pl

from validator.base.language import say
from validator.grouping import reasons
from validator.grouping.encoded import Encoded, complications, encode
from validator.grouping.language import VIRTUAL, atoms
from validator.grouping.scheme import DrgScheme, Slot

if TYPE_CHECKING:
    from validator.grouping.cases import Cases

_FIELDS = {
    "ZYZD": ("主要诊断", "principal diagnosis"), "QTZD": ("其他诊断", "other diagnosis"),
    "ZYSS": ("主要手术操作", "principal operation"), "QTSS": ("其他手术操作", "other operation"),
}  # fmt: skip


def explain(scheme: DrgScheme, cases: "Cases", row: int, result: Mapping[str, Any]) -> list[str]:
    """What was looked at for the case in ``row``, step by step, and what came of it: its ``result`` (``drg.RESULT``)."""
    case = cases.take(pl.Series([row], dtype=pl.UInt32))
    one = encode(scheme, case)
    codes = _codes(case)
    steps = [*_input(case, codes), *_unknown(scheme, codes)]
    steps += _categories(scheme, one, codes, result)
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
    [facts] = case.frame.to_dicts()
    unknown = say("不详", "unknown")
    sex = {"1": say("男", "male"), "2": say("女", "female")}.get(facts["sex"] or "", unknown)
    shown = {name: unknown if facts[name] is None else facts[name] for name in ("age", "age_days", "weight")}
    yield say(
        f"性别 {sex}，年龄 {shown['age']} 岁，天龄 {shown['age_days']} 天，体重 {shown['weight']} 克",
        f"sex {sex}, age {shown['age']} years, {shown['age_days']} days, weight {shown['weight']} g",
    )
    for field, (zh, en) in _FIELDS.items():
        if codes[field]:
            yield say(f"{zh}：{'、'.join(codes[field])}", f"{en}: {', '.join(codes[field])}")


def _unknown(scheme: DrgScheme, codes: dict[str, list[str]]) -> Iterator[str]:
    every = [code for each in codes.values() for code in each]
    numbers = scheme.numbers(pl.Series(every, dtype=pl.String))
    if missing := [code for code, number in zip(every, numbers, strict=True) if number == scheme.size]:
        yield say(
            f"方案里没有的编码：{'、'.join(missing)}", f"codes that the scheme does not have: {', '.join(missing)}"
        )


def _categories(
    scheme: DrgScheme, one: Encoded, codes: dict[str, list[str]], result: Mapping[str, Any]
) -> Iterator[str]:
    """The categories that take the case until one of their ADRGs does; or those whose rule just fails."""
    holds = [slot for slot, held in zip(scheme.mdcs, one.holds(scheme.mdcs).row(0), strict=True) if held]
    for slot in holds:
        last = slot.code == result["mdc"] and (result["adrg"] or result["reason"] in ("qy", "newborn_data"))
        if not last and not slot.by_diagnosis:
            yield say(f"先期分组 {slot.code} 的 ADRG 都不成立", f"no ADRG of {slot.code}, which comes first, holds")
            continue
        yield _hit(say("主要诊断大类", "Category"), scheme, slot, codes)
        yield from _adrg(scheme, slot, codes, result["adrg"] if last else None)
        if last:
            return
    if holds:
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


def _adrg(scheme: DrgScheme, mdc: Slot, codes: dict[str, list[str]], found: str | None) -> Iterator[str]:
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
        if slot not in slots
        and any(_held(scheme, ("ZYSS",), each.sets, codes) for each in atoms(slot.node, forbidden=False))
    ]
    if elsewhere:
        yield say(
            f"主要手术操作属于别的大类：{'、'.join(elsewhere)}",
            f"the principal operation belongs elsewhere: {', '.join(elsewhere)}",
        )


def _complications(scheme: DrgScheme, case: "Cases", one: Encoded) -> Iterator[str]:
    """What each other diagnosis counts as."""
    counts = set(complications(scheme, one.first["ZYZD"], *one.others["QTZD"])["id"])
    codes = case.diagnoses["code"]
    for code, number in zip(codes, scheme.numbers(codes), strict=True):
        if scheme.complication_table[number] >= 0:
            kind = "MCC" if scheme.major[number] else "CC"
            yield (
                say(f"{code} 是 {kind}", f"{code} is a {kind}")
                if number in counts
                else say(
                    f"{code} 是 {kind}，但被主要诊断排除",
                    f"{code} is a {kind}, but the principal diagnosis excludes it",
                )
            )


def _group(scheme: DrgScheme, adrg: str, one: Encoded, codes: dict[str, list[str]]) -> Iterator[str]:
    slots = scheme.drgs[adrg]
    hit = one.hit(slots)[0]
    if hit is None:
        yield say(f"{adrg} 的 DRG 都不成立", f"no DRG of {adrg} holds")
    else:
        yield _hit("DRG", scheme, slots[hit], codes)


def _hit(level: str, scheme: DrgScheme, slot: Slot, codes: dict[str, list[str]]) -> str:
    """The slot, its rule, and the codes of the case that its sets hold."""
    by = [
        f"{code} ∈ {'、'.join(each.sets)}"
        for each in atoms(slot.node)
        if not set(each.sets) & set(VIRTUAL)
        for code in _held(scheme, each.fields, each.sets, codes)
    ]
    rule = slot.rule or say("（总是成立）", "(always holds)")
    return f"{level}：{slot.code} {slot.name}  {rule}" + (f"  [{'；'.join(dict.fromkeys(by))}]" if by else "")


def _held(scheme: DrgScheme, fields: Sequence[str], sets: Sequence[str], codes: dict[str, list[str]]) -> list[str]:
    """The codes of some fields that one of the sets holds."""
    mine = [code for field in fields for code in codes[field]]
    masks = [scheme.mask(name) for name in sets if name not in VIRTUAL]
    numbers = scheme.numbers(pl.Series(mine, dtype=pl.String))
    return [code for code, number in zip(mine, numbers, strict=True) if any(mask[number] for mask in masks)]
