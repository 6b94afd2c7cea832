"""Takes any code apart: which standard it belongs to, what each segment means, whether it is right and, if not, why.

>>> from validator.codes.explain import explain
>>> found = explain("XA01ABD075A002010100483")
>>> found.valid, [(part.segment.name_zh, part.text) for part in found.readings[0].parts]
"""

import re
from collections.abc import Callable, Iterator
from datetime import date

from validator.base.errors import InputError
from validator.codes import offline, standards
from validator.codes.explain import segments, spelling, table_facts
from validator.codes.explain.malformed import misfits
from validator.codes.explain.model import Entry, Explanation, Known, Part, Reading, Remark
from validator.codes.explain.spelling import Change, Spelling
from validator.codes.tables import Store

__all__ = ["Entry", "Explanation", "Known", "Part", "Reading", "Remark", "explain"]

_WEIGHT = {"width": 1, "blank": 1, "case": 1, "mark": 2, "alike": 5}
_CUT = {"category": ("类目", "category"), "subcategory": ("亚目", "subcategory"), "detail": ("细目", "detail")}
_SEVERAL = re.compile(r"[,，;；、|]+")

#: What a code of a form does in what the user has loaded.
Roles = Callable[[standards.Form, str, Store], list[Remark]]


def no_roles(_form: standards.Form, _code: str, _store: Store) -> list[Remark]:
    """Return nothing: only the code itself is explained."""
    return []


def explain(
    text: str,
    *,
    name: str = "",
    base_code: str = "",
    day: date | None = None,
    store: Store | None = None,
    roles: Roles = no_roles,
) -> Explanation:
    """``text`` taken apart. ``name``: what the code should mean; ``base_code``: the drug standard code (药品本位码);
    ``day``: on which it should be in force (None: by the newest tables); ``store``: the code tables (the user's own);
    ``roles``: what a code does elsewhere, such as in grouping (:func:`validator.grouping.role.roles`).
    """
    plain, changes = spelling.plain(text)
    if not plain:
        raise InputError("没有编码", "there is no code")
    store = store or Store()
    forms = list(standards.forms().values())
    found = [reading for form in forms for reading in spelling.readings(plain, form)]
    if found:
        weights = {id(each): (_weight(each), bool(each.cut)) for each in found}
        best = min(weights.values())
        spellings: dict[tuple[str, str], Spelling] = {}
        for each in found:
            if weights[id(each)] == best:
                spellings.setdefault((each.form.name, each.code), each)
        whole = [_whole(each, changes, name, base_code, day, store, roles) for each in spellings.values()]
        sure = best[0] or any(reading.entries for reading in whole)
        return Explanation(text, whole, [] if sure else list(_also(found, whole[0].form)))
    if joined := _joined(plain, forms):
        return Explanation(text, [_whole(joined[0], [*changes], name, base_code, day, store, roles, pasted=joined[1])])
    codes = [code for code in _SEVERAL.split(plain) if code]
    if len(codes) > 1 and all(any(form.split(code) for form in forms) for code in codes):
        zh, en = f"这里有 {len(codes)} 个编码：{'、'.join(codes)}", f"these are {len(codes)} codes: {', '.join(codes)}"
        return Explanation(text, [], [Remark("error", zh, en)])
    readings = misfits(plain, forms)
    return Explanation(text, readings, [] if readings else table_facts.no_code(plain, store))


def _also(found: list[Spelling], form: standards.Form) -> Iterator[Remark]:
    """Return codes of other forms that only lack their marks: M01600 may be M01.600."""
    for each in found:
        lost = not each.cut and all(change.kind == "mark" and not change.found for change in each.changes)
        if lost and each.form is not form and not offline.check(each.form, [each.code]):
            zh, en = (
                f"也可能是漏写标点的{each.form.title_zh} {each.code}",
                f"or a {each.form.title_en} without its marks",
            )
            yield Remark("info", zh, f"{en}: {each.code}")


def _weight(spelling: Spelling) -> int:
    return sum(_WEIGHT[change.kind] for change in spelling.changes)


def _joined(plain: str, forms: list[standards.Form]) -> tuple[Spelling, Spelling] | None:
    """A code and the code that was pasted behind it."""
    known = {form.name: form for form in forms}
    for form in forms:
        for place in range(1, len(plain)) if form.joined else ():
            left = min(spelling.readings(plain[:place], form), key=_weight, default=None)
            right = next(spelling.readings(plain[place:].removeprefix("+"), known[form.joined]), None)
            if left and right and not left.cut:
                return left, right
    return None


def _whole(
    spelling: Spelling, changes: list[Change], name: str, base_code: str, day: date | None, store: Store,
    roles: Roles, pasted: Spelling | None = None,
) -> Reading:  # fmt: skip
    """All that is known of a code that could be read."""
    form, code = spelling.form, spelling.code
    remarks = [_remark(change) for change in (*changes, *spelling.changes)]
    if pasted:
        zh = f"后面粘连了{pasted.form.title_zh} {pasted.code}，应分开填写：{code}"
        en = f"{pasted.form.title_en} {pasted.code} is pasted behind it; write {code} alone"
        remarks.append(Remark("error", zh, en))
    if spelling.cut:
        zh, en = _CUT[spelling.cut]
        remarks.append(
            Remark("error", f"这是{zh}，不是最细一级的编码", f"this is a {en}, not a code of the final level")
        )
    elif any(part.stands for part, _ in spelling.parts[-1:]):
        zh, en = _CUT[spelling.parts[-1][0].stands]
        remarks.append(Remark("warning", f"这是{zh}，一般不单独使用", f"this is a {en}, hardly ever used by itself"))
    elif form.sure == "unconfirmed":
        zh, en = (
            "这种编码的结构未证实，只能看形式像不像",
            "how such codes are built is unconfirmed; this only looks like one",
        )
        remarks.append(Remark("warning", zh, en))
    if base_code and not any(each.check == "company" for each in form.segments):
        zh, en = (
            "这种编码没有企业段，药品本位码无从核对",
            "such codes name no company to compare with the drug standard code",
        )
        remarks.append(Remark("warning", zh, en))
    tables = table_facts.of(form, code, bool(spelling.cut), name, day, store)
    elsewhere = [] if spelling.cut else roles(form, code, store)
    return Reading(
        form, code, segments.parts(spelling, name, base_code, bool(tables.entries)),
        list(dict.fromkeys([*remarks, *tables.remarks, *elsewhere])), tables.entries, table_facts.knowledge_of(form, code),
    )  # fmt: skip


def _remark(change: Change) -> Remark:
    """Return the remark that explains a change made to the text."""
    found, expected = change.found, change.expected
    zh, en = {
        "width": (f"全角字符应为半角：{expected}", f"full-width characters; write {expected}"),
        "blank": ("含有空白或不可见字符", "contains blanks or unseen characters"),
        "case": (
            f"字母“{found}”应为{'大写' if expected.isupper() else '小写'}“{expected}”",
            f"'{found}' should be '{expected}'",
        ),
        "mark": (f"“{found}”应为“{expected}”", f"'{found}' should be '{expected}'")
        if found
        else (f"漏写“{expected}”", f"'{expected}' is missing"),
        "alike": (f"“{found}”可能是“{expected}”之误", f"'{found}' is probably meant for '{expected}'"),
    }[change.kind]
    return Remark("error", zh, en)
