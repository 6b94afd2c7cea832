"""What makes a row fail a field check, as expressions over the typed table (columns: :class:`validator.checks.typing.Typing`)."""

import polars as pl

from validator.checks import typing
from validator.checks.day import in_force
from validator.checks.language.kinds import AMOUNT_DIGITS, WHOLE_DIGITS
from validator.checks.typing import Sound
from validator.codes.value_sets import Domain
from validator.spec.catalogue import Catalogue, Check
from validator.spec.layouts import FieldRow
from validator.spec.patterns import Pattern


def fails(catalogue: Catalogue, check: Check) -> pl.Expr:
    """Which rows fail; null where there is nothing to check. A field that is not in force fails nothing."""
    assert check.row
    failing = _fails(catalogue, check)
    return failing & in_force(check.row.since, check.row.until) if check.row.dated else failing


def _fails(catalogue: Catalogue, check: Check) -> pl.Expr:
    row = check.row
    assert row
    value, typed = pl.col(typing.text_column(row)), pl.col(row.field)
    match check.aspect:
        case "placeholder":
            return typing.is_placeholder(row)
        case "required":
            return value.is_null() & typing.is_blank(row)
        case "type":
            return value.is_not_null() & typed.is_null()
        case "format":
            return typed.is_not_null() & ~typing.standard_form(row)
        case "length" if row.type == "number":
            return typed.is_not_null() & ~_fits(row, value)
        case "length":
            return value.str.len_chars() > (row.length or 0)
        case "value":
            return ~_in_domain(catalogue, row.domain, value)
        case "pattern" | "category" | "joined":
            return _misshapen(catalogue.patterns[row.pattern], check.aspect, value)
    return ~_in_range(check, value, typed)


def _fits(row: FieldRow, text: pl.Expr) -> pl.Expr:
    """Whether a number has no more digits before and after its point than the row allows."""
    whole = (row.length or 0) - row.scale
    return text.str.contains(rf"\A[+-]?0*[0-9]{{1,{whole}}}(\.[0-9]{{0,{row.scale}}}0*)?\z")


def _misshapen(pattern: Pattern, how: str, value: pl.Expr) -> pl.Expr:
    """A code cut short (``category``), one with another pasted behind (``glued``), or one that is neither nor right."""
    if how != "pattern":
        return value.str.contains(pattern.category if how == "category" else pattern.joined)
    forms = [each for each in (pattern.regex, pattern.category, pattern.joined) if each]
    return ~pl.any_horizontal(value.str.contains(form) for form in forms)


def _in_domain(catalogue: Catalogue, name: str, value: pl.Expr) -> pl.Expr:
    domain = catalogue.domains[name]
    known = _among(domain, value, list(domain.names))
    if not domain.children:
        return known
    lengths = sorted({len(code) for code in domain.names})
    parents = [
        _among(domain, value.str.slice(0, n), [code for code in domain.names if len(code) == n]) for n in lengths
    ]
    return pl.any_horizontal(known, *parents)


def _among(domain: Domain, value: pl.Expr, codes: list[str]) -> pl.Expr:
    """Whether the value is one of the codes, and in force on the list's day."""
    always = value.is_in([code for code in codes if code not in domain.spans])
    dated = [(value == code) & in_force(*domain.spans[code]) for code in codes if code in domain.spans]
    return pl.any_horizontal(always, *dated) if dated else always


def _in_range(check: Check, value: pl.Expr, typed: pl.Expr) -> pl.Expr:
    row = check.row
    assert row
    tests = []
    if row.type == "duration":
        _, hours, minutes = typing.duration_parts(value)
        tests += [hours <= 24, minutes <= 60]
    if row.min is not None:
        tests.append(typed.cast(pl.Float64) >= row.min)
    if row.max is not None:
        tests.append(typed.cast(pl.Float64) <= row.max)
    return pl.all_horizontal(tests)


#: The aspects that a sound text cannot fail.
OF_TEXT = ("placeholder", "type", "length", "value", "pattern", "category", "joined", "format")


def sound(catalogue: Catalogue, row: FieldRow) -> Sound | None:
    """A quick test of texts that need no fixing and fail none of :data:`OF_TEXT`; None = the row has no such test."""
    raw, value = pl.col(f"raw:{row.field}"), pl.col(row.field)
    if row.dated:
        return None
    match row.type:
        case "number" if row.length and row.length <= (AMOUNT_DIGITS if row.scale else WHOLE_DIGITS):
            fits = _fits(row, raw)
            fits = fits & ~raw.is_in(list(row.blank)) if row.blank else fits
            exact = pl.when(fits).then(raw).cast(pl.Decimal(18, row.scale or 2), strict=False)
            return Sound(value.is_not_null(), exact if row.scale else exact.cast(pl.Int64, strict=False))
        case "date":
            return Sound(
                (raw.str.len_bytes() == 10) & value.is_not_null(),
                typing.in_years(raw.str.to_date("%Y-%m-%d", strict=False)),
            )
        case "datetime":
            form = typing.in_years(raw.str.to_datetime(typing.DATETIME_FORM, strict=False))
            return Sound((raw.str.len_bytes() == 19) & value.is_not_null(), form)
        case "code" if row.domain and not row.pattern:
            domain = catalogue.domains[row.domain]
            fitting = [code for code in domain.names if len(code) <= (row.length or len(code))]
            return Sound(raw.is_in([code for code in fitting if code not in domain.spans]))
        case "code" if row.pattern and not row.domain:
            fits = raw.str.contains(catalogue.patterns[row.pattern].regex)
            return Sound(fits & (raw.str.len_bytes() <= row.length) if row.length else fits)
    return None
