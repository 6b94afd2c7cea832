"""A tiny hand-made DRG scheme for tests: every kind of rule and slot that a published one has, with a handful of codes."""

from datetime import date
from pathlib import Path

import polars as pl

from validator.codes.tables import Store, Version
from validator.grouping.scheme import COLUMNS, TABLE, DrgScheme

OPTIONS = {
    "surgical": "OP_ALL", "skip_medical": "", "dropped": "OP_T004", "qy": "principal", "qy_not": "ASTXY",
    "edition": "insurance",
}  # fmt: skip

#: Code, name, rule; the first that holds takes the case.
MDCS = [
    ("MDCA", "先期分组", "ZYSS in OP_AB1"),
    ("MDCP", "新生儿及其他围产期新生儿疾病", "ZYZD in DI_P00 and NL = 0"),
    ("MDCM", "男性生殖系统疾病及功能障碍", "ZYZD in DI_M00 and XB = 1"),
    ("MDCN", "女性生殖系统疾病及功能障碍", "ZYZD in DI_N00 and XB = 2"),
    ("MDCE", "呼吸系统疾病及功能障碍", "ZYZD in DI_E00"),
    ("MDCH", "肝、胆、胰疾病及功能障碍", "ZYZD in DI_H00"),
    ("MDCX", "影响健康因素及其他就医情况", "ZYZD in DI_X00"),
]
#: The first letter of the code says in which category; the second whether it is surgical (A to J) or medical (R on).
ADRGS = [
    ("AB1", "肝移植", "ZYSS in OP_AB1"),
    ("PS1", "极度发育不全（出生体重<1500g）", "{ZYZD, QTZD} in DI_PS1 and XSRTL < 29 and XSRTZ < 1500"),
    ("PS2", "早产儿（出生体重>=1500g）", "{ZYZD, QTZD} in DI_PS1 and XSRTL < 29 and XSRTZ >= 1500"),
    ("PU1", "足月儿", "ZYZD in DI_PU1 and XSRTL < 29"),
    ("PV1", "出生29天以上的围产期疾病", "XSRTL >= 29"),
    ("MA1", "男性生殖器官恶性肿瘤手术", "ZYSS in OP_MA1"),
    ("MR1", "男性生殖系统恶性肿瘤", "ZYZD in DI_MR1"),
    ("NA1", "女性生殖器官恶性肿瘤联合手术", "length(OP_NA1 ∩ {ZYSS, QTSS}) >= 2"),
    ("NR1", "女性生殖系统恶性肿瘤", "ZYZD in DI_NR1"),
    ("EB1", "肺大手术", "{ZYSS, QTSS} in OP_EB1"),
    ("ER2", "肺炎", "ZYZD in DI_ER2"),
    ("HC1", "胆囊切除", "ZYSS in OP_HC1 and ZYZD in DI_HC1"),
    ("HU1", "胆道疾患", "ZYZD in DI_HU1"),
    ("XR1", "康复", "ZYZD in DI_X00 and ZYSS not in OP_ALL"),
]
_SPLIT = (
    ("1", "，伴严重并发症或合并症", "QTZD in MCC"),
    ("3", "，伴并发症或合并症", "QTZD in CC"),
    ("5", "，不伴并发症或合并症", ""),
)
_TWO = (("1", "，伴严重并发症或合并症", "QTZD in MCC"), ("5", "，不伴严重并发症或合并症", ""))
_ONE = (("9", "", ""),)
#: Those that are distinguished by complications; the others have one group, 9.
DRGS = {"ER2": _SPLIT, "HU1": _SPLIT, "HC1": _TWO, "PS1": _TWO}
SETS = {
    "DI_P00": "P07.200 P07.300 P59.900 P96.900", "DI_PS1": "P07.200 P07.300", "DI_PU1": "P59.900",
    "DI_M00": "C61.x00 N40.x00", "DI_MR1": "C61.x00",  # N40 has a category and no ADRG
    "DI_N00": "C53.900 C56.x00", "DI_NR1": "C53.900 C56.x00",
    "DI_E00": "J18.900 J15.900 C34.900", "DI_ER2": "J18.900 J15.900",  # C34 needs an operation
    "DI_H00": "K80.000x002 K80.101 K81.000", "DI_HU1": "K80.000x002 K80.101 K81.000", "DI_HC1": "K80.000x002 K80.101",
    "DI_X00": "Z50.900",
    "OP_AB1": "50.5900", "OP_MA1": "60.5x00", "OP_NA1": "68.6100 65.6100 40.3x00", "OP_EB1": "32.4100",
    "OP_HC1": "51.2300 51.2200", "OP_T004": "99.2500 88.7200",
    "OP_ALL": "50.5900 60.5x00 68.6100 65.6100 40.3x00 32.4100 51.2300 51.2200 47.0100 60.2901",
}  # fmt: skip
#: Code, MCC or CC, exclusion table.
COMPLICATIONS = [
    ("J96.000", "MCC", "T1"), ("R57.000", "MCC", "T2"), ("E11.900", "CC", "T3"), ("D62.x00", "CC", "T2"),
    ("K81.000", "CC", "T4"),
]  # fmt: skip
#: Exclusion table -> the principal diagnoses that cancel its complications.
EXCLUSIONS = {"T1": "J18.900", "T4": "K80.000x002 K80.101 K81.000", "T3": "E11.900"}
#: Known, in no category: grey codes, status codes, further diagnoses.
OTHER_DIAGNOSES = "K80.000 K80.100 J18.000 I10.x00x002 Z37.000 J96.000 R57.000 E11.900 D62.x00"
OTHER_PROCEDURES = "96.7101 93.9000"
REFUSED = "Z53.900"
MAPS = {"diagnosis_map": [("K80.100x002", "K80.101")], "procedure_map": [("51.2301", "51.2300")]}


