"""The checks that every peer can say, taken from zhikong's own field rows and rules, and the two tables they are made on."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

KEY = "setl_id"  #: names the row in a peer's findings
INTERFACE, SHARE, SEED = "4101", 0.1, 1  #: a tenth of the lists have a planted defect
#: zhikong names these faults apart: where another library sees no value, or a text of another form.
_APART = {"required": ("placeholder", "damage"), "pattern": ("joined", "category")}


class Check(NamedTuple):
    """One check of a row; nothing is checked of a field without a value but that it is required."""

    name: str  #: zhikong's own
    field: str
    kind: str  #: required, value, pattern, length; of two fields: not_before, differs, needs
    given: Any = None  #: codes, a regular expression, characters; of ``needs`` the codes of the field that need the other, None = all
    other: str = ""  #: the second field

    @property
    def python_pattern(self) -> str:
        """The regular expression as Python's ``re`` has it."""
        return str(self.given).replace(r"\z", r"\Z")

    def broken(self) -> pl.Expr:
        """The rows that break it, in Polars; null or false: the others."""
        field, other = pl.col(self.field), pl.col(self.other or self.field)
        match self.kind:
            case "required":
                return field.is_null()
            case "value":
                return ~field.is_in(self.given)
            case "pattern":
                return ~field.str.contains(self.given)
            case "length":
                return field.str.len_chars() > self.given
            case "not_before":
                return field < other
            case "differs":
                return field == other
        needs = field.is_in(self.given) if self.given else field.is_not_null()
        return needs & other.is_null()

    def sql(self, matches: str = "regexp_matches") -> str:
        """The same in SQL; ``matches``: the function of a text and a regular expression."""
        match self.kind:
            case "required":
                return f"{self.field} IS NULL"
            case "value":
                return f"{self.field} NOT IN ({_listed(self.given)})"
            case "pattern":
                return f"NOT {matches}({self.field}, {_quoted(self.given)})"
            case "length":
                return f"LENGTH({self.field}) > {self.given}"
            case "not_before":
                return f"{self.field} < {self.other}"
            case "differs":
                return f"{self.field} = {self.other}"
        needs = f"{self.field} IN ({_listed(self.given)})" if self.given else f"{self.field} IS NOT NULL"
        return f"{needs} AND {self.other} IS NULL"


def _listed(codes: list[str]) -> str:
    return ", ".join(map(_quoted, codes))


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


#: Rules of two fields, by their ids.
_RULES = (
    Check("PY201", "setl_end_date", "not_before", other="setl_begn_date"),
    Check("ID127", "setl_id", "differs", other="mdtrt_id"),
    Check("ID136", "prfs", "needs", ["11", "13", "17", "21", "24"], "emp_name"),
    Check("SG111", "chfpdr_name", "needs", other="chfpdr_code"),
    Check("SG112", "chfpdr_code", "needs", other="chfpdr_name"),
    Check("BL101", "bld_unt", "needs", other="bld_cat"),
)


def make(folder: Path, cases: int) -> None:
    """Write the lists as they come (``lists``), the checked columns of their first table (``few``), and these cleaned and typed for
    the peers (``clean.parquet``), unless they are there; with the checks (``checks.json``).
    """
    if (folder / "checks.json").exists():
        return
    from validator import api, generate
    from validator.checks.typing import Typing

    catalogue = api.load()
    layout = catalogue.layouts[INTERFACE]
    rows = layout.tables[layout.case].fields
    generate.write(cases, SEED, SHARE, folder / "lists", "parquet", INTERFACE)
    known = {check.id for check in catalogue.field_checks(rows.values())}
    checks = [each for each in _of_fields(catalogue, rows.values()) if each.name in known]
    checks += _RULES
    used = list(dict.fromkeys([KEY, *(name for each in checks for name in (each.field, each.other) if name)]))
    raw = pl.read_parquet(folder / "lists" / layout.case / "*.parquet").select(used)
    typed = Typing(catalogue, [rows[name] for name in used]).apply(raw).frame.select(used)
    alone = ~typed.select(_doubly_wrong(checks)).to_series()
    (folder / "few").mkdir()
    raw.filter(alone).write_parquet(folder / "few" / f"{layout.case}.parquet")
    clean = typed.filter(alone).with_columns(pl.col(pl.Date).cast(pl.Datetime("us")))
    clean.write_parquet(folder / "clean.parquet")
    alike = {each.name: each.name for each in checks}
    for each in checks:
        names = (f"{layout.case}.{each.field}/{aspect}" for aspect in _APART.get(each.kind, ()))
        alike |= dict.fromkeys(known.intersection(names), each.name)
    content = {"checks": checks, "alike": alike}
    (folder / "checks.json").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


def _doubly_wrong(checks: list[Check]) -> pl.Expr:
    """Rows that break a check of two fields one of which is wrong by itself: zhikong judges by no such value, the others do."""
    own = [each for each in checks if not each.other and each.kind != "required"]
    both = (
        two.broken() & one.broken()
        for two in checks
        for one in own
        if two.other and one.field in (two.field, two.other)
    )
    return pl.any_horizontal(each.fill_null(value=False) for each in both)


def read(folder: Path) -> tuple[list[Check], dict[str, str]]:
    """The checks; and zhikong's check -> the one of ours that it is part of."""
    content = json.loads((folder / "checks.json").read_text(encoding="utf-8"))
    return [Check(*each) for each in content["checks"]], content["alike"]


def _of_fields(catalogue: Any, rows: Any) -> Iterator[Check]:
    """The checks of a table's texts that need no other column and no code table."""
    for row in rows:
        if row.dated or row.blank or row.type not in ("string", "code"):
            continue
        name = f"{row.table}.{row.field}"
        if row.required:
            yield Check(f"{name}/required", row.field, "required")
        if row.length:
            yield Check(f"{name}/length", row.field, "length", row.length)
        domain = catalogue.domains[row.domain] if row.domain else None
        if domain and not domain.spans and not domain.children and not row.pattern:
            yield Check(f"{name}/value", row.field, "value", list(domain.names))
        if row.pattern and not row.domain:
            yield Check(f"{name}/pattern", row.field, "pattern", catalogue.patterns[row.pattern].regex)
