"""The 15 national coding standards (``codebooks/<standard>/standard.yaml``): how each code is built, segment by segment."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache, cached_property
from itertools import groupby, product
from pathlib import Path

from validator.base import files, yaml_csv
from validator.base.certainty import SURE, Sure
from validator.base.language import Lang

#: How a segment can be verified without a table.
CHECKS = ("who_icd10", "division", "pinyin", "company")
FOLDS = ("", "icd", "upper")
_STANDARD = {"number", "title", "title_en", "document", "sure", "about", "about_en"}
_FORM = {"title", "title_en", "sure", "segments", "examples", "wrong"}
_FORM_MAY = {"document", "fold", "table", "companions", "joined", "irregular", "expected", "expected_en"}
_SEGMENT = {"name", "name_en", "form", "meaning", "meaning_en"}
#: A character, or some of a class.
_ATOM = re.compile(r"(\\[^A-Za-z0-9]|\[[^]^]+\]|[^\\\[\](){}|?*+.^$])(?:\{([0-9]+)\})?")


@dataclass(frozen=True, eq=False)
class Segment:
    """One part of a code. ``form``: a regular expression that Rust and Python read alike."""

    name_zh: str
    name_en: str
    form: str
    meaning_zh: str
    meaning_en: str
    optional: bool
    group: str  #: neighbours of one group are there together or not at all
    stands: str  #: what the code is called when it is cut after this segment (category …); blank if nothing
    check: str  #: one of :data:`CHECKS`, or blank
    values: dict[str, tuple[str, str]]  #: beginning of the text -> what it means, Chinese and English

    def name(self, lang: Lang) -> str:
        """What the segment is called."""
        return self.name_zh if lang == "zh" else self.name_en

    def meaning(self, lang: Lang) -> str:
        """What it says."""
        return self.meaning_zh if lang == "zh" else self.meaning_en

    def value(self, text: str, lang: Lang) -> str:
        """Return what the text means, by its longest known beginning; blank where that is not known."""
        known = [beginning for beginning in self.values if text.startswith(beginning)]
        return self.values[max(known, key=len)][lang == "en"] if known else ""

    @cached_property
    def atoms(self) -> tuple[str, ...]:
        """One expression for each character of the segment."""
        return tuple(atom for atom, count in _ATOM.findall(self.form) for _ in range(int(count or 1)))

    def spelt(self, lang: Lang) -> str:
        """How the segment is written, in words: 1 位大写字母、3 位数字."""
        words = []
        for literal, run in groupby(self.atoms, key=lambda atom: not atom.startswith("[")):
            if literal:
                text = "".join(atom.removeprefix("\\") for atom in run)
                words.append(f"“{text}”" if lang == "zh" else f"'{text}'")
            else:
                words += [_spelt(atom, len(list(some)), lang) for atom, some in groupby(run)]
        return ("、" if lang == "zh" else ", ").join(words)


@dataclass(frozen=True, eq=False)
class Form:
    """One way in which codes are built."""

    name: str
    standard: str
    title_zh: str
    title_en: str
    document: str  #: key of the register of documents
    sure: Sure
    fold: str  #: how letter case may be fixed to fit: ``icd``, ``upper`` or blank
    table: str  #: the table whose codes have this form, or blank
    companions: tuple[str, ...]  #: lists kept next to the table: ``grey`` codes, ``map`` of another edition's codes
    joined: str  #: a form whose codes are sometimes pasted behind these, or blank
    segments: tuple[Segment, ...]
    irregular: tuple[str, ...]  #: codes that the official table has although they break the rule
    examples: dict[str, tuple[str, str]]  #: code -> what it means, Chinese and English
    wrong: tuple[str, ...]  #: what looks like such a code and is none
    expected: tuple[str, str]  #: what a finding says should stand there, Chinese and English

    def title(self, lang: Lang) -> str:
        """Return what codes of this form are called."""
        return self.title_zh if lang == "zh" else self.title_en

    @cached_property
    def body(self) -> str:
        """The regular expression without anchors."""
        rule = _joined(self.segments)
        return f"(?:{'|'.join((rule, *map(re.escape, self.irregular)))})" if self.irregular else rule

    @cached_property
    def regex(self) -> str:
        r"""The regular expression of whole codes, for Polars (``\A…\z``)."""
        return rf"\A{self.body}\z"

    @cached_property
    def levels(self) -> dict[str, str]:
        """What a cut code is called -> the regular expression of such codes: ``category`` -> K80, not final.

        Where nothing must follow, the cut code is whole.
        """
        main = [each for each in self.segments if not each.group]
        ends = [
            place for place, each in enumerate(main) if each.stands and not all(x.optional for x in main[place + 1 :])
        ]
        return {main[place].stands: rf"\A{_joined(main[: place + 1])}\z" for place in ends}

    @cached_property
    def shapes(self) -> tuple[tuple[Segment, ...], ...]:
        """Every choice of segments that makes a code, shortest first."""
        runs = [(group, list(some)) for group, some in groupby(self.segments, key=lambda each: each.group)]
        choices = []
        for group, some in runs:
            kept = product(*([(each,), ()] if each.optional else [(each,)] for each in some))
            choices.append([sum(each, ()) for each in kept] + ([()] if group else []))
        return tuple(sorted((sum(each, ()) for each in product(*choices)), key=_width))

    @cached_property
    def lengths(self) -> tuple[int, ...]:
        """How many characters such codes have."""
        return tuple(sorted({_width(shape) for shape in self.shapes}))

    @cached_property
    def _splitter(self) -> re.Pattern[str]:
        return re.compile(_joined(self.segments, named=True), re.ASCII)

    def split(self, code: str) -> list[tuple[Segment, str]] | None:
        """The segments that ``code`` has, with their text; None when it is not built like this.

        A code that only the official table excuses is one segment: it cannot be taken apart.
        """
        if found := self._splitter.fullmatch(code):
            return [(each, text) for each, text in zip(self.segments, found.groups(), strict=True) if text]
        return [(_WHOLE, code)] if code in self.irregular else None

    def claims(self, code: str) -> list[tuple[Segment, str]]:
        """The segments of ``code`` that can be verified, with what each points at: its own text or, where codes are also
        cut after it, all from the category on (K80.1). Empty when the code is not built like this.
        """
        found, stem = [], ""
        for each, text in self.split(code) or ():
            stem = text if each.stands == "category" else stem + text
            if each.check:
                found.append((each, stem if each.stands else text))
        return found


@dataclass(frozen=True, eq=False)
class FormGroup:
    """Forms that fields name as one. ``expected``: what a finding says should stand there, Chinese and English."""

    forms: tuple[str, ...]
    expected: tuple[str, str]
    sure: Sure


@dataclass(frozen=True, eq=False)
class Standard:
    """One of the 15 standards. Without forms nothing is known of how its codes are built, and nothing is enforced."""

    number: int
    name: str
    title_zh: str
    title_en: str
    document: str
    sure: Sure
    about_zh: str
    about_en: str
    forms: dict[str, Form]
    groups: dict[str, FormGroup]  #: of its own forms and others'

    def title(self, lang: Lang) -> str:
        """The official title, or what it says in English."""
        return self.title_zh if lang == "zh" else self.title_en

    def about(self, lang: Lang) -> str:
        """What the standard codes and how far it is known."""
        return self.about_zh if lang == "zh" else self.about_en


_WHOLE = Segment(
    "整体", "whole", ".+", "国家码表原有的特例，不合编码规则，不能拆分",
    "stands in the national table although it breaks the rule; it cannot be taken apart", False, "", "", "", {},
)  # fmt: skip


def _width(shape: tuple[Segment, ...]) -> int:
    return sum(len(each.atoms) for each in shape)


def _spelt(atom: str, count: int, lang: Lang) -> str:
    """``count`` characters of a class, in words."""
    spans, many = re.findall(r".-.|.", atom[1:-1]), "s" if count > 1 else ""
    single = [span for span in spans if len(span) == 1]
    if len(single) == len(spans):
        return " 或 ".join(single) if lang == "zh" else " or ".join(single)
    letters = [span.replace("-", "–") for span in spans if len(span) > 1 and span.isupper()]
    some = letters and letters != ["A–Z"]
    zh, en = ["数字"] * ("0-9" in spans), [f"digit{many}"] * ("0-9" in spans)
    if letters:
        zh.append("大写字母" + f"（{'、'.join(letters)}）" * bool(some))
        en.append(f"capital letter{many}" + f" ({', '.join(letters)})" * bool(some))
    zh += [f"小写 {each}" for each in single]
    en += [f"lower-case {each}" for each in single]
    return f"{count} 位{'或'.join(zh)}" if lang == "zh" else f"{count} {' or '.join(en)}"


def _joined(segments: tuple[Segment, ...] | list[Segment], named: bool = False) -> str:
    """The segments' expressions in a row, each captured where ``named``."""
    parts = []
    for group, some in groupby(segments, key=lambda each: each.group):
        run = "".join(_part(each, named) for each in some)
        parts.append(f"(?:{run})?" if group else run)
    return "".join(parts)


