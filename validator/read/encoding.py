"""Bytes to text: UTF-8 and GB18030 (and Excel's UTF-16), distinguished by decoding."""

import codecs
import re

from validator.base.errors import InputError
from validator.read.place import Place

#: Letters that no Chinese export holds by themselves: Latin and phonetic extensions, Cyrillic, Armenian to N'Ko.
_MISREAD = re.compile("[\u0180-\u036f\u0400-\u07ff]")
_CHINESE = re.compile("[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]")
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
    if data.isascii():
        return "utf-8"
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        good = data[: error.start].decode("utf-8")
        if sum(char >= "\u0800" for char in good) > sum("\x7f" < char < "\u0800" for char in good):
            raise  # Chinese in UTF-8 up to here: a damaged file
        data.decode("gb18030")
        return "gb18030"
    return "gb18030" if not _CHINESE.search(text) and _MISREAD.search(text) and _reads_chinese(data) else "utf-8"


def _reads_chinese(data: bytes) -> bool:
    """Whether all that is not ASCII is Chinese in GB18030, though it happens to fit UTF-8 too: 小时 is Сʱ there."""
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        return False
    return all(char.isascii() or _CHINESE.match(char) for char in text)


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
