"""A quick test of texts that are right as they stand, so that no field check of the text need be tried on them."""

from __future__ import annotations

from validator.base.lazy import pl
from validator.checks import typing
from validator.checks.language.kinds import AMOUNT_DIGITS, WHOLE_DIGITS
from validator.checks.typing import Sound
from validator.spec.catalogue import Catalogue
from validator.spec.layouts import FieldRow


def digits(row: FieldRow) -> str:
    """The regular expression of a number, or several, with no more digits before and after the point than the row allows."""
    whole = (row.length or 0) - row.scale
    one = rf"[+-]?0*[0-9]{{1,{whole}}}(\.[0-9]{{0,{row.scale}}}0*)?"
    return rf"\A{one}(,{one})*\z" if row.pattern else rf"\A{one}\z"


def sound(catalogue: Catalogue, row: FieldRow) -> Sound | None:
    """A quick test of texts that need no fixing and fail no aspect ``of_text``; None = the row has no such test."""
    raw, value = pl.col(f"raw:{row.field}"), pl.col(row.field)
    if row.dated:
        return None
    match row.type:
        case "number" if row.length and row.length <= (AMOUNT_DIGITS if row.scale else WHOLE_DIGITS):
            fits = raw.str.contains(digits(row))
            fits = fits & ~raw.is_in(list(row.blank)) if row.blank else fits
            exact = pl.when(fits).then(raw).cast(pl.Decimal(18, row.scale or 2), strict=False)
            return Sound(value.is_not_null(), exact if row.scale else exact.cast(pl.Int64, strict=False))
        case "date":
            return Sound(value.is_not_null(), typing.usual_day(raw))
        case "datetime":
            return Sound(value.is_not_null(), typing.usual_moment(raw))
        case "code" if row.domain and not row.pattern:
            domain = catalogue.domains[row.domain]
            fitting = [code for code in domain.names if len(code) <= (row.length or len(code))]
            return Sound(raw.is_in([code for code in fitting if code not in domain.spans]))
        case "code" if row.pattern and not row.domain:
            fits = raw.str.contains(catalogue.patterns[row.pattern].regex) & (
                raw.str.len_bytes() == raw.str.len_chars()
            )
            return Sound(fits & (raw.str.len_bytes() <= row.length) if row.length else fits)
    return None
