"""What makes a row fail a field check, as expressions over the typed table (columns: :class:`validator.values.Typing`)."""

import polars as pl

from validator import values
from validator.catalogue import Catalogue, Check


def fails(catalogue: Catalogue, check: Check) -> pl.Expr:
    """Which rows fail; null where there is nothing to check."""
    row = check.row
    assert row
    value, typed = pl.col(values.text_column(row)), pl.col(row.field)
    match check.aspect:
        case "placeholder":
            return values.is_placeholder(row)
        case "required":
            return value.is_null() & values.is_blank(row)
        case "type":
            return value.is_not_null() & typed.is_null()
        case "form":
            return value.is_not_null() & ~values.standard_form(row)
        case "length" if row.type == "number":
            whole = (row.length or 0) - row.scale
            good = value.str.contains(rf"\A[+-]?0*[0-9]{{1,{whole}}}(\.[0-9]{{0,{row.scale}}}0*)?\z")
            return typed.is_not_null() & ~good
        case "length":
            return value.str.len_chars() > (row.length or 0)
        case "value":
            return ~_in_domain(catalogue, row.domain, value)
        case "pattern":
            return ~value.str.contains(catalogue.patterns[row.pattern].regex)
    return ~_in_range(check, value, typed)


def _in_domain(catalogue: Catalogue, name: str, value: pl.Expr) -> pl.Expr:
    domain = catalogue.domains[name]
    known = value.is_in(list(domain.names))
    if not domain.children:
        return known
    lengths = sorted({len(code) for code in domain.names})
    parents = [value.str.slice(0, n).is_in([code for code in domain.names if len(code) == n]) for n in lengths]
    return pl.any_horizontal(known, *parents)


def _in_range(check: Check, value: pl.Expr, typed: pl.Expr) -> pl.Expr:
    row = check.row
    assert row
    tests = []
    if row.type == "duration":
        _, hours, minutes = values.duration_parts(value)
        tests += [hours <= 24, minutes <= 60]
    if row.min is not None:
        tests.append(typed.cast(pl.Float64) >= row.min)
    if row.max is not None:
        tests.append(typed.cast(pl.Float64) <= row.max)
    return pl.all_horizontal(tests)
