"""The segments of a code with what they mean or point at."""

from validator.codes import offline
from validator.codes.explain.model import Part, Remark
from validator.codes.explain.spelling import Spelling
from validator.codes.standards import Segment


def parts(spelling: Spelling, name: str, base_code: str, listed: bool) -> list[Part]:
    """Each segment with its remark. ``listed``: a code table has the code, so what it points at is there."""
    claims = {id(segment): text for segment, text in spelling.form.claims(spelling.code)}
    stem, found = "", []
    for segment, text in spelling.parts:
        stem = text if segment.stands == "category" else stem + text
        claim = claims.get(id(segment), stem if segment.stands else text)
        found.append(Part(segment, text, _remark(segment, text, claim, name, base_code, listed)))
    return found


def _remark(segment: Segment, text: str, claim: str, name: str, base_code: str, listed: bool) -> Remark | None:
    match segment.check:
        case "who_icd10":
            return _who(claim, listed)
        case "division":
            return _division(text)
        case "pinyin" if name:
            return _pinyin(text, name)
        case "company" if base_code:
            return _company(text, base_code)
    zh, en = segment.value(text, "zh"), segment.value(text, "en")
    return Remark("info", zh, en) if zh else None


def _who(stem: str, listed: bool) -> Remark:
    title = offline.who_title(stem)
    if not offline.who_icd10([stem]):
        mark_zh, mark_en = (
            ("占位符，WHO 无亚目", "placeholder, WHO has no subcategory") if stem.endswith(".x") else ("", "")
        )
        return Remark("info", mark_zh or f"WHO：{title}", mark_en or f"WHO: {title}")
    if stem.endswith(".x") and title:
        zh, en = f"WHO 的 {stem[:3]} 有亚目，不能用 x 占位", f"WHO divides {stem[:3]}: x cannot hold the place"
    else:
        zh, en = f"WHO ICD-10 没有 {stem}", f"WHO's ICD-10 has no {stem}"
    return Remark("info" if listed else "error", zh, en)


def _division(code: str) -> Remark:
    place = offline.place(code)
    if place:
        return Remark("info", place, place)
    zh = "GB/T 2260 没有这个区划；可能是医保自设的区划"
    return Remark("warning", zh, "GB/T 2260 has no such division; the insurance may have one of its own")


def _pinyin(text: str, name: str) -> Remark:
    initials = sorted(offline.initials(name))
    expected = " 或 ".join(initials)
    if text[0] in initials:
        return Remark("info", f"与“{name}”的拼音首字母相符", f"the pinyin initial of {name}")
    zh = f"首字母应是“{name}”的拼音首字母 {expected}" if expected else f"“{name}”不以汉字开头，无从核对"
    en = (
        f"should begin with {' or '.join(initials)}, the pinyin initial of {name}"
        if expected
        else f"{name} does not begin with Chinese"
    )
    return Remark("error" if expected else "info", zh, en)


def _company(text: str, base_code: str) -> Remark:
    expected = offline.company(base_code)
    if not expected:
        return Remark("warning", "药品本位码应为 86 开头的 14 位数字", "a drug standard code is 86 and 12 digits")
    if expected == text:
        return Remark("info", "与药品本位码相符", "agrees with the drug standard code")
    return Remark("error", f"药品本位码的企业段是 {expected}", f"the company in the drug standard code is {expected}")
