"""Reading the YAML of schemes: exact numbers, lists of mappings, names out of a few, each refused with its line."""

from collections.abc import Iterable
from datetime import date
from fractions import Fraction

from validator.base import yaml_csv
from validator.base.yaml_csv import Node
from validator.scoring.scheme.numbers import exact


def number(node: Node, key: str) -> Fraction:
    """The number under a key, as it is written: 0.95 is 95/100."""
    found = exact(node.get(key))
    if found is None:
        raise node.fault(key, f"{key} 应是数", f"{key} is a number")
    return found


def positive(node: Node, key: str) -> Fraction:
    """The number under a key, more than 0."""
    found = number(node, key)
    if found <= 0:
        raise node.fault(key, f"{key} 应大于 0", f"{key} is more than 0")
    return found


def nodes(node: Node, key: str) -> list[Node]:
    """The list of mappings under a key, empty where there is none."""
    found = node.get(key) or []
    if not isinstance(found, list) or not all(isinstance(each, Node) for each in found):
        raise node.fault(key, f"{key} 应是一列，每项是“名称: 值”", f"{key} is a list of mappings")
    return found


def one_of(node: Node, key: str, value: str, names: Iterable[str]) -> None:
    """Refuse a value that is none of the names."""
    if value not in (known := list(names)):
        raise yaml_csv.unknown(node.path, node.lines.get(key, node.line), key, value, known)


def day(node: Node, key: str) -> date | None:
    """The date under a key, None where there is none."""
    return yaml_csv.as_date(node.path, node.lines.get(key), node.get(key))


def pairs(node: Node, key: str) -> tuple[tuple[Fraction, Fraction], ...]:
    """A list of two numbers each, the first ones rising."""
    value, found = node.get(key), list[tuple[Fraction, Fraction]]()
    for each in value if isinstance(value, list) else ():
        numbers = [exact(one) for one in each] if isinstance(each, list) else []
        known = [one for one in numbers if one is not None]
        if len(numbers) != 2 or len(known) != 2 or (found and known[0] <= found[-1][0]):
            found.clear()
            break
        found.append((known[0], known[1]))
    if not found:
        zh = f"{key} 应是一列两个数，前一个从小到大：[[60, 0], [90, 1]]"
        raise node.fault(key, zh, f"{key} is a list of two numbers each, the first ones rising: [[60, 0], [90, 1]]")
    return tuple(found)
