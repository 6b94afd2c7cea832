"""Whether a batch keeps to one scheme of codes, where several are in use (``schemes`` of a value set)."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from validator.base.language import current, say
from validator.codes.value_sets import Domain
from validator.read.partition import Note
from validator.spec.catalogue import Catalogue
from validator.spec.profiles import ANY

#: Code -> how many cases use it, and the first of them by number, which is the same however the cases are cut.
Met = dict[str, tuple[int, str]]
#: The values of a column of the cases (None among them), with the same; None where there is no such column.
Used = Callable[[str], Iterable[tuple[str | None, int, str]] | None]


class Schemes:
    """What the cases of a batch use: their codes or, where codes do not tell, what the set's ``named_by`` fact says."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.sets = [domain for domain in catalogue.domains.values() if domain.schemes]
        self.met: dict[str, Met] = {domain.name: {} for domain in self.sets}
        self.rows = {
            row.domain: row
            for layout in catalogue.layouts.values()
            for table in layout.tables.values()
            for row in table.fields.values()
        }

    def count(self, used: Used) -> dict[str, Met]:
        """What the cases of one partition use, its facts computed."""
        found: dict[str, Met] = {}
        for domain in self.sets:
            each = used(domain.named_by or self.rows[domain.name].field)
            if each is not None:
                found[domain.name] = {code: (n, case) for code, n, case in each if code is not None}
        return found

    def add(self, found: Mapping[str, Met]) -> None:
        """Take the counts of a later partition."""
        for name, counts in found.items():
            met = self.met[name]
            for code, (count, case) in counts.items():
                known, first = met.get(code, (0, case))
                met[code] = known + count, min(first, case)

    def notes(self) -> Iterator[Note]:
        """One note for each value set of which no single scheme, or not the profile's, explains every case."""
        for domain in self.sets:
            chosen = self.catalogue.profile.schemes.get(domain.name, ANY)
            able = [chosen] if chosen != ANY else list(domain.schemes)
            codes = {code for scheme in domain.schemes for code in _codes(domain, scheme)}
            met = {code: each for code, each in self.met[domain.name].items() if code in codes or domain.named_by}
            by_case = chosen != ANY and not domain.named_by
            if by_case or any(met.keys() <= _codes(domain, scheme) for scheme in able):
                continue
            row, wanted = self.rows[domain.name], ""
            if chosen != ANY:
                wanted = say("；本地方案规定用", "; the profile asks for ") + domain.schemes[chosen].title(current())
            args = {"name": row.name(current()), "counts": _counted(domain, met) + wanted}
            yield Note("read/mixed-scheme", row.table, row.field, args=args)


def _codes(domain: Domain, scheme: str) -> set[str]:
    return {scheme} if domain.named_by else set(domain.schemes[scheme].names)


def _counted(domain: Domain, met: Met) -> str:
    """The codes, the most frequent first, with the number of cases and one to look at."""
    parts = []
    for code, (count, case) in sorted(met.items(), key=lambda each: (-each[1][0], each[0])):
        titled = domain.named_by and code in domain.schemes
        name = domain.schemes[code].title(current()) if titled else code
        parts.append(say(f"“{name}”{count} 例（如 {case}）", f"'{name}' in {count} cases (such as {case})"))
    return say("，", ", ").join(parts)
