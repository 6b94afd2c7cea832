"""What a code does in a scheme."""

import polars as pl

from validator.codes.explain import Remark
from validator.codes.standards import Form
from validator.codes.tables import Store
from validator.grouping import scheme as schemes
from validator.grouping.language import atoms
from validator.grouping.scheme import DrgScheme

_SHOWN = 8  #: groups that are named
#: The tables whose codes take part in grouping.
_GROUPED = ("icd10", "icd9cm3")


def roles(form: Form, code: str, store: Store) -> list[Remark]:
    """Return what a diagnosis or operation does in each loaded DRG scheme."""
    if form.table not in _GROUPED:
        return []
    found = []
    for version in store.versions(schemes.TABLE):
        zh, en = role(schemes.load(version), code)
        found.append(Remark("info", f"分组（{version.version}）：{zh}", f"grouping ({version.version}): {en}"))
    return found


def role(scheme: DrgScheme, code: str) -> tuple[str, str]:
    """The part of a diagnosis or operation in grouping, in Chinese and English."""
    number = scheme.numbers(pl.Series([code], dtype=pl.String))[0]
    if number == scheme.size:
        return "方案里没有这个编码", "the scheme does not have the code"
    zh, en = zip(*(_of_diagnosis if code[:1].isalpha() else _of_operation)(scheme, number), strict=True)
    return "；".join(zh), "; ".join(en)


def _of_diagnosis(scheme: DrgScheme, number: int) -> list[tuple[str, str]]:
    mdcs = [slot.code for slot in scheme.mdcs if _named(scheme, number, slot.code, "ZYZD")]
    found = (
        [(f"可作主要诊断：{'、'.join(mdcs)}", f"principal diagnosis of {', '.join(mdcs)}")]
        if mdcs and not scheme.refused[number]
        else [("作主要诊断不能入组", "as principal diagnosis it does not group")]
    )
    if scheme.complication_table[number] >= 0:
        kind = "MCC" if scheme.major[number] else "CC"
        out = int((scheme.exclusions // (scheme.size + 1) == scheme.complication_table[number]).sum())
        found.append(
            (
                f"作其他诊断是 {kind}，被 {out} 个主要诊断排除",
                f"as other diagnosis a {kind}, excluded by {out} principal ones",
            )
        )
    return found


def _of_operation(scheme: DrgScheme, number: int) -> list[tuple[str, str]]:
    adrgs = [
        slot.code
        for slots in scheme.adrgs.values()
        for slot in slots
        if any(
            scheme.mask(name)[number]
            for each in atoms(slot.node, forbidden=False)
            if {"ZYSS", "QTSS"} & set(each.fields)
            for name in each.sets
            if name != scheme.options.get("surgical")
        )
    ]
    dropped, surgical = scheme.options.get("dropped", ""), scheme.options.get("surgical", "")
    found = [("不参加分组", "takes no part in grouping")] if dropped and scheme.mask(dropped)[number] else []
    if surgical and not found:
        counts = scheme.mask(surgical)[number]
        found.append(
            ("算作手术病例", "makes a surgical case") if counts else ("不算作手术病例", "makes no surgical case")
        )
    if adrgs:
        more = f" 等 {len(adrgs)} 个" if len(adrgs) > _SHOWN else ""
        found.append(
            (f"ADRG：{'、'.join(adrgs[:_SHOWN])}{more}", f"ADRGs: {', '.join(adrgs[:_SHOWN])} ({len(adrgs)} in all)")
        )
    return found or [("没有 ADRG 用到它", "no ADRG asks for it")]


def _named(scheme: DrgScheme, number: int, mdc: str, field: str) -> bool:
    """Whether a category's rule asks for the code in a field."""
    [slot] = [each for each in scheme.mdcs if each.code == mdc]
    return any(scheme.mask(name)[number] for each in atoms(slot.node) if field in each.fields for name in each.sets)
