"""A DRG scheme as a folder of tables: ``mdc.csv``, ``adrg.csv``, ``drg.csv`` and the lists of codes that they speak of."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from validator.base.errors import InputError
from validator.grouping import language
from validator.loaders.schemes.parts import SURGICAL, Group, listed, standard, whole
from validator.read import delimited
from validator.read.place import Place, quoted, some

#: The columns that each table must have.
TABLES = {
    "mdc": ("check_order", "mdc", "name", "entry_condition"),
    "mdc_diagnosis": ("mdc", "code"),
    "adrg": ("check_order", "adrg", "mdc", "match_rule", "drgs"),
    "adrg_diagnosis": ("adrg", "code"),
    "adrg_procedure": ("adrg", "code", "list"),
    "drg": ("drg", "name", "adrg", "severity"),
}
FURTHER = {
    "mcc": ("code", "exclusion_table"),
    "cc": ("code", "exclusion_table"),
    "cc_exclusion": ("exclusion_table", "principal_code"),
    "valid_procedure": ("code",),
    "icd10_dict": ("code", "name"),
    "icd9_dict": ("code", "name"),
    "icd10_map": ("from_code", "to_code"),
    "icd9_map": ("from_code", "to_code"),
    "options": ("option", "value"),
    "sets": ("set", "code"),
}
#: What ``options.csv`` may say: how a city's edition treats ambiguous and surgical cases (``docs/grouping.md``).
OPTIONS = {"qy": "|principal|any", "qy_not": "[A-Z]*", "skip_medical": "1?"}
#: What a rule in the workbooks' own language names; the words of these folders never do.
_STATED = re.compile(rf"\b({'|'.join(language.CODES + language.NUMBERS)})\b", re.IGNORECASE)
_ANY = "{ZYSS, QTSS}"
_NEWBORN = "XSRTL <= 28"
_SEVERITIES = {
    "MCC": "QTZD in MCC",
    "CC": "QTZD in MCC or QTZD in CC",  # where no group asks for MCC alone, an MCC case belongs here
    "no CC/MCC": "",
    "not split": "",
}


def is_scheme(path: Path) -> bool:
    """Whether a folder is one."""
    return (path / "mdc.csv").is_file() and (path / "adrg.csv").is_file()


def files(path: Path) -> list[Path]:
    """The tables of the scheme that are there."""
    return [file for name in TABLES | FURTHER if (file := path / f"{name}.csv").is_file()]


def read(path: str | Path) -> pl.DataFrame:
    """The scheme of a folder; :class:`InputError` names file and line of what is missing or not understood."""
    return _Folder(Path(path)).frame()


@dataclass
class _Table:
    """One file of the folder."""

    place: Place
    frame: pl.DataFrame  #: its columns as texts, and ``_line``


class _Folder:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.tables = {name: table for name, needs in (TABLES | FURTHER).items() if (table := self._read(name, needs))}
        for name in TABLES:
            if name not in self.tables:
                raise InputError(f"{path}：分组方案缺 {name}.csv", f"{path}: the scheme lacks {name}.csv")

    def _read(self, name: str, needs: tuple[str, ...]) -> _Table | None:
        file = self.path / f"{name}.csv"
        if not file.is_file():
            return None
        place = Place(str(file))
        grid = delimited.grid(file.read_bytes(), place)
        delimited.check_widths(grid, 0)
        headings = [str(cell).strip().lower() for cell in grid.rows[0]]
        if missing := [each for each in needs if each not in headings]:
            words = some(missing)
            raise place.at(grid.lines[0]).fault(f"缺列：{words}；看到的列：{some(headings)}", f"lacks columns: {words}")
        columns = dict(zip(headings, zip(*grid.rows[1:], strict=True), strict=False))
        frame = pl.DataFrame({heading: [cell.strip() for cell in columns.get(heading, ())] for heading in headings})
        return _Table(place, frame.with_columns(pl.Series("_line", grid.lines[1:], dtype=pl.UInt32)))

    def frame(self) -> pl.DataFrame:
        """All of it."""
        parts = self._part_sets()
        groups = [*self._mdcs(sorted(parts)), *self._adrgs(), *self._drgs()]
        options = {"surgical": SURGICAL if "valid_procedure" in self.tables else "", "edition": "insurance"}
        return whole(groups, self._lists(parts), options | self._options())

    def _options(self) -> dict[str, str]:
        """What ``options.csv`` says, where there is one."""
        if "options" not in self.tables:
            return {}
        table, found = self.tables["options"], dict[str, str]()
        for row in table.frame.iter_rows(named=True):
            name, value = row["option"], row["value"]
            if name not in OPTIONS or not re.fullmatch(OPTIONS[name], value):
                known, shown = "、".join(f"{each}={form}" for each, form in OPTIONS.items()), quoted(f"{name}={value}")
                raise table.place.at(row["_line"]).fault(
                    f"选项“{shown}”看不懂；可用：{known}",
                    f"unknown option {shown}; there are {known}",
                )
            found[name] = value
        return found

    def _mdcs(self, parts: list[str]) -> Iterator[Group]:
        """MDCs in the order in which they are tried."""
        for row, at in self._ordered("mdc"):
            code = row["mdc"]
            rules = _stated(row["entry_condition"], at)
            for words in () if rules else re.split(r"(?<!,) AND ", row["entry_condition"]):
                rule = _entry(words, code, parts)
                if rule is None:
                    group, shown = quoted(code), quoted(words, 60)
                    raise at.fault(
                        f"{group} 的入组条件看不懂：“{shown}”", f"the condition of {group}, '{shown}', is not known"
                    )
                rules.append(rule)
            yield Group("mdc", code, row["name"], " and ".join(rules), "", at)

    def _adrgs(self) -> Iterator[Group]:
        for row, at in self._ordered("adrg"):
            rules = _stated(row["match_rule"], at)
            for words in () if rules else row["match_rule"].split("、"):
                rule = _match(words, row["adrg"], row.get("special", ""))
                if rule is None:
                    code, shown = quoted(row["adrg"]), quoted(words, 60)
                    raise at.fault(
                        f"{code} 的匹配规则看不懂：“{shown}”", f"the match rule of {code} is not known: '{shown}'"
                    )
                rules.append(rule)
            name = row.get("name") or row.get("name_derived", "")
            yield Group("adrg", row["adrg"], name, " and ".join(filter(None, rules)), row["mdc"], at)

    def _drgs(self) -> Iterator[Group]:
        """DRGs, within each ADRG in the order that the ADRG tells."""
        table = self.tables["drg"]
        known = {row["drg"]: row for row in table.frame.iter_rows(named=True)}
        for adrg, at in self._ordered("adrg"):
            for code in filter(None, adrg["drgs"].split("|")):
                row = known.pop(code, None)
                if row is None or row["adrg"] != adrg["adrg"]:
                    zh, en = f"{adrg['adrg']} 的 {code} 不在 drg.csv 里", f"{code} of {adrg['adrg']} is not in drg.csv"
                    raise at.fault(zh, en)
                there = table.place.at(row["_line"])
                if row["severity"] not in _SEVERITIES:
                    zh, en = (
                        f"{code} 的 severity 看不懂：“{quoted(row['severity'])}”",
                        f"'{quoted(row['severity'])}' is no severity",
                    )
                    raise there.fault(zh, en)
                yield Group("drg", code, row["name"], _SEVERITIES[row["severity"]], adrg["adrg"], there)
        for code, row in known.items():
            there = table.place.at(row["_line"])
            raise there.fault(f"{code} 不在 adrg.csv 的 drgs 里", f"no ADRG of adrg.csv names {code}")

    def _ordered(self, name: str) -> Iterator[tuple[dict[str, str], Place]]:
        """The rows of a table by ``check_order``."""
        table = self.tables[name]
        order = table.frame["check_order"].cast(pl.Int64, strict=False)
        if order.has_nulls():
            line = table.frame.filter(order.is_null())["_line"][0]
            raise table.place.at(line).fault("check_order 不是整数", "check_order is no whole number")
        for row in table.frame.with_columns(_order=order).sort("_order", "_line").iter_rows(named=True):
            yield row, table.place.at(row["_line"])

    def _part_sets(self) -> dict[str, str]:
        """The set of each body part of multiple trauma, and the part."""
        frame = self.tables["mdc_diagnosis"].frame
        if "body_part" not in frame.columns:
            return {}
        found = frame.filter(pl.col("body_part") != "").select("mdc", "body_part").unique(maintain_order=True)
        return {f"DI_{mdc[-1]}{number:02}": part for number, (mdc, part) in enumerate(found.iter_rows(), 1)}

    def _lists(self, parts: dict[str, str]) -> Iterator[pl.DataFrame]:
        """Every list of codes."""
        diagnoses = self.tables["mdc_diagnosis"].frame
        yield listed("member", diagnoses.with_columns(parent="DI_" + pl.col("mdc").str.slice(-1) + "00"))
        if parts:
            of_part = pl.col("body_part").replace_strict({part: name for name, part in parts.items()}, default="")
            yield listed("member", diagnoses.with_columns(parent=of_part).filter(pl.col("parent") != ""))
        for name, prefix in (("adrg_diagnosis", "DI"), ("adrg_procedure", "OP")):
            frame = self.tables[name].frame
            number = pl.col("list").replace("1", "") if "list" in frame.columns else pl.lit("")
            yield listed("member", frame.with_columns(parent=pl.format(f"{prefix}{{}}_{{}}", number, "adrg")))
        for name, kind, columns in _LISTS:
            if name in self.tables:
                yield listed(kind, self.tables[name].frame.select(pl.all().exclude(columns), **columns))


#: Further tables: what their rows are, and the columns of the scheme that they fill otherwise than by name.
_LISTS: tuple[tuple[str, str, dict[str, pl.Expr]], ...] = (
    ("valid_procedure", "member", {"parent": pl.lit(SURGICAL)}),
    ("sets", "member", {"parent": pl.col("set")}),
    ("mcc", "cc", {"rule": pl.lit("MCC"), "parent": pl.col("exclusion_table")}),
    ("cc", "cc", {"rule": pl.lit("CC"), "parent": pl.col("exclusion_table")}),
    ("cc_exclusion", "exclusion", {"code": pl.col("principal_code"), "parent": pl.col("exclusion_table")}),
    ("icd10_dict", "diagnosis", {}),
    ("icd9_dict", "procedure", {}),
    ("icd10_map", "diagnosis_map", {"code": pl.col("from_code"), "parent": standard(pl.col("to_code"))}),
    ("icd9_map", "procedure_map", {"code": pl.col("from_code"), "parent": standard(pl.col("to_code"))}),
)


def _stated(text: str, at: Place) -> list[str]:
    """The rule that a cell states in the workbooks' own language; none if it is in words."""
    if not _STATED.search(text):
        return []
    try:
        language.parse(text)
    except language.RuleError as error:
        raise at.fault(
            f"规则读不懂：{error}（{text}）", f"the rule cannot be read at {error.place}: {error.en} ({text})"
        ) from None
    return [text]


