"""Group data: read as for :func:`validator.check` or from a flat table, by the scheme in force, partition by partition.

>>> from validator import group
>>> group("清单.xlsx", scheme="chs-drg-1.1")
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from validator import read
from validator.base.errors import InputError
from validator.base.language import current
from validator.checks import catalogue as catalogues
from validator.checks.plan import PlanKey
from validator.checks.plans import plan_of
from validator.checks.typing import Typing
from validator.codes.tables import Store, Version
from validator.grouping import cases as flats
from validator.grouping import dip, dip_scheme, drg
from validator.grouping import scheme as drg_scheme
from validator.grouping.cases import Cases
from validator.grouping.corrections import Sources
from validator.grouping.dip_names import CodeNames, named
from validator.grouping.outside import Outside
from validator.read import flat, objects
from validator.read.partition import Partition
from validator.read.place import Place
from validator.spec.catalogue import Catalogue

Progress = Callable[[str, int, int], None]
_DISCHARGED = ("discharged", "dscg_time", "出院日期", "出院时间")  #: columns of flat tables
_ROWS = 300_000  #: of a flat table, read together
#: What grouping reads of each table and cannot do without; of names with ``|`` between, one will do.
_READ = {"setlinfo": ("gend", "age|nwb_age"), "diseinfo": ("diag_code",), "oprninfo": ("oprn_oprt_code",)}
_UNFIT = ("principal_exclusion", "principal_caution")  #: tables of codes that are never, or seldom, principal
_TABLES = (drg_scheme.TABLE, dip_scheme.TABLE)


@dataclass(frozen=True)
class Read:
    """Some cases as they were read."""

    cases: Cases
    days: pl.Series  #: of discharge; null = not known


@dataclass(frozen=True)
class Batch:
    """Some cases and their groups (``drg.RESULT`` or ``dip.RESULT``), row by row."""

    read: Read
    result: pl.DataFrame

    @property
    def cases(self) -> Cases:
        """The cases themselves."""
        return self.read.cases


class Grouper:
    """Groups cases by the schemes of one registry."""

    def __init__(self, scheme: str = "", profile: str = "national", codebooks: str | Path | None = None) -> None:
        """``scheme``: the version to group by; else the profile's, else the one in force on the day of discharge.

        Raises :class:`~validator.base.errors.InputError` when it is not loaded, or none is.
        """
        self.profile = profile
        folder = Path(codebooks) if codebooks else None
        self.catalogue: Catalogue = catalogues.load(profile, (), folder)
        self.store = Store(folder)
        self.versions = _candidates(self.store, scheme, self.catalogue.profile.codebooks)
        numbers = self.catalogue.profile.parameters
        self.used: list[Version] = []  #: the schemes that cases were grouped by
        self.limits = drg.Limits(numbers.get("long_stay_days"), numbers.get("group_cost_min"), numbers["newborn_days"])

    @property
    def is_dip(self) -> bool:
        """Whether cases are grouped by a DIP scheme."""
        return self.versions[0].table == dip_scheme.TABLE

    def version(self, day: date | None) -> Version:
        """The scheme for cases discharged on ``day`` (None: not known)."""
        if len(self.versions) == 1:
            return self.versions[0]
        holding = [each for each in self.versions if day is None or each.holds(day)]
        newest = max((each.since or date.min for each in holding), default=None)
        found = [each for each in holding if (each.since or date.min) == newest]
        if len(found) != 1:
            names, when = "、".join(each.version for each in found or self.versions), str(day or "")
            raise InputError(
                f"装载了几个分组方案（{names}），分不清{when}用哪个：请用 --scheme 指明，或在加入时写明起用日期 --since",
                f"several schemes are loaded ({names}); which holds {when} is not known: name it with --scheme, or add "
                "them with --since",
            )
        return found[0]

    def group(self, cases: Cases, days: pl.Series | None = None) -> pl.DataFrame:
        """One row for each case, in their order; ``days``: when each was discharged."""
        if len(self.versions) == 1 or days is None:
            return self._by(self.version(None), cases)
        known = {day: self.version(day) for day in days.unique(maintain_order=True).to_list()}
        chosen = sorted(set(known.values()), key=lambda each: each.version)
        if len(chosen) == 1:
            return self._by(chosen[0], cases)
        place = {day: chosen.index(version) for day, version in known.items()}
        which = pl.Series([place[day] for day in days.to_list()], dtype=pl.UInt32)
        rows = [(which == number).arg_true() for number in range(len(chosen))]
        parts = [self._by(version, cases.take(some)) for version, some in zip(chosen, rows, strict=True)]
        return pl.concat(parts)[pl.concat(rows).arg_sort()]

    def use(self, names: Collection[str]) -> None:
        """Note that cases were grouped by these versions elsewhere."""
        self.used += [each for each in self.versions if each.version in names and each not in self.used]

    def scheme(self, version: Version) -> drg_scheme.DrgScheme | dip_scheme.DipScheme:
        """A version in memory."""
        load = dip_scheme.load if version.table == dip_scheme.TABLE else drg_scheme.load
        return load(version)

    def _by(self, version: Version, cases: Cases) -> pl.DataFrame:
        scheme = self.scheme(version)
        if version not in self.used:
            self.used.append(version)
        if isinstance(scheme, dip_scheme.DipScheme):
            found = named(dip.group(scheme, cases), scheme, self.names)
            return _set_apart(found, cases, dip=None)
        return _set_apart(drg.group(scheme, cases, self.limits, self.grey), cases, drg=drg.NOTHING)

    @cached_property
    def names(self) -> CodeNames:
        """Names of codes, and of DIP groups that have none of their own."""
        return CodeNames.loaded(self.store, self.catalogue.profile.codebooks)

    @cached_property
    def grey(self) -> pl.Series | None:
        """The grey diagnosis codes, where a loaded table tells."""
        version = self.store.at("icd10", None, self.catalogue.profile.codebooks.get("icd10", ""))
        grey = self.store.grey(version, None) if version else None
        return self.store.book(version).codes.filter(grey.fill_null(False)) if version and grey is not None else None

    def batches(self, data: Any, **reading: Any) -> Iterator[Batch]:
        """The groups of some data (:func:`read_cases`), some 100,000 cases at a time."""
        return map(self.batch, read_cases(data, self.catalogue, **reading))

    def batch(self, found: Read) -> Batch:
        """The groups of some cases as they were read."""
        some = replace(found, cases=self._in_edition(found))
        return Batch(some, self.group(some.cases, some.days))

    def by_version(self, batch: Batch) -> list[tuple[Version, pl.Series]]:
        """The schemes that cases were grouped by, each with the rows of its cases."""
        days = batch.read.days
        if len(self.versions) == 1:
            return [(self.versions[0], pl.int_range(days.len(), dtype=pl.UInt32, eager=True))]
        rows: dict[Version, list[pl.Series]] = {}
        for day in days.unique(maintain_order=True).to_list():
            rows.setdefault(self.version(day), []).append(days.eq_missing(day).arg_true())
        return [(version, pl.concat(some).sort()) for version, some in rows.items()]

    def sources(self, version: Version) -> Sources:
        """For corrections: the code tables of the scheme's time, and the codes that the rules of choice speak against."""
        tables = self.catalogue.knowledge
        prefixes = sorted({prefix for name in _UNFIT for prefix in tables[name].prefixes["code"]})
        return Sources(self.store, version.since, rf"\A(?:{'|'.join(map(re.escape, prefixes))})")

    def of_lists(self, part: Partition, outside: Outside) -> tuple[Batch | None, str]:
        """The groups of a partition of lists; None where they are not known, with the reason in words.

        They are not where a table or column that grouping reads was not read, or no scheme holds on a day of discharge.
        """
        try:
            return self.batch(of_partition(part, self.catalogue, outside)), ""
        except InputError as error:
            return None, str(error)

    def _in_edition(self, found: Read) -> Cases:
        """The cases with other diagnoses of the clinical edition as the loaded map translates them.

        The editions use some codes with different meanings, so a code that the scheme knows stays. The principal
        diagnosis and procedure decide the group: for them the translation is a correction that a person makes.
        """
        cases, codes = found.cases, found.cases.diagnoses["code"]
        for version in {self.version(day) for day in found.days.unique().to_list()}:
            scheme = self.scheme(version)
            if isinstance(scheme, dip_scheme.DipScheme):
                return cases
            unknown = codes.filter(pl.Series(scheme.numbers(codes) == scheme.size, dtype=pl.Boolean))
            maps = self.store.mapped(unknown).filter(pl.col("table") == "icd10_map").select("code", "target")
            own = (
                scheme.part("diagnosis_map")
                .select("code", target="parent")
                .filter(pl.col("code").is_in(unknown.implode()))
            )
            mapped = pl.concat([own, maps]).unique("code", keep="first", maintain_order=True)
            codes = codes.replace(mapped["code"], mapped["target"])
        return replace(cases, diagnoses=cases.diagnoses.with_columns(code=codes))


