"""What the texts of a field must look like: codes of a national standard, or a pattern of ``schemas/patterns.yaml``."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property

from validator.base import files, yaml_csv
from validator.base.certainty import SURE, Sure
from validator.codes import standards
from validator.codes.standards import Form, Standard


@dataclass(frozen=True)
class Pattern:
    """What texts must look like, and how letter case may be fixed to fit (``icd``, ``upper`` or blank)."""

    regex: str
    zh: str
    en: str
    sure: Sure
    fold: str
    forms: tuple[Form, ...] = ()  #: the forms that a code may have; none where the text is no code of a standard
    editions: bool = (
        False  #: whether its file may be in the clinical edition: the forms then say only which tables know it
    )

    @cached_property
    def category(self) -> str:
        """The regular expression of codes cut short, which are not of the final level; blank if there are none."""
        return "|".join(level for form in self.forms for level in form.levels.values())

    @cached_property
    def joined(self) -> str:
        """The regular expression of codes with another code pasted behind; blank if that is not known to happen."""
        known = standards.forms()
        if self.editions:
            return ""
        return "|".join(rf"\A{form.body}\+?{known[form.joined].body}\z" for form in self.forms if form.joined)

    @cached_property
    def tables(self) -> tuple[str, ...]:
        """The tables that can tell of these codes; blank where there is none."""
        found = [form.table for form in self.forms if form.table]
        found += [f"{form.table}_map" for form in self.forms if self.editions and "map" in form.companions]
        return tuple(dict.fromkeys(found))


@cache
def load() -> dict[str, Pattern]:
    """Everything that a field may name, by name: plain patterns, the standards that have forms, groups of forms, forms.

    A form that bears the name of its standard goes before it. :class:`~validator.base.errors.ConfigError` names a wrong line.
    """
    found = {name: _of_standard(each) for name, each in standards.load().items() if each.forms}
    forms = standards.forms()
    for standard in standards.load().values():
        for name, group in standard.groups.items():
            found[name] = _of_forms([forms[each] for each in group.forms], group.expected, group.sure)
    found |= {name: _of_forms([form], form.expected, form.sure) for name, form in forms.items()}
    path = files.data("schemas") / "patterns.yaml"
    for name, entry in yaml_csv.read_yaml(path).items():
        yaml_csv.allow_keys(path, entry, {"zh", "en", "sure", "regex"}, {"fold", "editions"})
        if name in found:
            zh, en = f"名称“{name}”已见于编码标准", f"the name '{name}' is also in the code standards"
            raise yaml_csv.fault(path, entry.line, zh, en)
        codes = entry.get("editions", "")
        if codes and codes not in found:
            raise yaml_csv.unknown(path, entry.lines["editions"], "editions", codes, found)
        built = found[codes].forms if codes else ()
        found[name] = Pattern(
            entry["regex"], entry["zh"], entry["en"], entry["sure"], entry.get("fold", ""), built, bool(codes)
        )
    return found


def _of_standard(standard: Standard) -> Pattern:
    """All forms of a standard; how sure the least sure of them is."""
    forms = list(standard.forms.values())
    codes = [next(iter(form.examples)) for form in forms]
    expected = (
        f"{standard.title_zh}的编码（如 {'、'.join(codes)}）",
        f"a code of {standard.title_en} ({', '.join(codes)})",
    )
    return _of_forms(forms, expected, max((form.sure for form in forms), key=SURE.index))


def _of_forms(forms: Sequence[Form], expected: tuple[str, str], sure: Sure) -> Pattern:
    """Codes of any of the forms. Letter case is fixed as for ICD codes where one of the forms is such a code."""
    regex = rf"\A(?:{'|'.join(form.body for form in forms)})\z"
    fold = max((form.fold for form in forms), key=("", "upper", "icd").index)
    return Pattern(regex, *expected, sure, fold, tuple(forms))