def _entry(words: str, mdc: str, parts: list[str]) -> str | None:
    """One condition of an MDC as a rule; None if it is not known."""
    match words.strip():
        case "principal diagnosis in list":
            return f"ZYZD in DI_{mdc[-1]}00"
        case "age in whole years = 0":
            return "NL = 0"
        case "sex=1 (male)":
            return "XB = 1"
        case "sex=2 (female)":
            return "XB = 2"
        case "all diagnoses together cover >= 2 body parts" if len(parts) > 1:
            return "(" + " or ".join(_with_other_part(part, parts) for part in parts) + ")"
        case other if other.startswith("principal procedure in valid_procedure list"):
            return f"ZYSS in {SURGICAL}"
    return None


def _with_other_part(part: str, parts: list[str]) -> str:
    """The principal diagnosis in one body part, another diagnosis in another."""
    return f"ZYZD in {part} and QTZD in {{{', '.join(each for each in parts if each != part)}}}"


def _match(words: str, adrg: str, special: str) -> str | None:
    """One part of an ADRG's match rule as a rule, blank if it asks for nothing; None if it is not known."""
    if weights := re.fullmatch("体重(?:小于([0-9]+)|大于([0-9]+)|([0-9]+)至([0-9]+))克", words):
        below, above, low, high = weights.groups()
        return f"XSRTZ < {below}" if below else f"XSRTZ >= {above}" if above else f"XSRTZ >= {low} and XSRTZ < {high}"
    if words.endswith("特殊规则"):
        numbered = special.rpartition(":")[2].strip()
        if not re.fullmatch("(?:[0-9]+|and|or|[() ])+", numbered):
            return None
        return "(" + re.sub("[0-9]+", lambda number: f"{_ANY} in {_list(number[0], adrg)}", numbered) + ")"
    return {
        "主诊断匹配": f"ZYZD in DI_{adrg}",
        "某一诊断匹配": f"{{ZYZD, QTZD}} in DI_{adrg}",
        "主手术匹配": f"ZYSS in OP_{adrg}",
        "双手术匹配": f"{_ANY} in OP_{adrg} and {_ANY} in OP2_{adrg}",
        "多手术处理": "",  # says that a special rule counts several operations
        "新生儿": _NEWBORN,
        "存在手术": f"ZYSS in {SURGICAL}",
        "无手术": f"ZYSS not in {SURGICAL}",
        "always (rest group)": "",
    }.get(words)


def _list(number: str, adrg: str) -> str:
    return f"OP{'' if number == '1' else number}_{adrg}"
