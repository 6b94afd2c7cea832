"""What loaded code tables and our own knowledge tables say of a code."""

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import polars as pl

from validator.base import files, yaml_csv
from validator.base.certainty import PLACEHOLDERS
from validator.base.language import Lang
from validator.codes import names, reference, standards, value_sets
from validator.codes.explain.model import Entry, Known, Remark
from validator.codes.standards import Form
from validator.codes.tables import Store, Version

_SHOWN = 5  #: codes that a remark names
_LONG = 7  #: a longer segment can be recognised by itself
_HALF = str.maketrans("（）—", "()–")
#: The tables whose codes the knowledge tables are about.
_KNOWN = ("icd10", "icd9cm3")


@dataclass
class TableFacts:
    """The versions of the tables that have a code, and the remarks that follow from them."""

    entries: list[Entry] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)


def of(form: Form, code: str, cut: bool, name: str, day: date | None, store: Store) -> TableFacts:
    """What the tables of the form say of ``code`` on ``day`` (None: by the newest version)."""
    if not form.table:
        return TableFacts()
    versions = store.versions(form.table)
    if not versions:
        named_zh, named_en = ("、名称对不对", " and bears the name") if name else ("", "")
        zh = f"没有加载码表 {form.table}，无法确定有没有这个编码{named_zh}；zhikong codebooks add 可加载"
        en = f"no table {form.table} is loaded, so whether the code exists{named_en} is not known"
        en += "; zhikong codebooks add loads one"
        return TableFacts(remarks=[Remark("info", zh, en)])
    current = store.at(form.table, day)
    if cut:
        return TableFacts(remarks=_below(code, current, day, store))
    entries = [entry for version in versions if (entry := _entry(version, code, day, current, store))]
    now = next((entry for entry in entries if entry.in_force), None)
    remarks = _mapped(form, code, bool(now), store)
    if now:
        remarks += _of_entry(now, name)
        remarks += _below(code[:5], current, day, store, grey=False) if now.grey else []
    elif entries:
        remarks += _out_of_force(form, entries[0], current, day, store)
    elif current:
        zh, en = f"{_titled(form, current, 'zh')}没有这个编码", f"{_titled(form, current, 'en')} has no such code"
        remarks.insert(0, Remark("error", zh, en))
        remarks += _below(code[:5], current, day, store) if form.table in _KNOWN else []
    else:
        zh, en = f"{day} 没有有效的{form.title_zh}码表", f"no version of {form.table} holds on {day}"
        remarks.insert(0, Remark("warning", zh, en))
    return TableFacts(entries, remarks)


def _titled(form: Form, version: Version, lang: Lang) -> str:
    return f"{form.title_zh} {version.version} 版" if lang == "zh" else f"version {version.version} of {form.table}"


def _entry(version: Version, code: str, day: date | None, current: Version | None, store: Store) -> Entry | None:
    """The row of a version that has the code."""
    book = store.book(version)
    place = book.find(pl.Series([code], dtype=pl.String))[0]
    if place is None:
        return None
    row: dict[str, Any] = book.frame.row(place, named=True)
    more = [name for name in book.columns if name not in row]
    further = book.further_columns(more).row(place, named=True) if more else {}
    since, until = row.get("since") or version.since, row.get("until") or version.until
    holds = day is None or ((since is None or since <= day) and (until is None or day <= until))
    grey = store.grey(version, day)
    columns = {key: str(value) for key, value in further.items() if value not in (None, "")}
    return Entry(
        version.table, version.version, code, row.get("name") or "", since, until, holds and version == current,
        None if grey is None else grey[place], columns,
    )  # fmt: skip


def _of_entry(entry: Entry, name: str) -> list[Remark]:
    remarks = []
    if entry.grey:
        remarks.append(
            Remark("warning", "灰码：一般不参与分组，应细化", "a grey code: groupers pass it over; code more finely")
        )
    if name and not names.same(name, entry.name):
        zh, en = f"名称应为“{entry.name}”", f"its name is {entry.name}"
        remarks.append(Remark("error", zh, en))
    return remarks


def _out_of_force(form: Form, entry: Entry, current: Version | None, day: date | None, store: Store) -> list[Remark]:
    """The code is not in force; its name may go on under another code."""
    when = f"（{entry.since or ''}—{entry.until or ''}）" if entry.since or entry.until else ""
    zh, en = (
        f"只见于 {entry.version} 版{when}",
        f"it stands in version {entry.version} only {when.translate(_HALF)}".strip(),
    )
    if current is None:
        zh, en = f"{day} 没有有效的{form.title_zh}码表；{zh}", f"no version of {form.table} holds on {day}; {en}"
    elif current.version != entry.version:
        zh = f"{_titled(form, current, 'zh')}没有这个编码；{zh}"
        en = f"{_titled(form, current, 'en')} has no such code; {en}"
    else:
        zh, en = f"{day} 不在有效期内{when}", f"not in force on {day} {when.translate(_HALF)}"
    remarks = [Remark("error", zh, en)]
    if current and entry.name:
        frame = store.book(current).frame
        heirs = frame.filter(pl.col("name") == entry.name, pl.col("code") != entry.code)["code"].to_list()
        if heirs:
            codes = "、".join(heirs[:_SHOWN])
            remarks.append(Remark("info", f"同名的后继编码：{codes}", f"the same name now has the code {codes}"))
    return remarks