def _part(segment: Segment, named: bool) -> str:
    form = f"({segment.form})" if named else f"(?:{segment.form})" if "|" in segment.form else segment.form
    if not segment.optional:
        return form
    return f"{form}?" if named else f"(?:{segment.form})?"


@cache
def load(root: Path | None = None) -> dict[str, Standard]:
    """Every standard by name, in official order; :class:`~validator.base.errors.ConfigError` names a wrong line."""
    pages = sorted((root or files.data("codebooks")).glob("*/standard.yaml"))
    found = sorted((_standard(page) for page in pages), key=lambda each: each.number)
    known = {name for standard in found for name in standard.forms}
    names: dict[str, str] = {}
    for standard in found:
        page = next(each for each in pages if each.parent.name == standard.name)
        for name in (*standard.forms, *standard.groups):
            if name in names:
                zh, en = f"名称“{name}”已见于 {names[name]}", f"the name '{name}' is also in {names[name]}"
                raise yaml_csv.fault(page, None, zh, en)
            names[name] = standard.name
        _forms_known(page, known)
    return {standard.name: standard for standard in found}


def _forms_known(path: Path, known: set[str]) -> None:
    """The forms that groups and ``joined`` name are there."""
    page = yaml_csv.read_yaml(path)
    named = [(each, "forms", form) for each in (page.get("groups") or {}).values() for form in each["forms"]]
    named += [(each, "joined", each["joined"]) for each in (page.get("forms") or {}).values() if "joined" in each]
    for entry, key, form in named:
        if form not in known:
            raise yaml_csv.unknown(path, entry.lines[key], key, form, known)


