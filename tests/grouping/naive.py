"""A second grouper for CHS-DRG 1.1, case by case in plain Python, straight from the published tables.

It knows nothing of our frame, rule language or grouper: what it does is read off the README next to the tables ("What is
sure"). Only two things come from us: a newborn that lacks days or weight in the category of newborns is not grouped
(it would fall into a group of another weight), and of a case that no ADRG takes we name the category that its principal
diagnosis led to first.
"""

import csv
from collections import defaultdict
from pathlib import Path


class Naive:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.mdcs = sorted(self.read("mdc"), key=lambda row: int(row["check_order"]))
        self.adrgs = sorted(self.read("adrg"), key=lambda row: int(row["check_order"]))
        self.severity = {row["drg"]: row["severity"] for row in self.read("drg")}
        self.surgical = {row["code"] for row in self.read("valid_procedure")}
        self.mcc = {row["code"]: row["exclusion_table"] for row in self.read("mcc")}
        self.cc = {row["code"]: row["exclusion_table"] for row in self.read("cc")}
        self.excluding = {row["principal_code"]: row["exclusion_table"] for row in self.read("cc_exclusion")}
        self.in_mdc, self.part = set(), {}
        for row in self.read("mdc_diagnosis"):
            self.in_mdc.add((row["mdc"], row["code"]))
            if row["body_part"]:
                self.part[row["code"]] = row["body_part"]
        self.diagnoses, self.operations = defaultdict(set), defaultdict(set)
        for row in self.read("adrg_diagnosis"):
            self.diagnoses[row["adrg"]].add(row["code"])
        for row in self.read("adrg_procedure"):
            self.operations[row["adrg"], row["list"]].add(row["code"])

    def read(self, name):
        with (self.folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def group(self, case):
        """MDC, ADRG and DRG, and whether that is a group; ``case`` is a row of a flat table, all texts."""
        diagnoses = (case["diagnoses"] or "").split("|")
        operations = [code for code in (case["procedures"] or "").split("|") if code]
        age, days, weight = (int(case[name]) if case[name] else None for name in ("age", "age_days", "weight_g"))
        if age is None and days is not None:
            age = 0  # the tables of this test have infants only
        if case["sex"] not in ("1", "2") or not diagnoses[0] or age is None:
            return None, None, "0000", False
        first = None
        for mdc in self.mdcs:
            if not self.enters(mdc["mdc"], case["sex"], age, diagnoses, operations):
                continue
            if mdc["mdc"] == "MDCP" and (days is None or (days <= 28 and weight is None)):
                return "MDCP", None, "0000", False
            if mdc["mdc"] != "MDCA":
                first = first or mdc["mdc"]
            for adrg in self.adrgs:
                if adrg["mdc"] == mdc["mdc"] and self.takes(adrg, days, weight, diagnoses, operations):
                    drgs = adrg["drgs"].split("|")
                    return mdc["mdc"], adrg["adrg"], next(drg for drg in drgs if self.fits(drg, diagnoses)), True
        return first, None, "0000", False

    def enters(self, mdc, sex, age, diagnoses, operations):
        if mdc == "MDCA":
            return bool(operations) and operations[0] in self.surgical
        if (mdc, diagnoses[0]) not in self.in_mdc:
            return False
        if mdc == "MDCZ":
            return len({self.part[code] for code in diagnoses if code in self.part}) >= 2
        return {"MDCP": age == 0, "MDCM": sex == "1", "MDCN": sex == "2"}.get(mdc, True)

    def takes(self, adrg, days, weight, diagnoses, operations):
        name = adrg["adrg"]
        listed = self.diagnoses[name]
        first = operations[0] if operations else None
        one, two, three, four = (bool(self.operations[name, n].intersection(operations)) for n in "1234")
        heavy = -1 if weight is None else weight
        words = {
            "always (rest group)": True,
            "多手术处理": True,
            "新生儿": days is not None and days <= 28,
            "主诊断匹配": diagnoses[0] in listed,
            "某一诊断匹配": bool(listed.intersection(diagnoses)),
            "主手术匹配": first in self.operations[name, "1"],
            "双手术匹配": one and two,
            "存在手术": first in self.surgical,
            "无手术": first not in self.surgical,
            "NA1特殊规则": one or (two and three),
            "JA1特殊规则": one and (two or (three and four)),
            "体重小于1500克": 0 <= heavy < 1500,
            "体重1500至2000克": 1500 <= heavy < 2000,
            "体重2000至2500克": 2000 <= heavy < 2500,
            "体重大于2500克": heavy >= 2500,
        }
        return all(words[word] for word in adrg["match_rule"].split("、"))

    def fits(self, drg, diagnoses):
        """Whether a DRG's severity is the case's; those of an ADRG are asked from the worst on."""
        own = self.excluding.get(diagnoses[0])

        def counts(table):
            return any(code in table and table[code] != own for code in diagnoses[1:])

        match self.severity[drg]:
            case "MCC":
                return counts(self.mcc)
            case "CC":
                return counts(self.mcc) or counts(self.cc)
        return True
