"""Mutations of text and bytes."""

import random
from collections.abc import Callable, Sequence
from typing import Any

#: What is put in the place of a value: nothing, numbers that no type holds, wrong types, characters that are no text.
HOSTILE: tuple[Any, ...] = (
    None, True, "", " ", "-", "0", 0, -1, 1.5, 10**30, "9" * 10_000, "1e999", "NaN", "null", "#N/A", "0000-00-00", "2026-02-30",
    "99991231", "\ud800", "\x00", "\x1b[2J", "\u202e", "\ufffd锟斤拷", "=1+1", '=HYPERLINK("http://x")', "{x}", "{0.__class__}", "%s%n",
    "../../x", "甲" * 5_000, "a" * 100_000, [], {}, [[]], [{}], {"a": 1}, [1, "2", None], "1;2|3", "“”", "'", '"', "\\", "是", "男",
)  # fmt: skip
_PIECES = (
    b"\x00",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\xb0\xa1",
    b'"',
    b"\r",
    b"\n\n",
    b"{",
    b"]",
    b",,,,",
    b"9" * 400,
    b"&amp;",
    b"<",
    b"\x1b[2J",
)


def spoiled(data: bytes, rng: random.Random) -> bytes:
    """Bytes with one to four of them, or of their runs, changed, lost, doubled or put in."""
    changed = bytearray(data)
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(changed) + 1)
        length = rng.choice((1, 2, 8, 64, len(changed) // 2))
        match rng.randrange(5):
            case 0:
                changed[at : at + 1] = bytes([rng.randrange(256)])
            case 1:
                del changed[at : at + length]
            case 2:
                changed[at:at] = changed[at : at + length]
            case 3:
                changed[at:at] = rng.choice(_PIECES)
            case _:
                del changed[at:]
    return bytes(changed)


def tree(content: Any, rng: random.Random) -> Any:
    """A copy of what JSON or YAML holds, with one to three values replaced, moved, lost or nested."""
    for _ in range(rng.randint(1, 3)):
        content = _changed(content, rng)
    return content


def _changed(node: Any, rng: random.Random) -> Any:
    if isinstance(node, dict) and node and rng.random() < 0.93:
        key = rng.choice([*node])
        rest = {name: value for name, value in node.items() if name != key}
        return _placed(rest, key, node[key], rng) if rng.random() < 0.25 else {**node, key: _changed(node[key], rng)}
    if isinstance(node, list) and node and rng.random() < 0.9:
        at = rng.randrange(len(node))
        ways: Sequence[Callable[[], list[Any]]] = (
            lambda: [*node[:at], _changed(node[at], rng), *node[at + 1 :]],
            lambda: node[:at] + node[at + 1 :],
            lambda: [*node, node[at]],
        )
        return ways[rng.choice((0, 0, 0, 1, 2))]()
    if rng.random() < 0.05:
        return _nested(rng.choice((20, 100, 300)), rng)
    return rng.choice(HOSTILE)


def _placed(rest: dict[Any, Any], key: Any, value: Any, rng: random.Random) -> dict[Any, Any]:
    """The mapping with the key lost, renamed, or its value under another key."""
    match rng.randrange(4):
        case 0:
            return rest
        case 1:
            return {**rest, f"{key}x": value}
        case 2:
            return {**rest, str(key).upper(): value}
    other = rng.choice([*rest, "x"])
    return {**rest, key: rest.get(other), other: value}


def _nested(depth: int, rng: random.Random) -> Any:
    value: Any = "x"
    for _ in range(depth):
        value = [value] if rng.random() < 0.5 else {"a": value}
    return value
