"""Lists, charge lines and case records of the same stays, brought together by keys that are data (``schemas/story``)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from validator.base.certainty import PLACEHOLDERS
from validator.base.language import say
from validator.base.lazy import pl
from validator.codes.lookup import Judge
from validator.read import editions
from validator.read.partition import Companion, Note, Partition, Source
from validator.spec.layouts import Layouts
from validator.spec.story import DAY, Story

#: Rows of lists that wait for a record which may follow, where it is not known that one does.
_WAITING = 1_000_000
_SIZE = 100_000  #: cases of a partition


def brought_together(
    parts: Iterable[Partition],
    layouts: Layouts,
    story: Story,
    *,
    records: Iterable[Partition] = (),
    waiting: bool = True,
    edition: str = "",
    judge: Judge,
) -> Iterator[Partition]:
    """The partitions, each list with the records of its stays as companions; then charge lines without a list with theirs; then
    the records.

    ``records``: those that were given as such; else records among ``parts`` are found, for which lists wait (``waiting``) as
    long as memory allows. ``edition``: that of the records' codes, where it is known, else as ``judge``'s tables show.
    """
    together = _Together(layouts, story, judge, edition)
    for record in records:
        together.take(record)
    held, rows, wait = list[Partition](), 0, waiting and not together.records
    for part in parts:
        document = layouts[part.layout].interface.document
        if document == "record":
            together.take(part)
        elif wait or (document == "fees" and together.records):
            held.append(part)
            rows += sum(map(part.height, part.tables))
            if rows > _WAITING and not together.records:
                yield from map(together.with_records, held)
                held, wait = [], False
        else:
            yield together.with_records(part)
    held.sort(key=lambda part: layouts[part.layout].interface.document == "fees")  # of records that no list has
    for part in held:
        yield together.with_records(part)
    del held
    yield from together.rest()


def with_lines(parts: Iterable[Partition], lines: Iterable[Partition], layouts: Layouts) -> Iterator[Partition]:
    """Lists with their charge lines as a further table; then the stays of the other lines."""
    from validator.read import assemble, stays

    by_layout: dict[str, list[Partition]] = {}
    for part in lines:
        by_layout.setdefault(part.layout, []).append(part)
    left = [assemble.concatenated(some) for some in by_layout.values()]
    for part in parts:
        joins = [n for n, rows in enumerate(left) if f"{part.layout}+{rows.layout}" in layouts]
        if not joins:
            yield part
            continue
        others = list[Partition]()
        rows = left.pop(joins[0])
        for each in stays.joined(part, rows, layouts, _SIZE):
            if each.layout == rows.layout:
                others.append(each)
            else:
                yield each
        left += [assemble.concatenated(others)] if others else []
    for rows in left:
        yield from assemble.cut(layouts[rows.layout], rows.tables, rows.sources, rows.notes, _SIZE)


class _Together:
    """The records of a run, and which of their cases a list tells of too."""

    def __init__(self, layouts: Layouts, story: Story, judge: Judge, edition: str) -> None:
        self.layouts, self.story, self.judge, self.edition = layouts, story, judge, edition
        self.records = list[Partition]()
        self._missed = 0  #: lists that went by before any record came
        self._seen = 0  #: records of which the editions are known
        self._ids: list[
            pl.Series
        ] = []  #: per record partition and case, the list's case_id; none until it is asked for
        self._lists = False

    def take(self, record: Partition) -> None:
        """Keep a partition of records."""
        self.records.append(record)

    def with_records(self, part: Partition) -> Partition:
        """The partition with its companions; a list without a record, or with several, is noted. Charge lines are compared with
        records that no list has.
        """
        of_list = self.layouts[part.layout].interface.document == "list"
        if not of_list and not (self.records and part.layout in self.story.documents):
            return part
        if not self.records:
            self._missed += part.height(part.case)
            return part
        self._lists |= of_list
        self._with_ids()
        self._find_editions()
        mine = self._keyed(part)
        found = pl.concat(
            [self._keyed(record).with_columns(_part=pl.lit(n, pl.UInt32)) for n, record in enumerate(self.records)]
        )
        if not of_list:
            found = found.filter(pl.concat(self._ids).is_null())
        pairs, unclear = match(mine, found, len(self.story.keys))
        for n, record in enumerate(self.records):
            own = pairs.filter(pl.col("_part") == n)
            nothing = pl.repeat(None, record.height(record.case), dtype=pl.UInt32, eager=True)
            home, key = (nothing.clone().scatter(own["_there"], own[name]) for name in ("_case", "_key"))
            if own.height:
                part.companions.append(Companion(record, home, key))
            if own.height and of_list:
                ids = part.tables[part.case]["case_id"][own["_case"]]
                self._ids[n] = self._ids[n].scatter(own["_there"], ids)
        part.notes += self._notes(part, pairs["_case"] if of_list else mine["_case"], unclear)
        return part

    def _with_ids(self) -> None:
        for record in self.records[len(self._ids) :]:
            self._ids.append(pl.repeat(None, record.height(record.case), dtype=pl.String, eager=True))

    def _keyed(self, part: Partition) -> pl.DataFrame:
        """The cases of a partition with the text of each key; null where a part of it says nothing."""
        layout = self.layouts[part.layout]
        fields = self.story.documents[layout.parts[0] if layout.parts else layout.name].keys
        cases = part.tables[part.case]
        keys = [
            pl.concat_str([_part_text(cases, name, fields) for name in key.parts], separator="\x1f").alias(f"_key{n}")
            for n, key in enumerate(self.story.keys)
        ]
        return cases.select("_case", *keys)

    def _notes(self, part: Partition, found: pl.Series, unclear: pl.DataFrame) -> Iterator[Note]:
        cases = part.tables[part.case]
        without = cases.filter(~pl.col("_case").is_in(pl.concat([found, unclear["_case"]]).implode()))
        for case, source, line in without.select("_case", "_source", "_line").iter_rows():
            yield Note("read/no-record", part.case, case=case, row=1, source=part.sources[source], line=line)
        places = unclear.join(cases.select("_case", "_source", "_line"), on="_case", how="left", maintain_order="left")
        for case, key, lists, records, source, line in places.select(
            "_case", "_key", "_lists", "_records", "_source", "_line"
        ).iter_rows():
            args = {"key": self.key_name(key), "lists": str(lists), "records": str(records)}
            yield Note(
                "read/ambiguous-record", part.case, case=case, row=1, source=part.sources[source], line=line, args=args
            )

    def key_name(self, key: int) -> str:
        """What people call a key."""
        return say(self.story.keys[key].name_zh, self.story.keys[key].name_en)

    def _find_editions(self) -> None:
        """Find out in which edition each file of records is."""
        if self._seen == len(self.records):
            return
        self._seen = len(self.records)
        found = editions.of_files(self.records, self.layouts, self.judge, self.edition)
        for record in self.records:
            record.editions = found

    def rest(self) -> Iterator[Partition]:
        """The records, those of a list under its ``case_id``; the others are noted where there are lists."""
        self._find_editions()
        mixed = set[str]()
        for number, record in enumerate(self.records):
            part = replace(record, notes=list(record.notes))
            part.notes += editions.mixed(part, mixed)
            if self._missed and not number:
                where = Source(record.sources[0].file) if record.sources else None
                part.notes.append(Note("read/late-records", part.case, source=where, args={"count": str(self._missed)}))
            if self._lists:
                self._with_ids()
                self._named(part, self._ids[number])
            yield part

    @staticmethod
    def _named(record: Partition, ids: pl.Series) -> None:
        """Give cases the ``case_id`` of their list; those that are of none are noted."""
        cases = record.tables[record.case]
        known = cases.with_columns(
            case_id=ids.zip_with(ids.is_not_null(), cases["case_id"]), _of_list=ids.is_not_null()
        )
        record.tables = {**record.tables, record.case: known}
        alone = known.filter(~pl.col("_of_list")).select("_case", "_source", "_line")
        record.notes += [
            Note("read/only-record", record.case, case=case, row=1, source=record.sources[source], line=line)
            for case, source, line in alone.iter_rows()
        ]


def match(mine: pl.DataFrame, theirs: pl.DataFrame, keys: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Which list and which record are of one stay: ``_case, _part, _there, _key``; and the lists of which that is not clear.

    A pair agrees in its best key that both have. ``mine``: ``_case`` and ``_key0`` …; ``theirs`` also ``_part``.
    """
    names = [f"_key{n}" for n in range(keys)]
    others = theirs.rename({"_case": "_there", **{name: f"{name}+" for name in names}})
    pairs, unclear = list[pl.DataFrame](), list[pl.DataFrame]()
    left = mine
    for n, name in enumerate(names):
        both = left.drop_nulls(name).join(others, left_on=name, right_on=f"{name}+", maintain_order="left_right")
        for better in names[:n]:
            both = both.filter((pl.col(better) == pl.col(f"{better}+")).fill_null(value=True))
        counted = both.with_columns(
            _records=pl.len().over("_case"), _lists=pl.len().over("_part", "_there"), _key=pl.lit(n, pl.UInt32)
        )
        clear = (pl.col("_records") == 1) & (pl.col("_lists") == 1)
        pairs.append(counted.filter(clear).select("_case", "_part", "_there", "_key"))
        unclear.append(
            counted.filter(~clear).select("_case", "_key", "_lists", "_records").unique("_case", keep="first")
        )
        left = left.join(counted, on="_case", how="anti", maintain_order="left")
        others = others.join(pairs[-1], on=["_part", "_there"], how="anti", maintain_order="left")
    return pl.concat(pairs), pl.concat(unclear).sort("_case")


def _part_text(cases: pl.DataFrame, name: str, fields: Mapping[str, str]) -> pl.Expr:
    """One part of a key without what is form alone; of a day, its numbers."""
    from validator.read.finder import key_form

    field = fields.get(name, "")
    if field not in cases.columns:
        return pl.lit(None, pl.String)
    text = pl.col(field).str.strip_chars()
    if name.endswith("_day"):
        numbers = text.str.extract_groups(DAY).struct
        return pl.concat_str([numbers.field(str(n)).str.zfill(2) for n in (1, 2, 3)], separator="-")
    form = key_form(text)
    return pl.when((form != "") & ~text.is_in(PLACEHOLDERS)).then(form)
