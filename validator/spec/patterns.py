"""What codes and other strictly formed texts look like (``schemas/patterns.yaml``)."""

from dataclasses import dataclass
from functools import cache, cached_property

from validator.base import files, yaml_csv
from validator.base.certainty import Sure
from validator.codes import standards
from validator.codes.standards import Form


@dataclass(frozen=True)
class Pattern:
    """What texts must look like, and how letter case may be fixed to fit (``icd``, ``upper`` or blank)."""

    regex: str
    zh: str
    en: str
    sure: Sure
    fold: str
    forms: tuple[Form, ...] = ()  #: the forms that a code may have; none where the text is no code of a standard

    @cached_property
    def category(self) -> str:
        """The regular expression of codes cut short, which are not of the final level; blank if there are none."""
        return "|".join(level for form in self.forms for level in form.levels.values())

    @cached_property
    def joined(self) -> str:
        """The regular expression of codes with another code pasted behind; blank if that is not known to happen."""
        known = standards.forms()
        return "|".join(rf"\A{form.body}\+?{known[form.joined].body}\z" for form in self.forms if form.joined)

    @cached_property
    def tabled(self) -> bool:
        """Whether tables can tell of these codes."""
        return any(form.table for form in self.forms)


@cache
def load() -> dict[str, Pattern]:
    """Every pattern by name; :class:`~validator.base.errors.ConfigError` names a wrong line."""
    path = files.data("schemas") / "patterns.yaml"
    known, result = standards.forms(), {}
    for name, entry in yaml_csv.read_yaml(path).items():
        yaml_csv.allow_keys(path, entry, {"zh", "en", "sure"}, {"regex", "forms", "fold"})
        if ("regex" in entry) == ("forms" in entry):
            raise yaml_csv.fault(path, entry.line, "regex 与 forms 应写其一", "should have either regex or forms")
        if unknown := [form for form in entry.get("forms", ()) if form not in known]:
            zh, en = f"没有编码形式“{unknown[0]}”", f"there is no form '{unknown[0]}'"
            raise yaml_csv.fault(path, entry.lines["forms"], zh, en)
        forms = tuple(known[form] for form in entry.get("forms", ()))
        folds = {form.fold for form in forms} or {""}
        if len(folds) > 1 and "fold" not in entry:
            zh, en = "这些编码形式的大小写改法不同，要写明 fold", "these forms fold differently: say fold"
            raise yaml_csv.fault(path, entry.lines["forms"], zh, en)
        regex = entry.get("regex") or rf"\A(?:{'|'.join(form.body for form in forms)})\z"
        fold = entry.get("fold", folds.pop())
        result[name] = Pattern(regex, entry["zh"], entry["en"], entry["sure"], fold, forms)
    return result