def forms() -> dict[str, Form]:
    """Every form by name, in the order of the standards."""
    return {name: form for standard in load().values() for name, form in standard.forms.items()}


def _standard(path: Path) -> Standard:
    page = yaml_csv.read_yaml(path)
    yaml_csv.allow_keys(path, page, _STANDARD, {"forms", "groups"})
    _among(path, page, "sure", SURE)
    name = path.parent.name
    return Standard(
        page["number"], name, page["title"], page["title_en"], page["document"], page["sure"],
        page["about"], page["about_en"],
        {key: _form(path, key, entry, name, page["document"]) for key, entry in (page.get("forms") or {}).items()},
        {key: _group(path, entry) for key, entry in (page.get("groups") or {}).items()},
    )  # fmt: skip


def _group(path: Path, entry: yaml_csv.Node) -> FormGroup:
    yaml_csv.allow_keys(path, entry, {"forms", "expected", "expected_en", "sure"}, set())
    _among(path, entry, "sure", SURE)
    return FormGroup(tuple(entry["forms"]), (entry["expected"], entry["expected_en"]), entry["sure"])


def _form(path: Path, name: str, entry: yaml_csv.Node, standard: str, document: str) -> Form:
    yaml_csv.allow_keys(path, entry, _FORM, _FORM_MAY)
    _among(path, entry, "sure", SURE)
    _among(path, entry, "fold", FOLDS)
    form = Form(
        name, standard, entry["title"], entry["title_en"], entry.get("document", document), entry["sure"],
        entry.get("fold", ""), entry.get("table", ""), tuple(entry.get("companions", ())), entry.get("joined", ""),
        tuple(_segment(path, each) for each in entry["segments"]), tuple(entry.get("irregular", ())),
        {code: (zh, en) for code, (zh, en) in entry["examples"].items()}, tuple(map(str, entry["wrong"])),
        (entry.get("expected", ""), entry.get("expected_en", "")),
    )  # fmt: skip
    if not all(form.expected):
        form = replace(form, expected=_expected(form))
    for key, code in _misfits(form):
        line = entry[key].lines[code] if key == "examples" else entry.lines[key]
        raise yaml_csv.fault(path, line, f"“{code}”与 {name} 的结构不一致", f"'{code}' belies how {name} is built")
    return form