def frame(**options: str) -> pl.DataFrame:
    """The scheme as one frame; ``options`` other than :data:`OPTIONS`."""
    rows = [_row("option", name, rule=value) for name, value in (OPTIONS | options).items()]
    rows += [_row("mdc", code, name, rule, place=n) for n, (code, name, rule) in enumerate(MDCS)]
    rows += [_row("adrg", code, name, rule, f"MDC{code[0]}", n) for n, (code, name, rule) in enumerate(ADRGS)]
    for adrg, name, _ in ADRGS:
        groups = enumerate(DRGS.get(adrg, _ONE))
        rows += [_row("drg", adrg + last, name + more, rule, adrg, n) for n, (last, more, rule) in groups]
    rows += [_row("member", code, parent=name) for name, codes in SETS.items() for code in codes.split()]
    rows += [_row("cc", code, rule=kind, parent=table) for code, kind, table in COMPLICATIONS]
    rows += [_row("exclusion", code, parent=table) for table, codes in EXCLUSIONS.items() for code in codes.split()]
    rows += [_row("diagnosis", code) for code in _dictionary("DI_", OTHER_DIAGNOSES)]
    rows += [_row("procedure", code) for code in _dictionary("OP_", OTHER_PROCEDURES)]
    rows += [_row("refused", code) for code in REFUSED.split()]
    rows += [_row(kind, code, parent=target) for kind, pairs in MAPS.items() for code, target in pairs]
    return pl.DataFrame(rows, schema=COLUMNS, orient="row")


def scheme(**options: str) -> DrgScheme:
    """The scheme ready to group with."""
    return DrgScheme(frame(**options), "mini-1.0")


def keep(store: Store, version: str = "mini-1.0", since: date | None = None, **options: str) -> Version:
    """Keep it in a registry, as ``zhikong codebooks add`` would."""
    made = Version(TABLE, version, since, None, 0, "", "mini.xlsx", "2026-01-01T00:00:00", Path())
    return store.put(made, frame(**options))


def _row(kind: str, code: str, name: str = "", rule: str = "", parent: str = "", place: int = 0) -> tuple[object, ...]:
    return kind, code, name, rule, parent, place


def _dictionary(prefix: str, others: str) -> list[str]:
    listed = " ".join(codes for name, codes in SETS.items() if name.startswith(prefix))
    return sorted({*listed.split(), *others.split()})
