"""Reading zhikong's own YAML and CSV files so that a mistake in one is named with its file and line."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from validator.base import limits
from validator.base.errors import ConfigError
from validator.base.masking import persons_in

if TYPE_CHECKING:
    import yaml

_MOST_TEXT = 500  #: characters of a message


def fault(path: Path, line: int | None, zh: str, en: str) -> ConfigError:
    """A :class:`ConfigError` whose message begins with ``file:line``; what is long, as a value quoted in it, is cut, persons
    are hidden.
    """
    where = f"{path}:{line}" if line else f"{path}"
    zh, en = persons_in(zh), persons_in(en)
    zh, en = (text if len(text) <= _MOST_TEXT else f"{text[:_MOST_TEXT]}…" for text in (zh, en))
    return ConfigError(f"{where}：{zh}", f"{where}: {en}")


def unreadable(path: Path, error: OSError | UnicodeDecodeError) -> ConfigError:
    """The :class:`ConfigError` for a file that cannot be opened or is not UTF-8."""
    if isinstance(error, UnicodeDecodeError):
        return fault(path, None, "不是 UTF-8 编码，请另存为 UTF-8", "not UTF-8; save it as UTF-8")
    return fault(path, None, "读不了，请看文件是否存在、有没有权限", f"cannot be read: {error.strerror}")


def unknown(path: Path, line: int | None, column: str, name: str, known: Iterable[str]) -> ConfigError:
    """The :class:`ConfigError` for a name that nothing has: which column or key holds it, and the name that is most like it."""
    near = get_close_matches(name, list(known), 1)
    zh = f"{column} 是“{name}”，没有这个名称" + (f"；是不是 {near[0]}？" if near else "")
    en = f"{column} is '{name}', which does not exist" + (f"; did you mean {near[0]}?" if near else "")
    return fault(path, line, zh, en)


class Node(dict[str, Any]):
    """A YAML mapping that remembers its file, the line of each key (``lines``) and of its own start (``line``)."""

    path: Path
    line: int
    lines: dict[str, int]

    def fault(self, key: str, zh: str, en: str) -> ConfigError:
        """What is wrong with the value of ``key``, at its line."""
        return fault(self.path, self.lines.get(key, self.line), zh, en)

    def text(self, key: str) -> str:
        """The value as text, blank where there is none; :class:`ConfigError` where it is a list or a mapping."""
        value = self.get(key)
        if isinstance(value, list | dict):
            raise self.fault(key, f"{key} 应是一个值，不是一列或映射", f"{key} is one value, not a list or a mapping")
        return "" if value is None else str(value)

    def texts(self, key: str) -> tuple[str, ...]:
        """The list of texts, empty where there is none; :class:`ConfigError` where it is anything else."""
        value = self.get(key) or []
        if not isinstance(value, list) or any(isinstance(each, list | dict) for each in value):
            raise self.fault(key, f"{key} 应是一列：[…, …]", f"{key} is a list: [..., ...]")
        return tuple(map(str, value))

    def mapping(self, key: str) -> Node:
        """The mapping of names to values, empty where there is none; :class:`ConfigError` where it is anything else."""
        value = self.get(key)
        if value is None:
            value = Node()
            value.path, value.line, value.lines = self.path, self.lines.get(key, self.line), {}
        if not isinstance(value, Node):
            raise self.fault(key, f"{key} 应逐项写成“名称: 值”", f"{key} is a mapping of names and values")
        return value


@cache
def _loader() -> Any:
    """Safe YAML: keys may not repeat, and every mapping becomes a :class:`Node`. What is kept between runs needs none of it."""
    import yaml

    class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
        pass

    Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)
    return Loader


def _mapping(loader: Any, node: yaml.MappingNode) -> Node:
    result = Node()
    result.path, result.line, result.lines = Path(loader.name), node.start_mark.line + 1, {}
    for key_node, value_node in node.value:
        key = str(key_node.value)  # as written: YAML 1.1 would read the key ``on`` as true
        line = key_node.start_mark.line + 1
        if key in result:
            raise fault(Path(loader.name), line, f"键“{key}”重复", f"duplicate key '{key}'")
        try:
            result[key] = loader.construct_object(value_node, deep=True)
        except (ValueError, AttributeError, TypeError) as error:  # a day that no calendar has, a tag that does not fit
            shown = value_node.value[:40] if isinstance(value_node.value, str) else key
            zh, en = f"“{key}”的值不对：{shown}", f"the value of '{key}' is wrong: {shown}"
            raise fault(Path(loader.name), line, zh, en) from error
        result.lines[key] = line
    return result


def _values(path: Path, node: yaml.Node, known: dict[int, int], most: int) -> int:
    """How many values a node has with its aliases written out; ConfigError, with its line, where they are more than ``most``."""
    if isinstance(node.value, str):
        return 1
    if id(node) not in known:
        known[id(node)] = 0  # until it is counted
        kids = (kid for each in node.value for kid in (each if isinstance(each, tuple) else (each,)))
        known[id(node)] = 1 + sum(_values(path, kid, known, most) for kid in kids)
        if known[id(node)] > most and (wrong := limits.exceeded("yaml-values", known[id(node)])):
            raise fault(path, node.start_mark.line + 1, *wrong)
    if not known[id(node)]:
        raise fault(path, node.start_mark.line + 1, "别名（*）指回它自己", "an alias (*) that holds itself")
    return known[id(node)]


def read_yaml(path: Path) -> Node:
    """The mapping that a YAML file holds; :class:`ConfigError` when it is not one or not readable."""
    import yaml

    try:
        data = path.read_bytes()
        if wrong := limits.exceeded("yaml-bytes", len(data)):
            raise fault(path, None, *wrong)
        loader = _loader()(data.decode("utf-8-sig"))
        loader.name = str(path)
        tree = loader.get_single_node()
        if tree:
            _values(path, tree, {}, limits.most("yaml-values"))
        content = loader.construct_document(tree) if tree else None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        zh, en = "不是合法的 YAML，请看缩进、冒号和引号", f"not valid YAML: {getattr(error, 'problem', None) or error}"
        raise fault(path, mark.line + 1 if mark else None, zh, en) from error
    except RecursionError as error:
        raise fault(path, None, "层次太深", "nested too deeply") from error
    except (OSError, UnicodeDecodeError) as error:
        raise unreadable(path, error) from error
    if not isinstance(content, Node):
        raise fault(path, 1, "应是“键: 值”的映射", "should be a mapping of keys and values")
    return content


def allow_keys(path: Path, node: Node, required: set[str], optional: set[str]) -> None:
    """Fail, with the line, on a key of ``node`` that nobody reads and on those that are missing or blank."""
    for key, line in node.lines.items():
        if key not in required | optional:
            known = "、".join(sorted(required | optional))
            raise fault(path, line, f"不认识的键“{key}”，可用：{known}", f"unknown key '{key}'; known: {known}")
    if blank := [key for key in sorted(required) if node.get(key) in (None, "", [], {})]:
        names = "、".join(blank)
        raise fault(path, node.line, f"还没填：{names}", f"still blank: {names}")


def read_csv(path: Path, required: set[str], optional: set[str] = frozenset()) -> Iterator[tuple[int, dict[str, str]]]:  # type: ignore[assignment]
    """Line number and cells (stripped) of each row; fails on unknown or missing columns and on ragged rows."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise unreadable(path, error) from error
    reader = csv.reader(text.splitlines(keepends=True))
    header = next(reader, [])
    unknown, missing = set(header) - required - optional, required - set(header)
    if (optional and unknown) or missing:
        names = "、".join(sorted(unknown | missing))
        raise fault(path, 1, f"列名不对：{names}", f"wrong columns: {names}")
    for row in reader:
        if len(row) != len(header):
            raise fault(
                path,
                reader.line_num,
                f"有 {len(row)} 格，应有 {len(header)} 格",
                f"{len(row)} cells, not {len(header)}",
            )
        yield reader.line_num, {name: cell.strip() for name, cell in zip(header, row, strict=True)}


def as_date(path: Path, line: int | None, value: object) -> date | None:
    """A date of a CSV cell or YAML value, None when blank; :class:`ConfigError` when it is neither."""
    if value in (None, ""):
        return None
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise fault(
            path, line, f"“{value}”不是日期（应如 2026-01-31）", f"'{value}' is not a date like 2026-01-31"
        ) from None
