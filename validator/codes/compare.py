"""What changed from one version of a table to another."""

import polars as pl

#: How a code can differ, in the order in which people see them.
KINDS = ("added", "removed", "renamed", "target", "dates", "grey")
_COLUMNS = ("change", "code", "name", "old", "new")


def compare(old: pl.DataFrame, new: pl.DataFrame) -> pl.DataFrame:
    """One row for each difference, by kind and code: ``change`` (one of :data:`KINDS`), ``code``, ``name`` (the newer one),
    ``old`` and ``new``. Both are frames as the registry keeps them.
    """
    before, after = _texts(old), _texts(new)
    both = before.join(after, on="code", suffix=" new")
    parts = [
        after.join(before, on="code", how="anti").select(change=pl.lit("added"), code="code", name="name"),
        before.join(after, on="code", how="anti").select(change=pl.lit("removed"), code="code", name="name"),
    ]
    for kind in KINDS[2:]:
        was, now = pl.col(kind), pl.col(f"{kind} new")
        silent = was.is_null() | now.is_null() if kind == "grey" else pl.lit(False)  # one of the two may not tell
        differing = both.filter(was.ne_missing(now) & ~silent)
        parts.append(differing.select(change=pl.lit(kind), code="code", name="name new", old=was, new=now))
    texts = pl.Series([], dtype=pl.String)
    empty = pl.DataFrame(dict.fromkeys(_COLUMNS, texts))
    found = pl.concat([empty, *(part.rename({"name new": "name"}, strict=False) for part in parts)], how="diagonal")
    return found.sort(pl.col("change").cast(pl.Enum(KINDS)), "code", maintain_order=True)


def _texts(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the compared column as text, null where the frame does not have it."""
    blank, has = pl.lit(None, pl.String), frame.columns
    name = pl.col("name") if "name" in has else blank
    days = [pl.col(each).cast(pl.String).fill_null("") for each in ("since", "until") if each in has]
    dates = pl.concat_str(days, separator="～").replace("～", None) if len(days) > 1 else blank
    target = pl.concat_str("target", pl.col("target_name").fill_null(""), separator=" ") if "target" in has else blank
    return frame.select(
        "code",
        name=name if "target" not in has else pl.col("target_name"),
        renamed=name,
        target=target.str.strip_chars(),
        dates=dates,
        grey=pl.col("grey").cast(pl.String) if "grey" in has else blank,
    )
