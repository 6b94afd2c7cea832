"""Hiding personal data: enough is left to find the person in one's own system, not enough to tell who it is.

What is personal is one decision for every output: fields that hold it (``personal`` of a field row) by :func:`masked`,
texts that look like it wherever they stand by :func:`persons`, names of staff where a report leaves the department by
:func:`staff`.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Sequence

from validator.base.certainty import NULL_WORDS
from validator.base.language import say
from validator.base.lazy import pl
from validator.base.rows import rows_where

#: Resident ID, mobile and landline numbers among other text: what is before, beginning, end, what follows; how much is hidden.
_DAY = "(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
_BEFORE, _AFTER = "(^|[^0-9A-Za-z])", "($|[^0-9A-Za-z])"
_NUMBERS = (  # zeros that were lost may have been put back
    (f"{_BEFORE}(0{{0,3}}[1-9][0-9]{{2}})[0-9]{{3}}{_DAY}[0-9]{{2}}([0-9][0-9Xx]0{{0,4}}){_AFTER}", 13),
    (f"{_BEFORE}(0{{0,3}}1[0-9]{{2}})[0-9]{{6}}([0-9]{{2}}0{{0,4}}){_AFTER}", 6),
    (f"{_BEFORE}(0(?:10|2[0-9]|[3-9][0-9]{{2}})-?)[0-9]{{5,6}}([0-9]{{2}}){_AFTER}", 6),
)
#: A street and a number in it: what is shown of the address, and all that is hidden.
_ADDRESS = (
    "([一-鿿]{2})[一-鿿0-9０-９]*(?:路|街|巷|弄|胡同|村|镇|乡|小区)[一-鿿0-9０-９-]*?"
    "[0-9０-９一二三四五六七八九十百]+(?:号|室|栋|幢|弄|单元|组)[0-9０-９一二三四五六七八九十百号室栋幢楼单元组-]*"
)
#: The hundred most frequent surnames: with one to three more characters, where a code or number should stand, a name. So are
#: the usual double surnames, and 测试, by which systems name patients that they are tried with.
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖"
    "贾夏韦付方邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
DOUBLE = "欧阳|上官|司马|司徒|诸葛|皇甫|夏侯|慕容|令狐|公孙|尉迟|东方|测试"
#: A name that a text itself calls one.
_CALLED = rf"((?:患者|病人|产妇|姓名)[：: ]?)([{_SURNAMES}]|{DOUBLE})[一-鿿·]{{1,3}}"
#: A name next to a number that is hidden.
_BEFORE_NUMBER = rf"([{_SURNAMES}]|{DOUBLE})[一-鿿·]{{1,3}}([ ,，:：]?[0-9]{{3,5}}-?\*{{6,13}})"
_COMPILED = [
    *((re.compile(each.replace("$)", r"\Z)")), rf"\g<1>\g<2>{'*' * hidden}\g<3>\g<4>") for each, hidden in _NUMBERS),
    (re.compile(_ADDRESS), r"\g<1>***"),
    (re.compile(_CALLED), r"\g<1>\g<2>**"),
    (re.compile(_BEFORE_NUMBER), r"\g<1>**\g<2>"),
]
#: A text in which any of these numbers stands, or any of them all.
ANY_NUMBER = "|".join(f"(?:{each})" for each, _ in _NUMBERS)
ANY_PERSON = "|".join(f"(?:{each})" for each in (ANY_NUMBER, _ADDRESS, _CALLED, _BEFORE_NUMBER))
#: What every such number, address and name has.
_PERHAPS = re.compile("[0-9]{7}|[0-9０-９一二三四五六七八九十百][号室栋幢弄单组]|患者|病人|产妇|姓名")
NAME_LIKE = rf"\A(?:[{_SURNAMES}]|{DOUBLE})[一-鿿·]{{1,3}}\z"
#: How the name of a department or hospital ends, and usual words that begin as a surname.
_NO_NAME = r"(?:科|室|部|区|中心|门诊|组|病房|院|所|站)\z|\A(?:严重|金额|余额|方案|方式|方法|程度|程序|万元|高血压)\z"
_NAMED, _WORD = (re.compile(each.replace(r"\z", r"\Z")) for each in (NAME_LIKE, _NO_NAME))
ADDRESS_LIKE = r"[一-鿿].*[0-9０-９一二三四五六七八九十百]+(号|室|栋|幢|弄|单元|组)"


def masked(text: pl.Expr, kind: str) -> pl.Expr:
    """``text`` with personal data hidden. ``kind``: name, id, phone or address, blank = not personal.

    Null and a program's word for nothing stay.
    """
    return pl.when(~text.is_in(NULL_WORDS)).then(_hidden(text, kind)).otherwise(text) if kind else text


def _hidden(text: pl.Expr, kind: str) -> pl.Expr:
    length = text.str.len_chars()
    match kind:
        case "name":
            return pl.when(length > 0).then(text.str.slice(0, 1) + "**").otherwise(text)
        case "address":
            return (
                pl.when(length > 6)
                .then(text.str.slice(0, 6) + "***")
                .otherwise(pl.when(length > 1).then(pl.lit("***")).otherwise(text))
            )
    short = pl.when(length > 0).then(pl.lit("***")).otherwise(text)
    begun = text.str.slice(0, 3).str.pad_end((length.cast(pl.Int64) - 2).clip(0), "*")
    return pl.when(length > 7).then(begun + text.str.tail(2)).otherwise(short)


def masked_texts(texts: pl.Series, kind: str) -> pl.Series:
    """:func:`masked` of a column of texts."""
    return pl.select(masked(pl.lit(texts), kind)).to_series() if kind else texts


def masked_text(text: str, kind: str) -> str:
    """:func:`masked` of one text."""
    if not text or text in NULL_WORDS:
        return text
    match kind:
        case "":
            return text
        case "name":
            return f"{text[0]}**"
        case "address":
            return f"{text[:6]}***" if len(text) > 6 else "***" if len(text) > 1 else text
    return f"{text[:3]}{'*' * (len(text) - 5)}{text[-2:]}" if len(text) > 7 else "***"


def persons(text: pl.Expr) -> pl.Expr:
    """``text`` with resident ID numbers, telephone numbers, addresses and names hidden wherever they are recognised in it."""
    for pattern, hidden in _NUMBERS:
        for _ in range(2):  # what follows one number may be what stands before the next
            text = text.str.replace_all(pattern, f"${{1}}${{2}}{'*' * hidden}${{3}}${{4}}")
    text = text.str.replace_all(_ADDRESS, "${1}***").str.replace_all(_CALLED, "${1}${2}**")
    return text.str.replace_all(_BEFORE_NUMBER, "${1}**${2}")


def persons_texts(texts: pl.Series) -> pl.Series:
    """:func:`persons` of a column of texts, most of which have none of these."""
    rows = rows_where(texts.str.contains(ANY_PERSON))
    if rows.is_empty():
        return texts
    hidden = texts[rows].to_frame().select(persons(pl.first())).to_series()
    return texts.clone().scatter(rows, hidden)


def persons_in(text: str) -> str:
    """:func:`persons` of one text."""
    if not _PERHAPS.search(text):
        return text
    for pattern, shown in _COMPILED:
        for _ in range(2):
            text = pattern.sub(shown, text)
    return text


def as_file_name(key: str | None) -> str:
    """The name of a file or folder for a number of the data, ``-`` for none: no path, and nobody's telephone number.

    Two that differ in what is left out differ in their checksum.
    """
    if not key:
        return "-"
    shown = misplaced_text(key) or ""  # whoever has a checksum of the number itself can search for it
    name = re.sub(r"[^0-9A-Za-z_-]", "", shown)[:40]
    return name if name == key else f"{name}-{zlib.crc32(shown.encode()):08x}"


def misplaced(texts: pl.Series) -> pl.Series:
    """Numbers or names by which cases are found, hidden where they are a person's data: a column shifted by one shows nobody."""
    named = texts.str.contains(NAME_LIKE) & ~texts.str.contains(_NO_NAME)
    rows = rows_where(named)
    return persons_texts(texts).clone().scatter(rows, masked_texts(texts[rows], "name"))


def misplaced_text(text: str | None) -> str | None:
    """:func:`misplaced` of one text."""
    if not text:
        return text
    named = _NAMED.search(text) and not _WORD.search(text)
    return masked_text(text, "name") if named else persons_in(text)


def staff(names: Sequence[str | None]) -> dict[str | None, str | None]:
    """What to show for each name of physicians or coders; names that hiding makes alike are numbered, codes stay."""
    once = list(dict.fromkeys(names))
    hidden = [name and masked_text(name, "name") for name in once]
    times = Counter(hidden)
    seen = Counter[str]()
    shown: dict[str | None, str | None] = {}
    for name, short in zip(once, hidden, strict=True):
        if not name or not short or any(letter.isdigit() for letter in name):
            shown[name] = name
            continue
        seen[short] += 1
        shown[name] = say(f"{short}（{seen[short]}）", f"{short} ({seen[short]})") if times[short] > 1 else short
    return shown