def _set_apart(result: pl.DataFrame, cases: Cases, **group: str | None) -> pl.DataFrame:
    """Cases that are paid apart take no part: their status and reason, and ``group`` for the column of their group."""
    reason = cases.frame["outside"]
    if reason.null_count() == reason.len():
        return result
    there = reason.is_not_null()
    values = {"status": "excluded", **group}
    changed = (
        pl.when(there).then(pl.lit(value, pl.String)).otherwise(pl.col(name)).alias(name)
        for name, value in values.items()
    )
    return result.with_columns(*changed, reason=pl.coalesce(reason, "reason"))


def _candidates(store: Store, scheme: str, pinned: Mapping[str, str]) -> list[Version]:
    """The versions among which the day of discharge picks: the one that is named, else all of DRG, else all of DIP."""
    known = [each for table in _TABLES for each in store.versions(table)]
    there = "、".join(each.version for each in known)
    if not known:
        raise InputError(
            f"{store.folder} 里还没有分组方案。请先加入：zhikong codebooks add 官方 DRG 3.0 配置工作簿.xlsx，"
            "或 DIP 3.0 工作簿，或方案各表所在的目录，如 zhikong codebooks add ../chs_drg --version chs-drg-1.1",
            f"there is no grouping scheme in {store.folder} yet. Add one: zhikong codebooks add WORKBOOK.xlsx (DRG 3.0 or "
            "DIP 3.0 as published), or the folder of its tables: zhikong codebooks add ../chs_drg --version chs-drg-1.1",
        )
    wanted = [scheme] if scheme else [pinned[table] for table in _TABLES if table in pinned][:1]
    found = [each for each in known if each.version in wanted]
    if wanted and not found:
        raise InputError(
            f"没有装载分组方案“{wanted[0]}”；已有：{there}", f"scheme '{wanted[0]}' is not loaded; there are: {there}"
        )
    return found[:1] or [each for each in known if each.table == known[0].table]


