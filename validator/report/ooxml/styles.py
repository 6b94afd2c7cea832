"""The cell formats of a workbook: those of our own sheets, and the user's formats with a level's fill."""

from xml.dom import minidom

from validator.report._words import LEVELS
from validator.report.ooxml.package import Package, add, child, children, copy

_KIND = "/styles"
#: Fills of marked cells, as Excel writes them.
_MARKS = {f"FF{level.fill}": name for name, level in LEVELS.items()}


class Styles:
    """The workbook's ``styles.xml``; formats are numbers, counted from 0 in ``cellXfs``."""

    def __init__(self, package: Package) -> None:
        name = next(each.target for each in package.relations(package.workbook) if each.type.endswith(_KIND))
        self._root = package.root(name)
        self._formats = self._list("cellXfs")
        self._xfs = children(self._formats, "xf")
        self._marked: dict[tuple[int, str], int] = {}

    def _list(self, name: str) -> minidom.Element:
        found = child(self._root, name)
        if found is None:
            raise KeyError(name)
        return found

    def _append(self, name: str) -> tuple[minidom.Element, int]:
        """A new item of ``fonts`` or ``fills`` and its number."""
        parent = self._list(f"{name}s")
        number = len(children(parent, name))
        parent.setAttribute("count", str(number + 1))
        return add(parent, name), number

    def _fill(self, argb: str, under: minidom.Element | None = None) -> int:
        """A solid fill. A solid fill's background colour is never seen: it remembers the colour ``under`` a mark."""
        fill, number = self._append("fill")
        pattern = add(fill, "patternFill", patternType="solid")
        add(pattern, "fgColor", rgb=argb)
        background = add(pattern, "bgColor")
        for key, value in under.attributes.items() if under else [("indexed", "64")]:
            background.setAttribute(key, value)
        return number

    def _format(self, like: int, **attributes: str | int) -> int:
        """A copy of a format with some attributes changed."""
        element = copy(self._xfs[like])
        for key, value in attributes.items():
            element.setAttribute(key, str(value))
        self._formats.appendChild(element)
        self._xfs.append(element)
        self._formats.setAttribute("count", str(len(self._xfs)))
        return len(self._xfs) - 1

    def own(
        self, *, bold: bool = False, size: float = 10, ink: str = "", fill: str = "", link: bool = False,
        wrap: bool = False, quote: bool = False, number: int = 0, centred: bool = False,
    ) -> int:  # fmt: skip
        """A format for our own sheets, in the workbook's own typeface; ``number`` is a built-in number format."""
        font, font_number = self._append("font")
        for name in [*(["b"] if bold else []), *(["u"] if link else [])]:
            add(font, name)
        add(font, "sz", val=str(size))
        if ink:
            add(font, "color", rgb=f"FF{ink}")
        add(font, "name", val=self._typeface())
        made = self._format(
            0, fontId=font_number, applyFont=1, fillId=self._fill(f"FF{fill}") if fill else 0, applyFill=1,
            applyAlignment=1, quotePrefix=int(quote), numFmtId=number, applyNumberFormat=1, borderId=0,
        )  # fmt: skip
        for old in [*children(self._xfs[made], "alignment"), *children(self._xfs[made], "protection")]:
            self._xfs[made].removeChild(old)
        across = {"horizontal": "center"} if centred else {}
        add(self._xfs[made], "alignment", vertical="top", wrapText=int(wrap), **across)
        return made

    def _typeface(self) -> str:
        name = child(children(self._list("fonts"), "font")[0], "name")
        return name.getAttribute("val") if name else "微软雅黑"

    def marked(self, like: int, level: str) -> int:
        """The format ``like`` with the level's fill."""
        if (like, level) not in self._marked:
            fill = self._fill(f"FF{LEVELS[level].fill}", self._colour(like))
            self._marked[like, level] = self._format(like, fillId=fill, applyFill=1)
        return self._marked[like, level]

    def _pattern(self, number: int) -> minidom.Element | None:
        fill = children(self._list("fills"), "fill")[int(self._xfs[number].getAttribute("fillId") or 0)]
        return child(fill, "patternFill")

    def _colour(self, number: int) -> minidom.Element | None:
        """The colour that a format's solid fill shows."""
        pattern = self._pattern(number)
        return child(pattern, "fgColor") if pattern and pattern.getAttribute("patternType") == "solid" else None

    def unmarked(self) -> dict[int, int]:
        """Formats left by an earlier run, each with the format the cell had before."""
        before = {}
        for number in range(len(self._xfs)):
            colour = self._colour(number)
            if colour is None or colour.getAttribute("rgb") not in _MARKS:
                continue
            pattern = self._pattern(number)
            under = child(pattern, "bgColor") if pattern else None
            before[number] = self._format(number, fillId=self._restored(under), applyFill=1)
        return before

    def _restored(self, under: minidom.Element | None) -> int:
        """The fill a mark remembers; none if it remembers nothing (64 is Excel's "automatic")."""
        if under is None or under.getAttribute("indexed") == "64" or not under.attributes.length:
            return 0
        number = self._fill("FFFFFFFF")
        pattern = child(children(self._list("fills"), "fill")[number], "patternFill")
        shown = child(pattern, "fgColor") if pattern else None
        if shown:
            shown.removeAttribute("rgb")
            for key, value in under.attributes.items():
                shown.setAttribute(key, value)
        return number
