"""A second grouper for folders of CHS-DRG tables (1.0, 1.1, 2.0), case by case in plain Python, straight from the tables.

It knows nothing of our frame, parser or grouper: what it does is read off the README next to the tables ("What is
sure"). Only two things come from us: a newborn that lacks days or weight in the category of newborns is not grouped
(it would fall into a group of another weight), and of a case that no ADRG takes we name the category that its principal
diagnosis led to first. Rules in the workbooks' own language are turned into Python by plain replacement.
"""

import csv
import re
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
            self.diagnoses[row["adrg"], row.get("list") or "1"].add(row["code"])
        for row in self.read("adrg_procedure"):
            self.operations[row["adrg"], row["list"]].add(row["code"])
        self.sets = {"OP_ALL": self.surgical}
        for mdc, code in self.in_mdc:
            self.sets.setdefault(f"DI_{mdc[-1]}00", set()).add(code)
        for prefix, lists in (("DI", self.diagnoses), ("OP", self.operations)):
            self.sets |= {f"{prefix}{'' if n == '1' else n}_{adrg}": codes for (adrg, n), codes in lists.items()}
        for row in self.read("sets"):
            self.sets.setdefault(row["set"], set()).add(row["code"])
        self.options = {row["option"]: row["value"] for row in self.read("options")}
        self.stated = {}

    def read(self, name):
        if not (self.folder / f"{name}.csv").exists():
            return []
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
            mine = (adrg for adrg in self.adrgs if adrg["mdc"] == mdc["mdc"])
            numbers = {"NL": age, "XB": int(case["sex"]), "XSRTL": days, "XSRTZ": weight}
            adrg = next((each for each in mine if self.takes(each, numbers, diagnoses, operations)), None)
            if (adrg is None or adrg["adrg"][1] >= "R") and self.ambiguous(mdc["mdc"], days, operations):
                return mdc["mdc"], None, f"{mdc['mdc'][-1]}QY", False
            if adrg:
                drgs = adrg["drgs"].split("|")
                return mdc["mdc"], adrg["adrg"], next(drg for drg in drgs if self.fits(drg, diagnoses)), True
        return first, None, "0000", False

    def ambiguous(self, mdc, days, operations):
        """Whether a case that no surgical ADRG takes is put into the group of ambiguous ones."""
        if not self.options.get("qy") or mdc == "MDCA" or mdc[-1] in self.options.get("qy_not", ""):
            return False
        if mdc == "MDCP" and not (days is not None and days <= 28):
            return False
        return bool(self.surgical.intersection(operations[: 1 if self.options["qy"] == "principal" else None]))

    def holds(self, rule, numbers, diagnoses, operations):
        """Whether a rule in the workbooks' language holds, by turning it into Python."""
        if rule not in self.stated:
            text = re.sub(r"\{([^}]*)\}", lambda found: f"({found[1]},)", rule)
            text = re.sub(r"(\([^()]*\)|\w+) (not )?in (\([^()]*\)|\w+)", r"\2 any_in(\1, \3)", text)
            text = re.sub(r"\b(D[I][0-9]*_\w+|OP[0-9]*_\w+)", r"sets['\1']", text)
            text = re.sub(r"\b(NL|XB|XSRTL|XSRTZ) *(>=|<=|<|>|=) *([0-9]+)", r"compare(\1, '\2', \3)", text)
            self.stated[rule] = compile(text.strip(), rule, "eval")
        known = {
            "ZYZD": diagnoses[:1], "QTZD": diagnoses[1:], "ZYSS": operations[:1], "QTSS": operations[1:], "sets": self.sets,
            "any_in": any_in, "compare": compare, **numbers,
        }  # fmt: skip
        return eval(self.stated[rule], {"__builtins__": {}}, known)  # noqa: S307 - a rule of the test's own tables

    def enters(self, mdc, sex, age, diagnoses, operations):
        rule = next(row["entry_condition"] for row in self.mdcs if row["mdc"] == mdc)
        if "ZYZD" in rule:
            return self.holds(rule, {"NL": age, "XB": int(sex), "XSRTL": None, "XSRTZ": None}, diagnoses, operations)
        if mdc == "MDCA":
            return bool(operations) and operations[0] in self.surgical
        if (mdc, diagnoses[0]) not in self.in_mdc:
            return False
        if mdc == "MDCZ":
            return len({self.part[code] for code in diagnoses if code in self.part}) >= 2
        sexes = re.search("sex=([12])", rule)
        return ("age in whole years = 0" not in rule or age == 0) and (not sexes or sexes[1] == sex)

    def takes(self, adrg, numbers, diagnoses, operations):
        name, days, weight = adrg["adrg"], numbers["XSRTL"], numbers["XSRTZ"]
        if "ZYZD" in adrg["match_rule"] or "ZYSS" in adrg["match_rule"]:
            return self.holds(adrg["match_rule"], numbers, diagnoses, operations)
        listed = self.diagnoses[name, "1"]
        first = operations[0] if operations else None
        one, two = (bool(self.operations[name, n].intersection(operations)) for n in "12")
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
            "体重小于1500克": 0 <= heavy < 1500,
            "体重1500至2000克": 1500 <= heavy < 2000,
            "体重1500至2500克": 1500 <= heavy < 2500,
            "体重2000至2500克": 2000 <= heavy < 2500,
            "体重大于2500克": heavy >= 2500,
        }
        return all(
            self.special(name, adrg["special"], operations) if word.endswith("特殊规则") else words[word]
            for word in adrg["match_rule"].split("、")
        )

    def special(self, adrg, text, operations):
        """A rule over the numbered lists of operations: ``1 or (2 and 3)``."""
        found = {n: bool(self.operations[adrg, n].intersection(operations)) for n in "12345"}
        expression = re.sub("[0-9]", lambda n: str(found[n[0]]), text.rpartition(":")[2].strip())
        return eval(expression, {"__builtins__": {}})  # noqa: S307 - a rule of the test's own tables

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


def any_in(codes, sets):
    """Whether one of the codes, or of several lists of codes, is in one of the sets."""
    lists = codes if isinstance(codes, tuple) else (codes,)
    return any(
        code in each for codes in lists for code in codes for each in (sets if isinstance(sets, tuple) else (sets,))
    )


def compare(number, sign, limit):
    """A comparison; unknown numbers fulfil none."""
    if number is None:
        return False
    return {
        ">=": number >= limit,
        "<=": number <= limit,
        "<": number < limit,
        ">": number > limit,
        "=": number == limit,
    }[sign]