def group(
    data: Any,
    scheme: str = "",
    *,
    profile: str = "national",
    codebooks: str | Path | None = None,
    **reading: Any,
) -> pl.DataFrame:
    """Group cases: one row each, ``case_id, mdc, adrg, drg, status, reason`` (DIP: ``case_id, dip, status, reason``).

    ``data``: paths as for :func:`validator.check` or of flat tables, frames by table name, a message, or a flat frame
    (``case_id, sex, age, age_days, weight_g, diagnoses, procedures``). ``scheme``: the version to group by, where the
    profile and the day of discharge do not tell. ``codebooks``: the folder of code tables, else the user's. Further
    arguments: :func:`read_cases`.
    """
    grouper = Grouper(scheme, profile, codebooks)
    parts = [batch.result for batch in grouper.batches(data, **reading)]
    return pl.concat(parts) if parts else grouper.group(flats.from_flat(pl.DataFrame(schema={"diagnoses": pl.String})))


def read_cases(
    data: Any, catalogue: Catalogue, *, layout: str | None = None, progress: Progress | None = None, **options: Any
) -> Iterator[Read]:
    """Cases of :func:`group`'s data, some 100,000 or so at a time; ``options`` are :func:`validator.check`'s."""
    paths = read.as_paths(data)
    flat_frames = flat.frames(paths, flats.is_flat, rows=_ROWS, progress=progress) if paths else None
    outside = Outside(catalogue)
    if flat_frames is not None:
        yield from _flat_files(flat_frames, ", ".join(map(str, paths or ())), outside)
    elif objects.is_frame(data) and flats.is_flat((frame := objects.frame(data)).columns):
        yield from (_flat(each, outside) for each in frame.iter_slices(_ROWS))
    else:
        parts, _ = read.of_data(data, catalogue.layouts, layout, progress=progress, strict=True, **options)
        yield from (of_partition(part, catalogue, outside) for part in parts)