def _mapped(form: Form, code: str, known: bool, store: Store) -> list[Remark]:
    """The insurance code that the newest map gives for the code of a clinical edition."""
    if "map" not in form.companions or not (version := store.at(f"{form.table}_map", None)):
        return []
    book = store.book(version)
    place = book.find(pl.Series([code], dtype=pl.String))[0]
    if place is None:
        return []
    target, title = book.frame.select("target", "target_name").row(place)
    if target == code:
        return []
    if known:
        zh = f"若是国家临床版的编码，对照为医保版 {target} {title or ''}"
        return [Remark("info", zh, f"if a code of the clinical edition is meant, it maps to {target} {title or ''}")]
    zh = f"这是国家临床版的编码，对照为医保版 {target} {title or ''}"
    return [Remark("error", zh, f"a code of the clinical edition; the insurance edition has {target} {title or ''}")]


def _below(beginning: str, current: Version | None, day: date | None, store: Store, grey: bool = True) -> list[Remark]:
    """The codes of the version in force that begin so, grey ones last or, where asked, not at all."""
    if not current:
        return []
    book, greys = store.book(current), store.grey(current, day)
    frame = book.frame.select("code", "name", grey=greys if greys is not None else pl.lit(None, pl.Boolean))
    wanted = pl.col("code").str.starts_with(beginning) & (grey | pl.col("grey").ne_missing(True))
    found = frame.filter(wanted).sort("grey", "code", nulls_last=False)
    if found.is_empty():
        return []
    shown = [f"{code} {name or ''}".strip() for code, name, _ in found.head(_SHOWN).iter_rows()]
    more = f" … ({found.height})" if found.height > _SHOWN else ""
    return [
        Remark(
            "info",
            f"以 {beginning} 开头的有：{'；'.join(shown)}{more}",
            f"those that begin with {beginning}: {'; '.join(shown)}{more}",
        )
    ]


def no_code(plain: str, store: Store) -> list[Remark]:
    """Return what is known of a text that does not look like a code."""
    if plain in PLACEHOLDERS:
        return [Remark("error", "这是占位符，不是编码", "a placeholder, no code")]
    remarks = [Remark("error", "不像任何一种医保编码", "looks like no code of the insurance's standards")]
    for form in standards.forms().values():
        for segment in form.segments:
            if len(segment.atoms) > _LONG and re.fullmatch(segment.form, plain):
                zh = f"像是{form.title_zh}里的“{segment.name_zh}”一段（{segment.meaning_zh}）"
                en = f"looks like one segment of a {form.title_en}: the {segment.name_en} ({segment.meaning_en})"
                remarks.append(Remark("info", zh, en))
    if any("㐀" <= char <= "鿿" for char in plain):
        remarks = [Remark("error", "这是名称，不是编码", "a name, no code")]
        for table in dict.fromkeys(form.table for form in standards.forms().values() if form.table):
            if current := store.at(table, None):
                named = store.book(current).frame.filter(pl.col("name") == plain)["code"].to_list()
                if named:
                    codes = "、".join(named[:_SHOWN])
                    remarks.append(Remark("info", f"{table} 中此名称的编码：{codes}", f"its code in {table}: {codes}"))
    return remarks


def knowledge_of(form: Form, code: str) -> list[Known]:
    """The rows of our knowledge tables that the code falls under."""
    if form.table not in _KNOWN:
        return []
    titles, found = yaml_csv.read_yaml(files.data("codebooks") / "knowledge" / "index.yaml"), []
    for name, table in reference.load().items():
        for column, other in (("code", "needs"), ("left", "right"), ("right", "left")):
            if column in table.prefixes:
                for row in table.matches(column, [code]).get(code, ()):
                    title = titles.get(name, (name, name))
                    zh, en = title[-2:] if column == "right" else title[:2]
                    found.append(_known(name, row, table.rows[row], zh, en, other))
    return list(dict.fromkeys(found))


def _known(table: str, row: str, cells: dict[str, str], zh: str, en: str, other: str) -> Known:
    sex, others = cells.get("sex", ""), cells.get(other, "").split()
    codes = " ".join(others[:_SHOWN]) + " …" * (len(others) > _SHOWN)
    names = value_sets.load()["gend"].names
    detail_zh, detail_en = names.get(sex, (codes, codes))
    zh, en = (title + f" {detail}" * bool(detail) for title, detail in ((zh, detail_zh), (en, detail_en)))
    return Known(table, row, f"{zh}：{cells['note_zh']}", f"{en}: {cells['note_en']}", cells["basis"], cells["sure"])