def _expected(form: Form) -> tuple[str, str]:
    """Title, length and first examples: 医用耗材编码（20 或 27 位，如 C0201010520000100001）."""
    codes, lengths = list(form.examples)[:2], [str(each) for each in form.lengths] if len(form.lengths) < 3 else []
    zh, en = (f"{' 或 '.join(lengths)} 位，", f"{' or '.join(lengths)} characters, ") if lengths else ("", "")
    article = "an" if form.title_en[0] in "aeiou" else "a"
    return (
        f"{form.title_zh}（{zh}如 {'、'.join(codes)}）",
        f"{article} {form.title_en} ({en}such as {' or '.join(codes)})",
    )


def _misfits(form: Form) -> Iterator[tuple[str, str]]:
    """Examples that the form does not fit and wrong codes that it does."""
    yield from (("examples", code) for code in form.examples if not form.split(code))
    yield from (("irregular", code) for code in form.irregular if form._splitter.fullmatch(code))  # noqa: SLF001
    yield from (("wrong", code) for code in form.wrong if form.split(code))


def _segment(path: Path, entry: yaml_csv.Node) -> Segment:
    yaml_csv.allow_keys(path, entry, _SEGMENT, {"optional", "group", "stands", "check", "values"})
    _among(path, entry, "check", ("", *CHECKS))
    form = str(entry["form"])
    if "".join(found[0] for found in _ATOM.finditer(form)) != form:
        zh = "段的写法只由字符和字符集组成，可带次数，如 '[A-Z][0-9]{3}'、'\\.[0-9x]'"
        en = "a segment is a row of characters and classes, with counts: '[A-Z][0-9]{3}', '\\.[0-9x]'"
        raise yaml_csv.fault(path, entry.lines["form"], zh, en)
    return Segment(
        entry["name"], entry["name_en"], form, entry["meaning"], entry["meaning_en"],
        bool(entry.get("optional")), entry.get("group", ""), entry.get("stands", ""), entry.get("check", ""),
        {text: (zh, en) for text, (zh, en) in entry.get("values", {}).items()},
    )  # fmt: skip


def _among(path: Path, entry: yaml_csv.Node, key: str, known: tuple[str, ...]) -> None:
    if entry.get(key, known[0]) not in known:
        names = "、".join(each for each in known if each)
        raise yaml_csv.fault(path, entry.lines[key], f"{key} 应为：{names}", f"{key} must be one of: {names}")
