"""By what names an interface's fields may come: official names, aliases, and several columns joined into one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from validator.base.certainty import NULL_WORDS, PLACEHOLDERS
from validator.base.language import say
from validator.base.lazy import pl
from validator.read.partition import HOUSEKEEPING
from validator.spec.interfaces import CASE_ID
from validator.spec.layouts import Layout, Table


@dataclass(frozen=True)
class NodePlan:
    """How rows with one particular set of keys become rows of a table."""

    renamed: tuple[tuple[str, str], ...]  #: (key as written, field)
    joined: tuple[tuple[str, tuple[str, ...]], ...]  #: (field, keys whose values are joined by "/")
    unknown: tuple[str, ...]
    columns: Mapping[str, str]  #: field -> key as written, where they differ
    styled: tuple[tuple[str, str], ...] = ()  #: of ``renamed``, those in another style (nwbAge, NWB_AGE)

    @property
    def plain(self) -> bool:
        return not self.renamed and not self.joined

    def apply(self, row: Mapping[str, object]) -> tuple[dict[str, object], list[tuple[str, str]]]:
        """The row under official names, and the (field, alias) pairs that contradict each other.

        An official name that carries a value wins over its alias.
        """
        result, differing = dict(row), list[tuple[str, str]]()
        for key, name in self.renamed:
            value, official = row[key], result.get(name)
            if official in (None, ""):
                result[name] = value
            elif value not in (None, "", official):
                differing.append((name, key))
        for name, parts in self.joined:
            if result.get(name) in (None, "") and any(row.get(part) not in (None, "") for part in parts):
                result[name] = "/".join(str(row.get(part) or 0) for part in parts)
        return result, differing


@dataclass
class Names:
    """The names of one table."""

    table: Table
    is_case: bool
    _plans: dict[tuple[str, ...], NodePlan] = field(default_factory=dict)

    @cached_property
    def schema(self) -> dict[str, type[pl.String]]:
        """All fields as text, and ``case_id`` where it belongs."""
        return dict.fromkeys([*self.table.fields, *([CASE_ID] if self.is_case else [])], pl.String)

    @cached_property
    def empty(self) -> pl.DataFrame:
        """The table without rows."""
        return pl.DataFrame(schema={**self.schema, **dict.fromkeys(HOUSEKEEPING, pl.UInt32)})

    @cached_property
    def alias(self) -> dict[str, str]:
        """Alias -> field; also each part of a joined alias -> field."""
        return {part: row.field for row in self.table.fields.values() for name in row.alias for part in name.split("+")}

    @cached_property
    def _folded(self) -> dict[str, str]:
        return {_fold(name): name for name in self.table.fields}

    def styled(self, key: str) -> str | None:
        """The field whose name a key is in the style of a program (nwbAge, NwbAge, NWB_AGE)."""
        return None if key in self.table.fields or key in self.alias else self._folded.get(_fold(key))

    @cached_property
    def joined(self) -> dict[str, list[tuple[str, ...]]]:
        """Field -> the column groups that make it up when joined."""
        groups = {
            row.field: [tuple(name.split("+")) for name in row.alias if "+" in name]
            for row in self.table.fields.values()
        }
        return {name: each for name, each in groups.items() if each}

    def is_part(self, key: str) -> bool:
        """Whether ``key`` is one of several columns that make up a field."""
        return any(key in group for groups in self.joined.values() for group in groups)

    def official(self, key: str) -> str:
        """The field that another layout's name for it stands for; ``key`` itself where it is a field or a part of one."""
        other = key not in self.table.fields and not self.is_part(key)
        return self.alias.get(key, key) if other else key

    def known(self, key: str) -> bool:
        """Whether a key names a field of the table."""
        return key in self.table.fields or key in self.alias or self.styled(key) is not None

    def plan(self, keys: Iterable[str]) -> NodePlan:
        """The plan for rows with these keys (remembered: rows of one exporter look alike)."""
        signature = tuple(keys)
        if (plan := self._plans.get(signature)) is None:
            if len(self._plans) > 1000:
                self._plans.clear()
            plan = self._plans[signature] = self._make(signature)
        return plan

    def _make(self, keys: tuple[str, ...]) -> NodePlan:
        present = set(keys)
        best = [
            (name, max(groups, key=lambda group: len(present & set(group)))) for name, groups in self.joined.items()
        ]
        groups = [(name, group) for name, group in best if present & set(group)]
        parts = {part for _, group in groups for part in group}
        styled = [(key, name) for key in keys if (name := self.styled(key))]
        names = {**self.alias, **dict(styled)}
        renamed = [(key, names[key]) for key in keys if key in names and key not in parts]
        renamed = [(key, name) for key, name in renamed if key not in self.table.fields]
        written = {name: "+".join(group) for name, group in groups} | {name: key for key, name in renamed}
        return NodePlan(
            renamed=tuple(renamed),
            joined=tuple(groups),
            unknown=tuple(key for key in keys if not self.known(key)),
            columns={name: key for name, key in written.items() if name not in keys},
            styled=tuple(styled),
        )


def _fold(key: str) -> str:
    return str(key).replace("_", "").lower()


_of: dict[int, tuple[Layout, dict[str, Names]]] = {}


def names_of(layout: Layout) -> dict[str, Names]:
    """The names of every table of a layout, built once."""
    known = _of.get(id(layout))
    if known is None or known[0] is not layout:
        every = {name: Names(table, name == layout.case) for name, table in layout.tables.items()}
        known = _of[id(layout)] = (layout, every)
    return known[1]


def called(layout: Layout, key: str) -> str:
    """What people call a key of the case: 病案号 with its official name."""
    row = layout.tables[layout.case].fields.get(key)
    return say(f"{row.name_zh}（{key}）", key) if row else key


def keys_in_words(layout: Layout) -> tuple[str, str]:
    """The keys of a case, in Chinese and by their official names."""
    fields, keys = layout.tables[layout.case].fields, layout.interface.keys
    return "、".join(fields[key].name_zh for key in keys), ", ".join(keys)


def unlinked(layout: Layout) -> tuple[str, str]:
    """Why the rows of a table cannot find their case, in Chinese and English."""
    zh, en = keys_in_words(layout)
    return (
        f"没有一列能和 {layout.case} 对上（{zh}等，两张表都要有）",
        f"no column links it to {layout.case}: both need one of {en} or the like",
    )


def case_id(values: Iterable[object], otherwise: str) -> str:
    """The first of the case's keys that says something."""
    for value in values:
        text = str(value).strip() if value is not None else ""
        if text and text not in PLACEHOLDERS and text not in NULL_WORDS:
            return text
    return otherwise
