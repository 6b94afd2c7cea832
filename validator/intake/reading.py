"""What receiving keeps of partitions on their way to the checks: digests, the lists themselves, their groups, days, amounts and
the figures of their hospitals' months.
"""

import os
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import polars as pl

from validator.base.errors import InputError
from validator.base.masking import misplaced
from validator.checks.typing import Typing
from validator.codes.tables import Store
from validator.grouping.cases import costs, principals
from validator.grouping.grouper import Grouper
from validator.grouping.outside import Outside
from validator.intake import arrival, content, memory
from validator.intake.options import Options
from validator.read.partition import Partition, Source
from validator.spec.catalogue import Catalogue
from validator.spec.interfaces import SCHEMES

#: One row per case as it was read.
READ: dict[str, Any] = {
    "document": pl.String, "case_id": pl.String, "hospital": pl.String, "period": pl.String, "settled": pl.Date, "total_fen": pl.Int64,
    "group_status": pl.String, "group_code": pl.String, "of_list": pl.Boolean, "digest": pl.Binary, "parts": pl.String,
}  # fmt: skip


#: Roles of an interface whose days the ledger keeps, and their names there.
_DAYS = {"settlement": "settled", "discharge": "discharged"}


@dataclass
class DeliveryReading:
    """Looks at each partition and lets it pass; ``lists`` is the folder to write their tables to."""

    catalogue: Catalogue
    options: Options
    inbox: Path  #: where the files lie: findings name them without it
    lists: Path
    grouper: Grouper | None
    each: Callable[[], None]  #: called for every partition: long work keeps its lease so
    _cases: list[pl.DataFrame] = field(default_factory=list)
    _groups: list[pl.DataFrame] = field(default_factory=list)
    _figures: list[pl.DataFrame] = field(default_factory=list)
    _keys: list[pl.DataFrame] = field(default_factory=list)

    def through(self, parts: Iterable[Partition]) -> Iterator[Partition]:
        """The partitions, each looked at first."""
        outside = Outside(self.grouper.catalogue) if self.grouper else None
        for number, part in enumerate(parts):
            self.each()
            self._name_files(part)
            if part.tables[part.case].height:
                self._keys += memory.of_partition(self.catalogue, part, number)
                self._add(part, outside)
                self._write(part, number)
            yield part
            del part  # or it would stay while the next one is read

    def _name_files(self, part: Partition) -> None:
        """Call the files as the sender does."""
        named = dict[int, Source]()

        def name(source: Source) -> Source:
            return named.setdefault(id(source), replace(source, file=shown(source.file, self.inbox)))

        old = part.sources  # kept until all are named: they are known by identity
        part.sources = [name(each) for each in old]
        part.notes = [replace(note, source=note.source and name(note.source)) for note in part.notes]
        for companion in part.companions:
            companion.part.sources = [name(each) for each in companion.part.sources]

    def _add(self, part: Partition, outside: Outside | None) -> None:
        interface = self.catalogue.layouts[part.layout].interface
        cases = part.tables[part.case]
        nothing = pl.lit(None, pl.String)
        named = [pl.col(name) for name in interface.roles["hospital"] if name in cases.columns]
        if self.options.hospital:
            named = [pl.lit(self.options.hospital)]
        settled, discharged = (self._day(part, role) for role in ("settlement", "discharge"))
        month = pl.coalesce(settled, discharged).dt.strftime("%Y%m")
        frame = cases.select(
            "case_id",
            settled,
            document=pl.lit(interface.document),
            hospital=pl.coalesce(*named, nothing).fill_null(""),
            period=month.fill_null(self.options.period),
            of_list=pl.col("_of_list") if "_of_list" in cases.columns else pl.lit(False),
        )
        groups, principal = self._group(part, outside, cases.height)
        frame = frame.with_columns(*groups, misplaced(frame["hospital"]))
        self._cases.append(frame.hstack(content.of_partition(part)).select(*READ))
        if interface.document == "list":
            about = frame.select(
                "hospital", "period", "total_fen", _case=pl.int_range(pl.len(), dtype=pl.UInt32), diagnosis=principal
            )
            self._figures.append(arrival.figures(about.select(*arrival.CASES), part.tables))

    def _day(self, part: Partition, role: str) -> pl.Series:
        """The day of a role of the interface (``settlement``, ``discharge``) by case, under the role's name in the ledger."""
        layout, cases = self.catalogue.layouts[part.layout], part.tables[part.case]
        rows = [layout.tables[part.case].fields[name] for name in layout.interface.roles[role]]
        rows = [row for row in rows if row.field in cases.columns]
        if not rows:
            return pl.Series(_DAYS[role], [None] * cases.height, pl.Date)
        typed = Typing(self.catalogue, rows).apply(cases).frame
        days = pl.coalesce(pl.col(row.field).cast(pl.Date) for row in rows)
        return typed.select(days.alias(_DAYS[role])).to_series()

    def _group(self, part: Partition, outside: Outside | None, height: int) -> tuple[list[pl.Series], pl.Series]:
        """Cost and group of each case, null where the tables that tell were not read or no scheme holds; and its principal diagnosis."""
        blank = [
            pl.Series(name, [None] * height, kind)
            for name, kind in (("total_fen", pl.Int64), ("group_status", pl.String), ("group_code", pl.String))
        ]
        if self.catalogue.layouts[part.layout].interface.document != "list":
            return blank, pl.Series([None] * height, dtype=pl.String)
        principal = principals(part.tables)
        blank[0] = (costs(part.tables) * 100).round(0).cast(pl.Int64, strict=False).alias("total_fen")
        if not self.grouper or not outside:
            return blank, principal
        batch, _ = self.grouper.of_lists(part, outside)
        if batch is None:
            return blank, principal
        result = batch.result
        self._groups.append(result)
        code = result["drg" if "drg" in result.columns else "dip"]
        return [blank[0], result["status"].alias("group_status"), code.alias("group_code")], principal

    def _write(self, part: Partition, number: int) -> None:
        """Keep the tables of a partition; rows of all tables name their case."""
        ids = part.tables[part.case]["case_id"]
        for name, frame in part.tables.items():
            target = self.lists / part.layout / name / f"{number:05}.parquet"
            target.parent.mkdir(parents=True, exist_ok=True)
            rows = frame.select(case_id=ids.gather(frame["_case"]))
            columns = [each for each in frame.columns if not each.startswith("_") and each != "case_id"]
            rows.hstack(frame.select(columns)).write_parquet(target, compression="lz4")

    @property
    def cases(self) -> pl.DataFrame:
        """Every case as it was read (:data:`READ`), in the order of the partitions."""
        return pl.concat(self._cases) if self._cases else pl.DataFrame(schema=READ)

    @property
    def keys(self) -> pl.DataFrame:
        """The values that must not stand on two lists (``memory.VALUES``)."""
        return pl.concat([pl.DataFrame(schema=memory.VALUES), *self._keys])

    @property
    def figures(self) -> pl.DataFrame:
        """The figures of the hospitals' months (``arrival.FIGURES``)."""
        return arrival.add(self._figures)

    @property
    def groups(self) -> pl.DataFrame | None:
        """The group of each case; None where no scheme is loaded or nothing could be grouped."""
        return pl.concat(self._groups, how="diagonal") if self._groups else None


def shown(text: str, inbox: Path) -> str:
    """A text that names files of the inbox, naming them as the sender does."""
    return re.sub(re.escape(f"{inbox}{os.sep}") + r"(?:\d{3}" + re.escape(os.sep) + ")?", "", text)


def grouper(profile: str, codebooks: Path | None) -> Grouper | None:
    """The grouper by the loaded scheme; None where there is none, or not the one that the profile names."""
    store = Store(codebooks)
    if not any(store.versions(f"{kind}_scheme") for kind in SCHEMES):
        return None
    try:
        return Grouper("", profile, codebooks)
    except InputError:
        return None
