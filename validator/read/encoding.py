"""Bytes to text: UTF-8 and GB18030 (and Excel's UTF-16), told apart by decoding."""

import codecs

from validator.read.place import Place

_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def decode(data: bytes, place: Place) -> str:
    """The text of a whole file; :class:`InputError` names the line and byte that fit neither encoding."""
    if data.startswith(_UTF16):
        try:
            return data.decode("utf-16")
        except UnicodeDecodeError as error:
            raise _undecodable(data, error.start, place) from None
    return data.decode(detect(data, place)).removeprefix("\ufeff")


def detect(data: bytes, place: Place) -> str:
    """``utf-8`` or ``gb18030``, whichever decodes all of ``data``."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        good = data[: error.start].decode("utf-8")
        if sum(char >= "\u0800" for char in good) > sum("\x7f" < char < "\u0800" for char in good):
            raise _undecodable(data, error.start, place) from None  # Chinese in UTF-8 up to here: a damaged file
    else:
        return "utf-8"
    try:
        data.decode("gb18030")
    except UnicodeDecodeError as error:
        raise _undecodable(data, error.start, place) from None
    return "gb18030"


class LineDecoder:
    """Decodes a stream line by line; the first line that is not ASCII decides the encoding."""

    def __init__(self, place: Place) -> None:
        self._place, self._encoding, self._offset, self._line = place, "", 0, 0

    def __call__(self, raw: bytes) -> str:
        if not self._line and raw.startswith(_UTF16):
            raise self._place.fault("是 UTF-16 编码，请另存为 UTF-8", "is UTF-16; please save it as UTF-8")
        try:
            if not self._encoding and not raw.isascii():
                self._encoding = detect(raw, self._place)
            text = raw.decode(self._encoding or "ascii")
        except UnicodeDecodeError as error:
            raise self._fault(error.start) from None
        self._line += 1
        self._offset += len(raw)
        return text.removeprefix("\ufeff") if self._line == 1 else text

    def _fault(self, start: int) -> Exception:
        return _fault(self._place.at(self._line + 1), self._offset + start)


def _undecodable(data: bytes, start: int, place: Place) -> Exception:
    return _fault(place.at(data.count(b"\n", 0, start) + 1), start)


def _fault(place: Place, offset: int) -> Exception:
    return place.fault(
        f"第 {offset + 1} 个字节既不是 UTF-8 也不是 GB18030，文件可能已损坏，请重新导出",
        f"byte {offset + 1} is neither UTF-8 nor GB18030; the file may be damaged, please export it again",
    )
