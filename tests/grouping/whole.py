"""The made-up scheme with all that CHS-DRG 2.0 asks for: rules in the workbooks' own language, and a place for ambiguous cases."""

import csv
import shutil
from pathlib import Path

#: Category or ADRG of the made-up scheme -> its rule: another diagnosis must be there, two lists of diagnoses, any diagnosis,
#: or any of some.
RULES = {
    "MDCP": "NL = 0 and (ZYZD in DI_P00 or {ZYZD, QTZD} in DI_EARLY)",
    "MDCX": "{ZYZD, QTZD} in DI_X00",
    "ER1": "ZYZD in DI_ER1 and QTZD in DI_ES1",
    "GR1": "ZYZD in DI_GR1 and {ZYZD, QTZD} in DI2_GR1",
    "HB1": "ZYSS in OP_HB1 and QTZD not in DI_HU1 and NL >= 40",
    "PS2": "{ZYZD, QTZD} in DI_PS2 and XSRTL <= 28 and XSRTZ >= 1500 and XSRTZ < 2000",
}


def folder(source: Path, to: Path) -> Path:
    """A copy of the made-up scheme's folder with these rules."""
    shutil.copytree(source, to)
    change(to / "mdc.csv", "mdc", "entry_condition")
    change(to / "adrg.csv", "adrg", "match_rule")
    rows = read(to / "adrg_diagnosis.csv")
    second = [row | {"adrg": "GR1", "list": "2"} for row in rows if row["adrg"] == "GS1"]
    write(to / "adrg_diagnosis.csv", [row | {"list": "1"} for row in rows] + second)
    early = [row["code"] for row in rows if row["adrg"] == "PS1"]
    write(to / "sets.csv", [{"set": "DI_EARLY", "code": code} for code in early])
    write(to / "options.csv", [{"option": "qy", "value": "principal"}, {"option": "qy_not", "value": "AXZ"}])
    return to


def change(path: Path, key: str, column: str) -> None:
    rows = read(path)
    assert any(row[key] in RULES for row in rows)
    write(path, [row | ({column: RULES[row[key]]} if row[key] in RULES else {}) for row in rows])


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