def _flat_files(frames: Iterable[pl.DataFrame], names: str, outside: Outside) -> Iterator[Read]:
    rows = 0
    for frame in frames:
        rows += frame.height
        yield _flat(frame, outside)
    if not rows:
        raise InputError(f"{names}：没有病例", f"{names}: no case in it")


def _refuse_unread(part: Partition, catalogue: Catalogue, typed: pl.DataFrame) -> None:
    """Raise where a table or column that grouping reads was not read: a rate would then be made up.

    ``typed``: the table of the cases, its texts read.
    """
    place, layout = Place(part.place("").file), catalogue.layouts[part.layout]
    if layout.interface.document != "list":
        raise place.fault(
            f"是 {layout.name} 的数据，只有结算清单能分组", f"{layout.name} data; only settlement lists are grouped"
        )
    lacking = _READ.keys() - part.tables.keys()
    key = PlanKey(part.layout, frozenset(part.tables), frozenset())
    needed = plan_of(catalogue, key).needs if lacking and typed.height else []
    for need in needed:
        if need.table in lacking and typed.select(need.cases.any()).item():
            title = layout.title(need.table)
            raise place.fault(f"没有读到{title}，不能分组", f"{title} was not read; cases cannot be grouped")
    for table, names in _READ.items():
        columns, fields = part.tables.get(table), layout.tables[table].fields
        if columns is None or not columns.height:
            continue
        for name in names:
            ways = [each for each in name.split("|") if each in fields]
            if ways and not set(ways) & set(columns.columns):
                shown = fields[ways[0]].name(current())
                raise place.fault(
                    f"{layout.title(table)}没有读到“{shown}”（{ways[0]}）这一列，不能分组",
                    f"{layout.title(table)} has no column for {shown} ({ways[0]}); cases cannot be grouped",
                )


def _flat(frame: pl.DataFrame, outside: Outside) -> Read:
    column = next((name for name in _DISCHARGED if name in frame.columns), None)
    text = (pl.col(column) if column else pl.lit(None)).cast(pl.String).alias("discharged")
    day = text.str.slice(0, 10).str.replace_all("[/.]", "-").str.to_date("%Y-%m-%d", strict=False)
    cases = flats.from_flat(frame)
    return Read(_apart(cases, outside.of_flat(cases.frame)), frame.with_columns(day)["discharged"])


def _apart(cases: Cases, outside: pl.Series) -> Cases:
    return replace(cases, frame=cases.frame.with_columns(outside=outside))


def of_partition(part: Partition, catalogue: Catalogue, outside: Outside) -> Read:
    """The cases of a partition of lists; its dates are read first, however they are written.

    Raises :class:`~validator.base.errors.InputError` where what grouping reads was not read.
    """
    layout = catalogue.layouts[part.layout]
    fields = layout.tables[layout.case].fields
    read = {"adm_time", *layout.interface.day, *outside.reads(part.layout)}
    whole = bool(_READ.keys() - part.tables.keys())  # what tells whether a case needs a table may be any field
    rows = [row for name, row in fields.items() if whole or name in read]
    typed = Typing(catalogue, rows).apply(part.tables[part.case]).frame
    _refuse_unread(part, catalogue, typed)
    lists = part.tables[part.case].with_columns(typed.select("adm_time", *layout.interface.day))
    days = lists.select(pl.coalesce(pl.col(name).cast(pl.Date) for name in layout.interface.day))
    cases = flats.from_tables({**part.tables, "setlinfo": lists})
    return Read(_apart(cases, outside.of_lists(part.layout, typed)), days.to_series())
