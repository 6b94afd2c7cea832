"""What the national tables look like as published (``codebooks/<standard>/tables.yaml``)."""

import re
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from validator.base import files, yaml_csv
from validator.base.language import Titled, say
from validator.codes import standards
from validator.codes.standards import Form

#: What a column can hold; in a code list ``code`` and ``name`` must be there, in a map ``code`` and ``target``.
ROLES = ("code", "name", "target", "target_name", "since", "until", "grey", "version", "drop")


@dataclass(frozen=True)
class CodeTable(Titled):
    """One table that the registry keeps."""

    name: str
    standard: str
    title_zh: str
    title_en: str
    headings: dict[str, tuple[str, ...]]  #: role -> expressions for headings of this table alone, best first
    further: tuple[str, ...]  #: forms of its codes besides those that name this table
    named: str  #: what file, sheet or title must say, or blank
    not_named: str  #: what they must not say, or blank
    several_names: bool  #: whether a code may come under several names

    @property
    def base(self) -> str:
        """The code list that a grey list or a map goes with; any other table's own name."""
        return self.name.removesuffix("_grey").removesuffix("_map")

    @property
    def is_map(self) -> bool:
        """Whether it gives codes for codes."""
        return self.name.endswith("_map")

    @property
    def needs(self) -> tuple[str, str]:
        """The roles without which it cannot be."""
        return ("code", "target") if self.is_map else ("code", "name")

    @property
    def coded(self) -> str:
        """The role whose codes have the forms of the table."""
        return "target" if self.is_map else "code"

    @cached_property
    def forms(self) -> tuple[Form, ...]:
        """How its codes are built; empty where that is not known."""
        known = standards.forms()
        return (*(form for form in known.values() if form.table == self.base), *(known[name] for name in self.further))

    @cached_property
    def regex(self) -> str:
        """What every one of its codes fits; blank where that is not known."""
        return rf"\A(?:{'|'.join(form.body for form in self.forms)})\z" if self.forms else ""

    @property
    def enforced(self) -> bool:
        """Whether how its codes are built is known well enough to refuse others."""
        return bool(self.forms) and all(form.sure != "unconfirmed" for form in self.forms if form.table)

    @property
    def without(self) -> str:
        """What is checked of its codes as long as it is not loaded."""
        if self.named:
            return say("不查灰码", "grey codes are not checked")
        if self.is_map:
            zh = "认不出国临版编码，也给不出对应的医保版编码"
            return say(zh, "codes of the clinical edition are not recognised nor mapped")
        if not self.forms:
            return say("不查", "nothing is checked")
        checks = {segment.check for form in self.forms for segment in form.segments}
        more = [words for check, words in _VERIFIED.items() if check in checks]
        zh, en = "、".join(["结构", *(zh for zh, _ in more)]), ", ".join(["structure", *(en for _, en in more)])
        return say(
            f"只查{zh}，不查编码是否存在、是否有效、名称是否相符",
            f"checked by {en} only: not existence, dates and names",
        )


#: What is verified of a code without a table, by the check of its segments.
_VERIFIED = {
    "who_icd10": ("WHO 类目亚目", "WHO's categories and subcategories"),
    "division": ("行政区划", "division"),
    "pinyin": ("拼音首字母", "pinyin initial"),
}


@cache
def load(root: Path | None = None) -> dict[str, CodeTable]:
    """Every table by name, in the order of the standards; :class:`~validator.base.errors.ConfigError` names a wrong line."""
    root = root or files.data("codebooks")
    found = dict[str, CodeTable]()
    for standard in standards.load():
        page = root / standard / "tables.yaml"
        for name, entry in (yaml_csv.read_yaml(page) if page.is_file() else {}).items():
            yaml_csv.allow_keys(page, entry, {"title", "title_en", "columns"}, _OPTIONAL)
            found[name] = CodeTable(
                name, standard, entry["title"], entry["title_en"], _headings(page, entry["columns"]),
                tuple(entry.get("forms", ())), entry.get("named", ""), entry.get("not_named", ""),
                bool(entry.get("several_names")),
            )  # fmt: skip
    return found


@cache
def common(root: Path | None = None) -> dict[str, tuple[str, ...]]:
    """Headings that any table may have, by role."""
    page = (root or files.data("codebooks")) / "tables.yaml"
    return _headings(page, yaml_csv.read_yaml(page)["columns"])


_OPTIONAL = {"forms", "named", "not_named", "several_names"}


def _headings(page: Path, columns: yaml_csv.Node) -> dict[str, tuple[str, ...]]:
    yaml_csv.allow_keys(page, columns, set(), set(ROLES))
    for role, expressions in columns.items():
        for each in expressions:
            try:
                re.compile(each)
            except (re.error, TypeError) as error:
                zh, en = f"“{each}”不是合法的正则：{error}", f"'{each}' is no valid expression: {error}"
                raise yaml_csv.fault(page, columns.lines[role], zh, en) from None
    return {role: tuple(expressions) for role, expressions in columns.items()}
