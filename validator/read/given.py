"""What a caller gives to be checked: lists, case records and charge lines, each by name or all in one."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from validator.base.errors import InputError
from validator.codes import editions
from validator.read import as_paths, of_data, together
from validator.read.partition import Partition
from validator.spec.catalogue import Catalogue
from validator.spec.layouts import Layouts

#: What each may hold: charge lines may lie next to lists in one folder.
_DOCUMENTS = {"list": ("list", "fees"), "record": ("record",), "fees": ("fees",)}
#: Files of one table: no record follows the lists in them.
_ONE_TABLE = (".csv", ".tsv", ".txt", ".parquet")


@dataclass
class Given:
    """``data`` is whatever is recognised in it; the others are of one document each; None where not given."""

    data: Any = None
    lists: Any = None
    record: Any = None
    fees: Any = None

    def __post_init__(self) -> None:
        if all(each is None for each in (self.data, self.lists, self.record, self.fees)):
            from validator.read import objects

            raise objects.refusal(None)
        if self.data is not None and self.lists is not None:
            raise InputError("data 和 list 只能给一个", "give data or list, not both")

    @property
    def paths(self) -> list[str | Path] | None:
        """The paths that were given; None where something else was."""
        known = [as_paths(each) for each in (self.data, self.lists, self.record, self.fees) if each is not None]
        return [path for some in known for path in some or ()] if all(known) else None

    def partitions(
        self, catalogue: Catalogue, *, edition: str = "", **options: Any
    ) -> tuple[Iterable[Partition], list[str]]:
        """The partitions, brought together by stay, and what to call them in a report.

        ``edition``: that of the records' codes, else the profile's, else the loaded tables show it. ``options`` are those of
        :func:`validator.read.of_data`.
        """
        layouts, edition = catalogue.layouts, edition or catalogue.profile.record_edition
        editions.refuse_unknown(edition)
        names = list[str]()

        def read(data: Any, document: str = "") -> Iterator[Partition]:
            if data is None:
                return iter(())
            own = options | {"settlement": None, "progress": options.get("progress")} if document else options
            parts, called = of_data(data, of_document(layouts, document), **_fitting(own, layouts, document))
            names.extend(called)
            return iter(parts)

        main = self.data if self.data is not None else self.lists
        parts = read(main, "list" if self.lists is not None else "")
        records, lines = read(self.record, "record"), read(self.fees, "fees")
        if self.fees is not None:
            parts = together.with_lines(parts, lines, layouts)
        waiting = self.record is None and self.lists is None and self._may_mix
        return together.brought_together(
            parts, layouts, catalogue.story, records=records, waiting=waiting, edition=edition, judge=catalogue.judge
        ), names

    @property
    def _may_mix(self) -> bool:
        """Whether records may come after lists in the data."""
        paths = as_paths(self.data)
        if paths is None or len(paths) > 1:
            return True
        return Path(paths[0]).is_dir() or Path(paths[0]).suffix.lower() not in _ONE_TABLE


def of_document(layouts: Layouts, document: str) -> Layouts:
    """The interfaces that data of a document may be of; all where none is named."""
    return Layouts(layouts.of(*_DOCUMENTS[document])) if document else layouts


def _fitting(options: dict[str, Any], layouts: Layouts, document: str) -> dict[str, Any]:
    """The options without an interface of another document."""
    layout = options.get("layout")
    fits = not (document and layout in layouts) or layout in of_document(layouts, document)
    return options if fits else options | {"layout": None}
