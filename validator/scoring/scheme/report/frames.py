"""The Parquet files of a scoring, for other programs."""

import polars as pl

from validator.scoring.scheme.run import Scoring

#: ``total``, ``lowest``, ``highest``: null where nothing is left to judge by.
SCORES = pl.Schema(
    {
        "hospital": pl.String(), "name": pl.String(), "members": pl.List(pl.String()), "peer_group": pl.String(), "peers": pl.Int64(),
        "rank": pl.Int64(), "peer_rank": pl.Int64(), "total": pl.Float64(),
        "lowest": pl.Float64(), "highest": pl.Float64(), "bonus": pl.Float64(),
        "grade": pl.String(), "vetoes": pl.List(pl.String()), "missing": pl.List(pl.String()),
    }
)  # fmt: skip
ITEMS = pl.Schema(
    {
        "hospital": pl.String(), "block": pl.String(), "item": pl.String(), "title": pl.String(),
        "measure": pl.String(), "full": pl.Float64(),
        "points": pl.Float64(),  #: null: taken out of the account
        "lost": pl.Float64(), "value": pl.Float64(), "numerator": pl.Float64(), "denominator": pl.Float64(), "last_numerator": pl.Float64(),
        "last_denominator": pl.Float64(), "missing": pl.String(), "words": pl.String(), "author": pl.String(), "date": pl.Date(),
        "evidence": pl.String(),
    }
)  # fmt: skip
PAYMENTS = pl.Schema(
    {
        "hospital": pl.String(), "payment": pl.String(), "share": pl.Float64(), "amount": pl.Float64(),
        "less": pl.Float64(), "paid": pl.Float64(),
    }
)  # fmt: skip
CHANGES = pl.Schema(
    {
        "hospital": pl.String(), "item": pl.String(),  #: null: the total
        "before": pl.Float64(), "after": pl.Float64(), "words_before": pl.String(), "words_after": pl.String(),
    }
)  # fmt: skip


def frames(found: Scoring) -> dict[str, pl.DataFrame]:
    """File -> frame."""
    return {
        "scores.parquet": _scores(found), "items.parquet": _items(found), "payments.parquet": _payments(found),
        "ranking.parquet": found.ranked, "cases.parquet": found.pointed, "changes.parquet": _changes(found),
    }  # fmt: skip


def _scores(found: Scoring) -> pl.DataFrame:
    rows = [
        (
            each.hospital.code, each.hospital.name, list(each.members), "、".join(each.group), len(each.peers), each.rank, each.peer_rank,
            _float(each.total), _float(each.lowest), _float(each.highest), _float(each.sums.bonus), each.grade,
            [veto.item.id for veto in each.vetoes], [score.item.id for score in each.missing],
        )
        for each in found.sheets
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=SCORES, orient="row")


def _items(found: Scoring) -> pl.DataFrame:
    blocks = {item.id: block.id for block in found.scheme.blocks for item in block.items}
    rows = list[tuple[object, ...]]()
    for sheet in found.sheets:
        for each in sheet.items:
            item, figure = each.item, each.figure
            mark = (figure.mark.author, figure.mark.date, figure.mark.evidence) if figure.mark else (None, None, None)
            numbers = (figure.value, figure.top, figure.bottom, figure.last_top, figure.last_bottom)
            rows.append(
                (
                    sheet.hospital.code, blocks[item.id], item.id, item.title, item.measure or None, float(item.points),
                    _float(each.points), float(each.lost), *map(_float, numbers), figure.reason or None, each.words, *mark,
                )
            )  # fmt: skip
    return pl.DataFrame(rows, schema=ITEMS, orient="row")


def _payments(found: Scoring) -> pl.DataFrame:
    rows = [
        (sheet.hospital.code, each.money.id, *map(_float, (each.share, each.amount, each.less, each.paid)))
        for sheet in found.sheets
        for each in sheet.payments
    ]
    return pl.DataFrame(rows, schema=PAYMENTS, orient="row")


def _changes(found: Scoring) -> pl.DataFrame:
    rows = list[tuple[object, ...]]()
    for each in found.changes:
        code = each.sheet.hospital.code
        totals = [None if sheet is None else sheet.total for sheet in (each.before, each.after)]
        rows.append((code, None, *map(_float, totals), None, None))
        rows += [(code, item.title, _float(item.before), _float(item.after), *item.why) for item in each.items]
    return pl.DataFrame(rows, schema=CHANGES, orient="row")


def _float(value: object) -> float | None:
    return None if value is None else float(value)  # type: ignore[arg-type]
