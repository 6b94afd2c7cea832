"""Rules about the whole batch: keys that must not repeat, whichever partitions their cases lie in."""

from typing import TYPE_CHECKING

import polars as pl

from validator.base import frame_bytes
from validator.checks import findings
from validator.checks.hiding import Hider
from validator.checks.plan import Plan
from validator.checks.spool import Spool

if TYPE_CHECKING:
    from validator.checks.outcomes import Result

#: More rows of a rule than this wait on disk for their repetition: hardly any of them is ever wanted again.
_IN_MEMORY = 20_000
#: The compact form of a finding, and the place of its partition.
REPEATED = pl.Schema({**findings.COMPACT, "_part": pl.UInt32()})


def of_partition(plan: Plan, result: "Result", hider: Hider, mask: bool, *, alone: bool) -> dict[str, pl.DataFrame]:
    """Rule -> the ``key`` of each judged row, with the finding (``findings.COMPACT``) that it may become.

    ``alone``: no other partition can repeat a key, so that only repeated ones are returned.
    """
    from validator.checks import evidence  # needs NumPy

    found, cases = {}, result.tables[plan.case]
    for name, (check, keys) in result.batch_keys.items():
        kept = keys.filter(keys["key"].is_duplicated()) if alone else keys
        rows = findings.compact(evidence.of_rows(plan, check, kept["_i"], result.tables, mask), cases["case_id"])
        hidden = hider.hide_all(rows, cases)
        found[name] = (hidden if mask else rows).with_columns(kept["key"], hidden=hidden["value"])
    return found


class Repeats:
    """The keys of all partitions; they stay on disk until all of them are there."""

    def __init__(self) -> None:
        self._rows: dict[str, Spool] = {}

    def add(self, place: int, repeats: dict[str, pl.DataFrame]) -> None:
        """Take what a partition has."""
        for name, rows in repeats.items():
            self._rows.setdefault(name, Spool(_IN_MEMORY)).add(place, rows)

    def judged(self) -> pl.DataFrame:
        """The case of every row whose key was judged: ``check``, ``_part``, ``_case``."""
        parts = [pl.DataFrame(schema={"check": pl.String, "_part": pl.UInt32, "_case": pl.UInt32})]
        for name, spool in self._rows.items():
            parts += [
                rows.select(pl.lit(name).alias("check"), pl.lit(place, pl.UInt32).alias("_part"), "_case")
                for place, rows in spool
            ]
        return pl.concat(parts)

    def found(self) -> pl.DataFrame:
        """The rows whose key another row has too, as findings (:data:`REPEATED`), rule by rule."""
        found = [pl.DataFrame(schema=REPEATED)]
        for _, spool in sorted(self._rows.items()):
            # sorted, for a set of them would take five times as much
            every = pl.concat([keys for _, keys in spool.column("key")]).sort()
            again = every.filter(every == every.shift()).unique().implode()
            met = [place for place, keys in spool.column("key") if again[0].len() and keys.is_in(again).any()]
            found += [
                frame_bytes.compact(rows.filter(pl.col("key").is_in(again))).select(
                    *findings.COMPACT, _part=pl.lit(place, pl.UInt32)
                )
                for place, rows in spool.only(met)
            ]
        return pl.concat(found)
