"""Value sets (``codebooks/domains``): the codes that a field may hold, from when to when, and what they mean."""

import re
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, cached_property
from pathlib import Path
from unicodedata import normalize

from validator.base import files, yaml_csv
from validator.base.certainty import SURE, Sure
from validator.base.language import Lang

Span = tuple[date | None, date | None]
Names = dict[str, tuple[str, str]]
Synonyms = dict[str, tuple[str, ...]]
_BETWEEN = " / "  #: between the meanings of a code that has several
_BRACKETS = str.maketrans("", "", "()[]{}（）【】 \t\u3000")


@dataclass(frozen=True)
class ValueSetScheme:
    """One of several ways in which a value set is used in the field."""

    name: str
    title_zh: str
    title_en: str
    names: Names

    def title(self, lang: Lang) -> str:
        """What people call the scheme."""
        return self.title_zh if lang == "zh" else self.title_en


@dataclass(frozen=True)
class Domain:
    """One value set. ``names`` maps code to (Chinese, English), of all schemes unless one is chosen."""

    name: str
    title_zh: str
    title_en: str
    names: Names
    spans: dict[str, Span]  #: the codes that are not always in force -> since, until
    schemes: dict[str, ValueSetScheme]
    named_by: str  #: the fact that names a case's scheme
    open: bool  #: regions add codes of their own: a code outside the set only warns
    children: bool  #: regions add longer codes below these
    begins: tuple[str, int] | None  #: the set that has the first so many digits of the codes
    source: str
    version: str
    sure: Sure
    also: Synonyms  #: code -> what else people write in its place

    @cached_property
    def written_as(self) -> dict[str, tuple[str, ...]]:
        """A text as :func:`plain` makes it -> the codes that it may stand for, by their names and what else people write.

        A code that means several things counts only for what no other code means.
        """
        found: dict[str, list[str]] = {}
        for sole in (True, False):
            known = set(found)
            for code, (name, _) in self.names.items():
                meanings = name.split(_BETWEEN)
                if sole == (len(meanings) == 1):
                    texts = {plain(each) for each in (*meanings, *self.also.get(code, ()))}
                    for text in texts | {plain(without_brackets(each)) for each in meanings}:
                        if text not in known and code not in found.setdefault(text, []):
                            found[text].append(code)
        return {text: tuple(codes) for text, codes in found.items() if text}

    def label(self, code: str, lang: Lang) -> str:
        """What ``code`` means; the code itself when the set does not have it."""
        return self.names.get(code, (code, code))[lang == "en"]

    def title(self, lang: Lang) -> str:
        """What people call the set."""
        return self.title_zh if lang == "zh" else self.title_en

    def of(self, scheme: str) -> "Domain":
        """The set with the codes of one scheme only."""
        names = self.schemes[scheme].names
        return replace(self, names=names, spans={code: span for code, span in self.spans.items() if code in names})


def plain(text: str) -> str:
    """The text as names are compared: half width, small letters, without blanks and brackets."""
    return normalize("NFKC", text).casefold().translate(_BRACKETS)


def without_brackets(text: str) -> str:
    """The text without what stands in brackets."""
    return re.sub("（.*?）", "", text)


@cache
def load(root: Path | None = None) -> dict[str, Domain]:
    """Every value set named in ``index.yaml``; :class:`~validator.base.errors.ConfigError` names a wrong line."""
    root = root or files.data("codebooks") / "domains"
    index = yaml_csv.read_yaml(root / "index.yaml")
    return {name: _domain(root, name, entry) for name, entry in index.items()}


def _domain(root: Path, name: str, entry: yaml_csv.Node) -> Domain:
    optional = {"version", "open", "children", "begins", "note", "schemes", "named_by"}
    yaml_csv.allow_keys(root / "index.yaml", entry, {"title_zh", "title_en", "source", "sure"}, optional)
    if entry["sure"] not in SURE:
        raise yaml_csv.fault(
            root / "index.yaml", entry.lines["sure"], f"sure 应为 {SURE}", f"sure must be one of {SURE}"
        )
    titles = entry.get("schemes") or {}
    found, spans, also = _codes(root / f"{name}.csv", tuple(titles) or ("",))
    return Domain(
        name, entry["title_zh"], entry["title_en"], _together(found), spans,
        {each: ValueSetScheme(each, zh, en, found[each]) for each, (zh, en) in titles.items()}, str(entry.get("named_by", "")),
        bool(entry.get("open")), bool(entry.get("children")), _begins(root / "index.yaml", entry),
        entry["source"], str(entry.get("version", "")), entry["sure"], also,
    )  # fmt: skip


def _begins(path: Path, entry: yaml_csv.Node) -> tuple[str, int] | None:
    """The set, and how many leading digits of each code are of it."""
    if "begins" not in entry:
        return None
    begins = entry["begins"]
    if not (isinstance(begins, yaml_csv.Node) and begins.keys() == {"set", "digits"}):
        raise yaml_csv.fault(path, entry.lines["begins"], "begins 应写 set、digits", "begins needs set and digits")
    return str(begins["set"]), int(begins["digits"])


def _codes(path: Path, schemes: tuple[str, ...]) -> tuple[dict[str, Names], dict[str, Span], Synonyms]:
    """Scheme -> its codes in order, the spans of the codes that have one, and their synonyms."""
    found: dict[str, Names] = {scheme: {} for scheme in schemes}
    spans, also = dict[str, Span](), Synonyms()
    for line, cells in yaml_csv.read_csv(path, {"code", "name_zh", "name_en", "since", "until"}, {"scheme", "also"}):
        code, scheme = cells["code"], cells.get("scheme", "")
        if scheme not in found:
            raise yaml_csv.fault(path, line, f"没有方案“{scheme}”", f"there is no scheme '{scheme}'")
        if code in found[scheme]:
            raise yaml_csv.fault(path, line, f"代码“{code}”重复", f"code '{code}' is there twice")
        found[scheme][code] = (cells["name_zh"], cells["name_en"])
        since, until = yaml_csv.as_date(path, line, cells["since"]), yaml_csv.as_date(path, line, cells["until"])
        if since or until:
            spans[code] = (since, until)
        if cells.get("also"):
            also[code] = tuple(cells["also"].split("|"))
    return found, spans, also


def _together(found: dict[str, Names]) -> Names:
    """The codes of all schemes; a code that means several things names them all."""
    meanings: dict[str, list[tuple[str, str]]] = {}
    for names in found.values():
        for code, meaning in names.items():
            if meaning not in meanings.setdefault(code, []):
                meanings[code].append(meaning)
    return {
        code: (_BETWEEN.join(zh for zh, _ in each), _BETWEEN.join(en for _, en in each))
        for code, each in meanings.items()
    }
