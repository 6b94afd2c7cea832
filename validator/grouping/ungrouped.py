"""How many cases of a check have no group by the loaded scheme: what 暂不能入组 counts where there is one.

Where no scheme is loaded, which every check asks, nothing of the grouper is imported.
"""

import json
from pathlib import Path
from typing import TYPE_CHECKING

from validator.base.errors import InputError
from validator.codes.tables import Store
from validator.spec.interfaces import SCHEMES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from validator.grouping.grouper import Grouper
    from validator.read.partition import Partition


class Ungrouped:
    """The cases that have no group, counted partition by partition while lists are checked."""

    def __init__(self, grouper: "Grouper") -> None:
        from validator.grouping.outside import Outside

        self.grouper, self._outside = grouper, Outside(grouper.catalogue)
        self._cases, self._excluded = 0, 0
        self._known = True

    def watching(self, parts: "Iterable[Partition]") -> "Iterator[Partition]":
        """The partitions, each grouped as it is read."""
        for part in parts:
            self.add(part)
            yield part
            del part  # or it would stay while the next one is read

    def add(self, part: "Partition") -> None:
        """Group the cases of a partition; where they cannot be grouped, nothing is known of the whole."""
        if not self._known or self.grouper.catalogue.layouts[part.layout].interface.document != "list":
            return
        batch, _ = self.grouper.of_lists(part, self._outside)
        if batch is None:
            self._known = False
            return
        status = batch.result["status"]
        self._cases += int(status.is_in(["failed", "ambiguous"]).sum())
        self._excluded += int((status == "excluded").sum())

    def to_bytes(self) -> bytes:
        """What was counted, for :meth:`merge` in another process."""
        used = [each.version for each in self.grouper.used]
        found = {"cases": self._cases, "excluded": self._excluded, "known": self._known, "used": used}
        return json.dumps(found).encode()

    def merge(self, content: bytes, number: int = 0) -> None:
        """Add what :meth:`to_bytes` says of other cases; ``number`` makes no difference."""
        del number
        found = json.loads(content)
        self._cases += found["cases"]
        self._excluded += found["excluded"]
        self._known &= found["known"]
        self.grouper.use(found["used"])

    @property
    def cases(self) -> int | None:
        """Cases that take part in grouping and have no group; None where that is not known."""
        return self._cases if self._known and self.grouper.used else None

    @property
    def excluded(self) -> int:
        """Cases that take no part in grouping."""
        return self._excluded

    @property
    def schemes(self) -> str:
        """The schemes that the cases were grouped by."""
        return "、".join(each.version for each in sorted(self.grouper.used, key=lambda version: version.order))


def counter(profile: str, codebooks: str | Path | None) -> Ungrouped | None:
    """A counter by the loaded scheme; None where there is none, or not the one that the profile names."""
    store = Store(Path(codebooks) if codebooks else None)
    if not any(store.versions(f"{kind}_scheme") for kind in SCHEMES):
        return None
    from validator.grouping.grouper import Grouper

    try:
        return Ungrouped(Grouper("", profile, codebooks))
    except InputError:
        return None
