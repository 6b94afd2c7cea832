"""A code that is not of the field's value set, or not in force on the list's day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from validator.base.language import Lang
from validator.base.lazy import pl
from validator.checks import damage
from validator.checks.damage import Repair
from validator.checks.fields.aspect import Aspect, FieldCell, Spoil, condition, is_in_force, one_of
from validator.codes.value_sets import Span
from validator.spec.catalogue import Catalogue
from validator.spec.layouts import FieldRow
from validator.spec.rule_pages import Level

if TYPE_CHECKING:
    import pandera.polars as pa

_SHOWN = 12  #: codes that a message names
_STRANGERS = ("Q7", "77", "其它")  #: some of these lie outside any set of codes


class ValueAspect(Aspect):
    """Of fields with a value set."""

    name = "value"
    passes_usual = spoils = True

    def applies(self, catalogue: Catalogue, row: FieldRow) -> bool:
        return bool(row.domain)

    def level(self, catalogue: Catalogue, row: FieldRow) -> Level:
        domain = catalogue.domains[row.domain]
        firm = domain.sure != "unconfirmed" and not domain.open
        return "error" if firm and row.sure != "unconfirmed" else "warning"

    def words(self, catalogue: Catalogue, row: FieldRow, lang: Lang) -> dict[str, str]:
        domain = catalogue.domains[row.domain]
        comma, more = ("、", " 等") if lang == "zh" else (", ", " …")
        shown = comma.join(f"{code} {domain.label(code, lang)}" for code in list(domain.names)[:_SHOWN])
        dated = comma.join(f"{code} {_span(span, lang)}" for code, span in domain.spans.items())
        return {
            "domain": domain.title(lang),
            "choices": shown + (more if len(domain.names) > _SHOWN else ""),
            "dated": dated and (f"（注意有效期：{dated}）" if lang == "zh" else f" (mind the dates: {dated})"),
        }

    def fails(self, catalogue: Catalogue, row: FieldRow, cell: FieldCell) -> bool:
        domain, text = catalogue.domains[row.domain], cell.text
        if text is None:
            return False
        codes = {text, *(text[: len(code)] for code in domain.names)} if domain.children else {text}
        nowhere = (None, None)
        return not any(
            code in domain.names and is_in_force(cell.day, *domain.spans.get(code, nowhere)) for code in codes
        )

    def repair(self, catalogue: Catalogue, row: FieldRow, cell: FieldCell) -> Repair | None:
        return damage.of_value(catalogue.domains[row.domain], cell.text) if cell.text is not None else None

    def defect(self, catalogue: Catalogue, row: FieldRow) -> tuple[str, Spoil]:
        names = catalogue.domains[row.domain].names
        return "填值域外的代码", one_of([text for text in _STRANGERS if not any(map(text.startswith, names))])

    def contract(self, catalogue: Catalogue, row: FieldRow) -> list[pa.Check]:
        import pandera.polars as pa

        name, domain = row.check("value"), catalogue.domains[row.domain]
        if domain.children:
            return [
                condition(lambda value: pl.any_horizontal(value.str.starts_with(code) for code in domain.names), name)
            ]
        return [pa.Check.isin(list(domain.names), error=name)]


def _span(span: Span, lang: Lang) -> str:
    """From when to when a code is in force, in words."""
    since, until = span
    words = ("自 {} 起", "至 {} 止") if lang == "zh" else ("from {}", "until {}")
    return " ".join(word.format(day) for word, day in zip(words, (since, until), strict=True) if day)
