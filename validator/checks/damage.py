"""What programs on the way did to a text, and what it was before: Excel's lost zeros, export guards, names in place of codes.

Plain Python on one text and its field, the same for a single list and a batch; callers ask once for each distinct text.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from validator.base.certainty import NULL_WORDS
from validator.base.regexes import compiled
from validator.codes.standards import Form
from validator.codes.value_sets import Domain, plain
from validator.spec.layouts import FieldRow

#: A Chinese character, and what its loss leaves: U+FFFD, its bytes read in another encoding, question marks.
_HAN = "[\u3400-\u9fff]"
_RUBBISH = r"\x{FFFD}|锟斤拷|烫烫烫|屯屯屯"
_LOST = rf"{_RUBBISH}|{_HAN}\?+{_HAN}"
_LOST_ANYWHERE = rf"{_RUBBISH}|\?\?|{_HAN}\?|\?{_HAN}"  #: a question mark in the name of a disease may be doubt
_NEVER = r"\z."
_POWER = r"\A[0-9](\.[0-9]+)?[Ee]\+[0-9]{1,3}\z|\A[0-9]\.[0-9]+[Ee][0-9]{1,3}\z"  #: what Excel makes of a long number
#: What exports put around or into a text to make Excel keep it, and characters that nobody sees. Python takes milliseconds to
#: compile one class of so many characters.
RESIDUE = (
    r"""\A="[^"]*"\z|\A'|_x000D_"""
    r"|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x{AD}]|[\x{200B}-\x{200F}\x{202A}-\x{202E}]|[\x{2060}\x{FEFF}]"
)
_NUMBER = re.compile(r"([0-9]+)(?:\.([0-9]+))?", re.ASCII)
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?", re.ASCII)
_CODE_AND_NAME = re.compile(r"([0-9A-Za-z.]+)\s*[-—_.、:：|,，)）]?\s*([^0-9A-Za-z.].*)")
_MOST_LEFT, _MOST_RIGHT = 3, 4  #: zeros that a code may have lost in front and behind


class Repair(NamedTuple):
    """What to write in place of a damaged text, where that is known, and what happened to it."""

    suggested: str | None
    applicability: str | None  #: safe or judge; None without a suggestion
    note_zh: str
    note_en: str


def lost(row: FieldRow) -> str:
    """The regular expression of texts of which something is lost for good.

    It matches nothing where values are not text: what cannot be read there is another check's business.
    """
    if row.type not in ("string", "code"):
        return _NEVER
    return f"{_POWER}|{_LOST if row.names else _LOST_ANYWHERE}"


def suspect(row: FieldRow) -> str:
    """The regular expression of texts that something happened to."""
    return f"{RESIDUE}|{lost(row)}"


def bare(text: str) -> str:
    """The text without what exports put around it and without characters that nobody sees."""
    if text[:2] == '="' and text[-1:] == '"' and len(text) > 2:
        text = text[2:-1]
    elif text[:1] == "'":
        text = text[1:].removesuffix("'")
    return compiled(RESIDUE).sub("", text) if compiled(RESIDUE).search(text) else text


def of_text(row: FieldRow, text: str) -> Repair | None:
    """What happened to a text that has nothing left to check: a program's word for nothing, or something lost.

    Where a field is required, the word is as good as blank, which is a check of its own.
    """
    if not text:
        return None
    if text in NULL_WORDS:
        return (
            None
            if row.required
            else Repair("", "safe", "这是程序里表示“没有”的字样，等于没有填写", "a program's word for nothing")
        )
    if compiled(_POWER).search(text):
        return Repair(
            None, None,
            "是科学计数法，后面的数字已经丢失，原来的号码找不回来",
            "a long number in powers of ten, whose last digits are lost",
        )  # fmt: skip
    if compiled(lost(row)).search(text):
        return Repair(
            None, None,
            "里面有字在转换编码时丢失了（变成 ? 或乱码）",
            "some characters of it were lost between encodings",
        )  # fmt: skip
    return None


def of_value(domain: Domain, text: str) -> Repair | None:
    """The code of a value set that a text stands for: one that lost its zeros, or a name."""
    if found := _NUMBER.fullmatch(text):
        return _padded(domain, text, *found.groups(""))
    codes = domain.written_as.get(plain(text), ())
    if not codes and (found := _CODE_AND_NAME.fullmatch(text)) and found[1] in domain.names:
        codes = tuple(code for code in domain.written_as.get(plain(found[2]), ()) if code == found[1])
    if not codes and text.upper() in domain.names:
        codes = (text.upper(),)
    if not codes:
        return None
    sure = len(codes) == 1 and domain.sure != "unconfirmed"
    zh, en = f"；填的是文字，代码是 {codes[0]}", f"; it is a name, whose code is {codes[0]}"
    if len(codes) > 1:
        zh, en = f"；填的是文字，代码可能是 {'、'.join(codes)}", f"; it is a name, whose code may be {', '.join(codes)}"
    return Repair(codes[0], "safe" if sure else "judge", zh, en)


_MOST_DIGITS = 40  #: of a code of a value set, zeros in front of it among them


def _padded(domain: Domain, text: str, whole: str, places: str) -> Repair | None:
    """The only code of the set that is the same number."""
    if places.strip("0") or len(whole) > _MOST_DIGITS:
        return None
    codes = [code for code in domain.names if code != text and code.isdigit() and int(code) == int(whole)]
    if domain.children and not codes and f"0{whole}"[:2] in domain.names:
        codes = [f"0{whole}"]
    if len(codes) == 1:
        same = codes[0] == whole  # 1.0 for 1
        firm = not (domain.open or domain.schemes or domain.children or domain.sure == "unconfirmed")
        zh, en = _zeros(codes[0]) if not same else ("；多了小数点和 0", "; with a decimal point too many")
        return Repair(codes[0], "safe" if same or firm else "judge", zh, en)
    codes = list(domain.written_as.get(plain(text), ()))  # a code of another standard: 156 for CHN
    return Repair(codes[0], "safe", f"；代码应是 {codes[0]}", f"; the code is {codes[0]}") if len(codes) == 1 else None


def of_code(forms: Sequence[Form], text: str, known: Callable[[Form, str], bool | None]) -> Repair | None:
    """The only code of some forms that is the same number: 51.2300 for 51.23, 01.3104 for 1.3104.

    ``known``: whether a form's table has a code; None where no table tells.
    """
    found = [(form, code) for code in _with_zeros(text) for form in forms if form.split(code)]
    listed = [(known(form, code), code) for form, code in found]
    codes = {code for there, code in listed if there} or {code for there, code in listed if there is None}
    if len(codes) != 1:
        return None
    code = codes.pop()
    return Repair(code, "judge", *_zeros(code))


def of_number(text: str) -> Repair | None:
    """The number without thousands separators."""
    if not _GROUPED.fullmatch(text):
        return None
    return Repair(text.replace(",", ""), "safe", "；带着千分位", "; with thousands separators")


def _with_zeros(text: str) -> Iterator[str]:
    """The texts that Excel would make into this number."""
    if found := _NUMBER.fullmatch(text):
        whole, places = found.groups("")
        for left in range(_MOST_LEFT + 1):
            for right in range(_MOST_RIGHT + 1):
                if left or right:
                    yield "0" * left + whole + ("." if places or right else "") + places + "0" * right


def _zeros(code: str) -> tuple[str, str]:
    return f"；像是存成数字时丢了 0，原来是 {code}", f"; it seems to have lost zeros as a number and to be {code}"
