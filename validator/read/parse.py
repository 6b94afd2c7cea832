"""JSON text to messages. Numbers keep their literal text: money is never a float here."""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from validator.read.encoding import LineDecoder, decode
from validator.read.place import Place


class Repeated(dict[str, Any]):
    """An object in which keys stand twice (the last one counts); ``twice`` names them."""

    twice: tuple[str, ...] = ()


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) == len(pairs):
        return result
    repeated, keys = Repeated(result), [key for key, _ in pairs]
    repeated.twice = tuple(dict.fromkeys(key for key in keys if keys.count(key) > 1))
    return repeated


# strict=False: line breaks and tabs inside texts are for the field checks to judge, not a reason to read nothing
_decoder = json.JSONDecoder(object_pairs_hook=_object, parse_float=str, parse_int=str, parse_constant=str, strict=False)
_decode, raw_decode = _decoder.decode, _decoder.raw_decode
_FIRST = r"""[\s,;]*(?:\[(?=[^\s\[\]{}"])|[^\s,;\[\]{}"':\\])[^{}"\n]*"""  #: words of a log, which are no piece of JSON
#: Where a message begins in a log: after blanks, separators and words; and words without any message.
_NEXT = re.compile(rf"""(?:{_FIRST}|[\s,;]*)(?={{\s*(?:"|}}))""")
_WORDS = re.compile(rf"{_FIRST}(?:\n|\Z)")
_END = re.compile(r"[\s,;]*\Z")
_LONE = re.compile("[\ud800-\udfff]")


def value(text: str, place: Place, start: int = 0) -> Any:
    """The one JSON value from ``start`` on; :class:`InputError` names line and column."""
    try:
        content = _decode(text[start:])
        return sound(content, place) if "\\ud" in text or "\\uD" in text else content
    except json.JSONDecodeError as error:
        raise _fault(error, text, place, start) from None
    except RecursionError:
        raise _too_deep(place) from None


def sound(content: Any, place: Place) -> Any:
    """The value with lone surrogates, which are no characters, replaced by U+FFFD; InputError where it is nested too deeply."""
    try:
        return _sound(content)
    except RecursionError:
        raise _too_deep(place) from None


def _sound(content: Any) -> Any:
    if isinstance(content, str):
        return _LONE.sub("\ufffd", content)
    if isinstance(content, list):
        return [_sound(each) for each in content]
    if isinstance(content, dict):
        result = type(content)((_sound(key), _sound(each)) for key, each in content.items())
        if isinstance(content, Repeated) and isinstance(result, Repeated):
            result.twice = _sound(list(content.twice))
        return result
    return content


def _too_deep(place: Place) -> Exception:
    return place.fault("JSON 嵌套层数过多", "JSON is nested too deeply")


def text(content: str) -> Any:
    """The JSON value that a text inside JSON holds; :class:`ValueError` if it holds none."""
    try:
        return _decode(content)
    except RecursionError:
        raise ValueError from None


def whole(data: bytes, place: Place) -> Iterator[tuple[Any, int | None]]:
    """Return the messages of a .json file: one, an array of them, or, each with its line, several glued or in a log."""
    content = decode(data, place)
    if not content.strip():
        return
    found, alone = single(content, place)
    if alone:
        for each in found if isinstance(found, list) else [found]:
            yield each, None
        return
    for each, line, _ in several(content, place):
        yield each, line


def single(content: str, place: Place) -> tuple[Any, bool]:
    """The only JSON value of a text; False with it where several messages or words of a log are in the text."""
    try:
        found = _decode(content)
    except json.JSONDecodeError as error:
        if error.msg.startswith("Extra data") or (_NEXT.match(content) and content.lstrip()[:1] != "{"):
            return None, False
        raise _fault(error, content, place) from None
    except RecursionError:
        raise _too_deep(place) from None
    return sound(found, place) if "\\ud" in content or "\\uD" in content else found, True


def several(content: str, place: Place) -> Iterator[tuple[Any, int, int]]:
    """The messages of a text with words of a log before or between them: each with its line and where it starts."""
    at, line, counted = 0, 1, 0
    while content[at : at + 1]:
        if words := _WORDS.match(content, at):
            at = words.end()
            continue
        start = match.end() if (match := _NEXT.match(content, at)) else at
        line, counted = line + content.count("\n", counted, start), start
        try:
            each, at = raw_decode(content, start)
        except json.JSONDecodeError as error:
            raise _fault(error, content, place) from None
        except RecursionError:
            raise _too_deep(place) from None
        yield sound(each, place), line, start
        if end := _END.match(content, at):
            at = end.end()


def is_object(line: bytes) -> bool:
    """Whether a line holds a whole JSON object, as each line of JSON Lines does."""
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def lines(stream: Iterable[bytes], place: Place) -> Iterator[tuple[Any, int | None]]:
    """The messages of a JSON Lines file, read as it goes; words of a log before them are left out."""
    decoder = LineDecoder(place)
    for number, raw in enumerate(stream, 1):
        text = decoder(raw)
        if not text.isspace():
            yield value(text, place.at(number), start(text)), number


def start(line: str) -> int:
    """Where the message of a line begins, behind words of a log."""
    found = None if line[:1] == "{" else _NEXT.match(line)
    return found.end() if found else 0


def _fault(error: json.JSONDecodeError, text: str, place: Place, start: int = 0) -> Exception:
    line = place.line or error.lineno
    if start + error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string"):
        return place.at(line).fault("JSON 到此中断，文件可能不完整", "JSON breaks off here; the file may be incomplete")
    column = start + error.colno
    return place.at(line).fault(f"第 {column} 列不是合法的 JSON", f"not valid JSON at column {column} ({error.msg})")
