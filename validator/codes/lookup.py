"""What the code tables say of the codes on a list: whether a code is there, in force and grey, and whether the name fits.

Nothing here knows which standard it looks at: a form names its table, the table's versions say when they hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from validator.base.lazy import pl
from validator.codes import names, offline
from validator.codes.editions import Edition
from validator.codes.standards import Form
from validator.codes.tables import Book, Store, Version

#: What can be wrong with a well-formed code.
FAULTS = ("component", "not_in_table", "not_in_force", "wrong_edition")
#: What a code can be: at fault; known; well formed, but no table tells of it; not well formed (other checks' business).
STATES = (*FAULTS, "known", "unjudged", "malformed")
#: Verdicts, and days with the versions that hold on them, that are remembered: a service runs for months.
MOST, MOST_DAYS = 20_000, 1_000
_MOST_GREYS = 16  #: versions and days whose grey codes are remembered
_SHOWN = 3  #: finer codes that a finding names


@dataclass(frozen=True)
class CodeVerdict:
    """The verdict of the tables on one code on one day."""

    state: str  #: one of :data:`STATES`
    form: Form | None = None  #: how it is built; None = malformed
    standard: str | None = None  #: the table's name for it
    grey: bool | None = None  #: None = not stated
    suggested: str | None = None  #: the code to write instead
    note_zh: str = ""
    note_en: str = ""


@dataclass(frozen=True)
class Era:
    """The versions of all tables that hold on a day."""

    versions: Mapping[str, Version]
    day: date | None  #: only where a table dates single codes
    edition: Edition = "insurance"  #: that the codes are in

    @cached_property
    def key(self) -> tuple[object, ...]:
        """The key of the versions and the day by which codes are judged."""
        return (*(each.path for each in self.versions.values()), self.day, self.edition)

    def table(self, form: Form) -> Version | None:
        """The table of a form's codes: of the clinical edition the map's side, of an edition that is not known none."""
        if "map" not in form.companions or self.edition in ("insurance", "either"):
            return self.versions.get(form.table)
        return self.versions.get(f"{form.table}_map") if self.edition == "clinical" else None


class Judge:
    """Judges codes by the tables of one store; remembers each verdict, for codes come again and again."""

    def __init__(self, store: Store, pinned: Mapping[str, str]) -> None:
        """``pinned``: table -> the version that the profile asks for, whatever the day."""
        self.store, self.pinned = store, pinned
        self._eras: dict[tuple[date | None, Edition], Era] = {}
        self._memory: dict[object, dict[str, CodeVerdict]] = {}
        self._remembered = 0
        self._names: dict[object, dict[str, str]] = {}
        self._covers: dict[object, bool] = {}
        self._greys: dict[object, pl.Series | None] = {}

    @cached_property
    def tables(self) -> frozenset[str]:
        """The tables that are loaded."""
        return frozenset(each.table for each in self.store.versions())

    def era(self, day: date | None, edition: Edition = "insurance") -> Era:
        """The versions of the day, None: the newest, for codes of an edition."""
        era = self._eras.get((day, edition))
        if era is None:
            found = {table: self.store.at(table, day, self.pinned.get(table, "")) for table in sorted(self.tables)}
            there = {table: version for table, version in found.items() if version}
            era = Era(there, day if any(map(self._dated, there.values())) else None, edition)
            if len(self._eras) >= MOST_DAYS:
                self._eras.clear()
            self._eras[day, edition] = era
        return era

    def _dated(self, version: Version) -> bool:
        frame = self.store.book(version).frame
        return any(name in frame.columns and frame[name].count() for name in ("since", "until"))

    def verdicts(self, forms: Sequence[Form], codes: Iterable[str], era: Era) -> dict[str, CodeVerdict]:
        """What is known of each code, which may have any of the forms."""
        known = self._memory.setdefault((tuple(form.name for form in forms), era.key), {})
        found, made = {code: known.get(code) for code in codes}, dict[str, CodeVerdict]()
        new: dict[Form | None, list[str]] = {}
        for code, verdict in found.items():
            if verdict is None:
                new.setdefault(next((form for form in forms if form.split(code)), None), []).append(code)
        for form, some in new.items():
            made |= self._of_form(form, some, era) if form else dict.fromkeys(some, CodeVerdict("malformed"))
        self._remember(known, made)
        return {code: verdict or made[code] for code, verdict in found.items()}

    def _remember(self, known: dict[str, CodeVerdict], made: Mapping[str, CodeVerdict]) -> None:
        """Remember verdicts; all are forgotten when there are too many, for what is common comes again at once."""
        self._remembered += len(made)
        if self._remembered > MOST:
            self._memory.clear()
            self._remembered = 0
        else:
            known.update(made)

    def _of_form(self, form: Form, codes: list[str], era: Era) -> dict[str, CodeVerdict]:
        if "map" in form.companions and era.edition != "insurance":
            return self._of_edition(form, codes, era)
        return self._of_table(form, codes, era)

    def _of_edition(self, form: Form, codes: list[str], era: Era) -> dict[str, CodeVerdict]:
        """What is known of codes that are, or may be, of the clinical edition."""
        version = era.table(form)
        if version is None:
            return dict.fromkeys(codes, CodeVerdict("unjudged", form))
        if era.edition == "either":
            return {code: _unnamed(each) for code, each in self._of_table(form, codes, era).items()}
        book = self.store.book(version)
        rows = book.find(pl.Series(codes, dtype=pl.String)).to_list()
        names = book.frame["name"] if "name" in book.frame.columns else None
        return {
            code: self._not_clinical(form, code, book, era)
            if row is None
            else CodeVerdict("known", form, names[row] if names is not None else None)
            for code, row in zip(codes, rows, strict=True)
        }

    def _not_clinical(self, form: Form, code: str, book: Book, era: Era) -> CodeVerdict:
        """Why a code is not of the clinical edition."""
        version = era.versions.get(form.table)
        insurance = self.store.book(version) if version else None
        row = insurance.find(pl.Series([code], dtype=pl.String))[0] if insurance else None
        if insurance is None or row is None:
            zh, en = titled(form, book.version, "zh"), titled(form, book.version, "en")
            return CodeVerdict("not_in_table", form, note_zh=zh, note_en=en)
        name, sources = insurance.frame.item(row, "name"), book.frame.filter(pl.col("target") == code)["code"]
        other = sources[0] if sources.len() == 1 else None
        zh = f"这是医保版编码（{name}）" + (f"，国临版是 {other}" if other else "")
        en = f"a code of the insurance edition ({name})" + (
            f"; the clinical edition has {other} for it" if other else ""
        )
        return CodeVerdict("wrong_edition", form, name, suggested=other, note_zh=zh, note_en=en)

    def _of_table(self, form: Form, codes: list[str], era: Era) -> dict[str, CodeVerdict]:
        """What the table of the day says of codes of the insurance edition."""
        version = self._covering(form, era)
        if version is None:
            wrong = offline.check(form, codes)
            pointless = {
                code: CodeVerdict("component", form, note_zh=part, note_en=part) for code, part in wrong.items()
            }
            return {code: pointless.get(code, CodeVerdict("unjudged", form)) for code in codes}
        book = self.store.book(version)
        rows = book.find(pl.Series(codes, dtype=pl.String))
        grey = self._grey(version, era)
        listed = book.frame.select("name", "since", "until")[rows.drop_nulls()].rows()
        greys = [None] * len(listed) if grey is None else grey.gather(rows.drop_nulls()).to_list()
        there = iter(zip(listed, greys, strict=True))
        return {
            code: self._missing(form, code, version, era)
            if row is None
            else self._found(form, code, version, era, *next(there))
            for code, row in zip(codes, rows.to_list(), strict=True)
        }

    def _grey(self, version: Version, era: Era) -> pl.Series | None:
        """Which codes of a version are grey on the day; remembered."""
        key = (version.path, era.day)
        try:
            return self._greys[key]
        except KeyError:
            if len(self._greys) >= _MOST_GREYS:
                self._greys.clear()
            found = self._greys[key] = self.store.grey(version, era.day)
            return found

    def _covering(self, form: Form, era: Era) -> Version | None:
        """The version of the form's table, if it holds codes of that form: a table of one edition says nothing of another."""
        version = era.versions.get(form.table)
        key = (form.name, version and version.path)
        if version and key not in self._covers:
            self._covers[key] = bool(self.store.book(version).codes.str.contains(form.regex).any())
        return version if version and self._covers[key] else None

    def _found(
        self,
        form: Form,
        code: str,
        version: Version,
        era: Era,
        listed: tuple[str, date | None, date | None],
        grey: bool | None,
    ) -> CodeVerdict:
        name, since, until = listed
        if era.day and ((since and era.day < since) or (until and era.day > until)):
            return replace(_out_of_force(form, version, since, until), standard=name)
        zh, en = self._finer(code, version, era) if grey else ("", "")
        return CodeVerdict("known", form, name, grey, note_zh=zh, note_en=en)

    def _finer(self, code: str, version: Version, era: Era) -> tuple[str, str]:
        """The first of the codes of the same subcategory that are not grey."""
        book, grey = self.store.book(version), self._grey(version, era)
        assert grey is not None
        stem = code[:5]
        first, end = (book.codes.search_sorted(edge) for edge in (stem, f"{stem}\U0010ffff"))
        rows = [row for row in range(first, end) if not grey[row]]
        shown = [f"{book.codes[row]} {book.frame.item(row, 'name')}" for row in rows[:_SHOWN]]
        if not rows:
            return "，该亚目下没有更细的编码", "; its subcategory has no finer code"
        more_zh, more_en = (f" 等 {len(rows)} 个", f" … ({len(rows)} in all)") if len(rows) > _SHOWN else ("", "")
        return f"，可细化为：{'、'.join(shown)}{more_zh}", f"; finer ones are: {', '.join(shown)}{more_en}"

    def _missing(self, form: Form, code: str, version: Version, era: Era) -> CodeVerdict:
        """Why a well-formed code is not in the table of the day."""
        one = pl.Series([code], dtype=pl.String)
        for other in self.store.versions(form.table):
            row = self.store.book(other).find(one)[0]
            if row is not None:
                name, since, until = self.store.book(other).frame.select("name", "since", "until").row(row)
                return replace(_out_of_force(form, other, since or other.since, until or other.until), standard=name)
        mapped = era.versions.get(f"{form.table}_map")
        row = self.store.book(mapped).find(one)[0] if mapped else None
        if mapped and row is not None:
            target, name = self.store.book(mapped).frame.select("target", "target_name").row(row)
            zh = f"这是国家临床版编码，对应的医保版编码是 {target} {name or ''}"
            en = f"a code of the national clinical edition; the insurance edition has {target} {name or ''} for it"
            return CodeVerdict("wrong_edition", form, name, suggested=target, note_zh=zh, note_en=en)
        return CodeVerdict(
            "not_in_table", form, note_zh=titled(form, version, "zh"), note_en=titled(form, version, "en")
        )

    def code_of(self, form: Form, era: Era, name: str) -> str | None:
        """The code that bears a name; None if none or several do."""
        version = era.table(form) if era.edition != "either" else None
        if version is None or "name" not in self.store.book(version).frame.columns:
            return None
        if version.path not in self._names:
            self._names[version.path] = names.index(self.store.book(version).frame)
        return self._names[version.path].get(names.plain(name))


def titled(form: Form, version: Version, lang: str) -> str:
    """A version of a table in words; of a map, its side of the clinical edition."""
    if version.table != form.table:
        zh, en = f"国临版编码（{version.table} {version.version} 版）", "codes of the clinical edition"
        return zh if lang == "zh" else f"{en} ({version.table} {version.version})"
    return f"{form.title_zh}{version.version} 版" if lang == "zh" else f"the {form.title_en} table {version.version}"


def _unnamed(verdict: CodeVerdict) -> CodeVerdict:
    """A verdict without what the code means, where it is not known in which of two editions it is."""
    return replace(verdict, standard=None, grey=None, suggested=None)


def _out_of_force(form: Form, version: Version, since: date | None, until: date | None) -> CodeVerdict:
    zh = "、".join(word for word in (since and f"自 {since} 起", until and f"至 {until} 止") if word)
    en = ", ".join(word for word in (since and f"from {since}", until and f"until {until}") if word)
    return CodeVerdict(
        "not_in_force",
        form,
        note_zh=f"见于{titled(form, version, 'zh')}{f'，{zh}有效' if zh else ''}",
        note_en=f"it stands in {titled(form, version, 'en')}{f', in force {en}' if en else ''}",
    )
