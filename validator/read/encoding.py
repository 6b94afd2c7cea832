"""Bytes to text: UTF-8 and GB18030 (and Excel's UTF-16), distinguished by decoding."""

import codecs

from validator.base.errors import InputError
from validator.read.place import Place

_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def decode(data: bytes, place: Place) -> str:
    """The text of a whole file; :class:`InputError` names the line and byte that fit neither encoding."""
    try:
        if data.startswith(_UTF16):
            return data.decode("utf-16")
        return data.decode(encoding_of(data)).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise _fault(place.at(data.count(b"\n", 0, error.start) + 1), error.start) from None


def encoding_of(data: bytes) -> str:
    """``utf-8`` or ``gb18030``, whichever ``data`` fits; UnicodeDecodeError where it fits neither."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        good = data[: error.start].decode("utf-8")
        if sum(char >= "\u0800" for char in good) > sum("\x7f" < char < "\u0800" for char in good):
            raise  # Chinese in UTF-8 up to here: a damaged file
        data.decode("gb18030")
        return "gb18030"
    return "utf-8"


class LineDecoder:
    """Decodes a stream line by line; the first line that is not ASCII decides the encoding."""

    def __init__(self, place: Place) -> None:
        self._place, self._offset, self._line = place, 0, 0
        self.encoding = ""  #: blank while all lines are ASCII

    def __call__(self, raw: bytes) -> str:
        self._line += 1
        if self._line == 1 and raw.startswith(_UTF16):
            raise self._place.fault("是 UTF-16 编码，请另存为 UTF-8", "is UTF-16; please save it as UTF-8")
        try:
            if not self.encoding and not raw.isascii():
                self.encoding = encoding_of(raw)
            text = raw.decode(self.encoding or "ascii")
        except UnicodeDecodeError as error:
            raise _fault(self._place.at(self._line), self._offset + error.start) from None
        self._offset += len(raw)
        return text.removeprefix("\ufeff") if self._line == 1 else text


def _fault(place: Place, offset: int) -> InputError:
    return place.fault(
        f"第 {offset + 1} 个字节既不是 UTF-8 也不是 GB18030，文件可能已损坏，请重新导出",
        f"byte {offset + 1} is neither UTF-8 nor GB18030; the file may be damaged, please export it again",
    )
