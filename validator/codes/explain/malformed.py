"""Which segment of a malformed code is wrong, and what it must look like."""

from collections.abc import Iterable

from validator.codes.explain.model import Part, Reading, Remark
from validator.codes.explain.spelling import Change, spell
from validator.codes.standards import Form, Segment

_MOST = 2  #: forms that a text may resemble equally well


def misfits(text: str, forms: Iterable[Form]) -> list[Reading]:
    """The forms that a plain text resembles, its wrong segments marked; none where it resembles no code."""
    if not any(char.isdigit() for char in text):
        return []
    best: dict[tuple[int, int], dict[str, Reading]] = {}
    for form in forms:
        for shape in form.shapes:
            parts, fitting = _aligned(text, shape)
            if _resembles(text, parts, fitting):
                off = abs(sum(len(each.atoms) for each in shape) - len(text))
                some = best.setdefault((-fitting, off), {})
                some.setdefault(form.name, Reading(form, text, parts, _length(text, form)))
    return list(best[min(best)].values())[:_MOST] if best else []


def _aligned(text: str, shape: tuple[Segment, ...]) -> tuple[list[Part], int]:
    """The text along the segments, and how many of its characters fit."""
    same = sum(len(each.atoms) for each in shape) == len(text)
    parts, fitting, rest = [], 0, text
    for place, segment in enumerate(shape):
        here = rest[: len(segment.atoms)] if same else rest
        found = _fits(here, segment)
        if found and not (same and found[2]):
            taken = here[: len(here) - len(found[2])]
            fitting += len(taken)
            parts.append(Part(segment, taken, None if taken == found[0] else _expected(segment)))
            rest = rest[len(taken) :]
        elif same:
            parts.append(Part(segment, here, _expected(segment)))
            rest = rest[len(here) :]
        else:
            last = place == len(shape) - 1
            cut = rest if last else rest[: len(segment.atoms)]
            parts.append(Part(segment, cut, _expected(segment)))
            return parts + ([Part(None, rest[len(cut) :])] if rest[len(cut) :] else []), fitting
    if rest:
        parts.append(Part(None, rest, Remark("error", f"多出 {len(rest)} 位", f"{len(rest)} too many")))
    return parts, fitting


def _fits(text: str, segment: Segment) -> tuple[str, list[Change], str] | None:
    """The segment at the beginning of the text, letter case and alike characters apart; its marks must be there."""
    found = spell(text, segment.atoms)
    return found if found and all(change.kind != "mark" for change in found[1]) else None


def _resembles(text: str, parts: list[Part], fitting: int) -> bool:
    """Return whether half of the text fits the form, or its mark fits and most of the rest is digits."""
    first = parts[0]
    marked = first.segment and first.remark is None and first.text.isalpha() and first.text == first.segment.form
    return fitting * 2 >= len(text) or bool(marked and 2 * sum(char.isdigit() for char in text) >= len(text))


def _expected(segment: Segment) -> Remark:
    return Remark("error", f"应为 {segment.spelt('zh')}", f"should be {segment.spelt('en')}")


def _length(text: str, form: Form) -> list[Remark]:
    expected = form.lengths
    if len(text) in expected:
        return []
    *most, last = map(str, expected)
    zh, en = (comma.join(most) + (word if most else "") + last for comma, word in (("、", " 或 "), (", ", " or ")))
    return [Remark("error", f"共 {len(text)} 位，应为 {zh} 位", f"{len(text)} characters; there should be {en}")]
