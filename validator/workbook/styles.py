"""The cell formats of a workbook: those of our own sheets, and the user's formats with a level's fill."""

from collections.abc import Mapping
from xml.dom import minidom

from validator.workbook.package import Package, add, child, children, copy

Colour = Mapping[str, str]  #: the attributes of a colour: ``rgb``, ``theme`` and ``tint``, or ``indexed``
AUTOMATIC: Colour = {"indexed": "64"}


class Styles:
    """The workbook's ``styles.xml``; formats are numbers, counted from 0 in ``cellXfs``.

    ``fills``: name of a mark -> the colour of the cells that are marked so; blank for a workbook without marks.
    """

    def __init__(self, package: Package, fills: Mapping[str, str] | None = None) -> None:
        self._fills = {name: f"FF{colour}" for name, colour in (fills or {}).items()}  # as Excel writes them
        name = next(each.target for each in package.relations(package.workbook) if each.type.endswith("/styles"))
        self._root = package.root(name)
        self._formats = self._list("cellXfs")
        self._xfs = children(self._formats, "xf")
        self._marked: dict[tuple[int, str], int] = {}
        self._quoted: dict[int, int] = {}
        app = package.read("docProps/app.xml") if "docProps/app.xml" in package else b""
        self._remembers = b"LibreOffice" not in app  # which puts a colour of its own under every fill

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

    def _fill(self, shown: Colour, under: Colour = AUTOMATIC) -> int:
        """A solid fill. Its background colour is never seen: there a mark remembers what was ``under`` it."""
        fill, number = self._append("fill")
        pattern = add(fill, "patternFill", patternType="solid")
        add(pattern, "fgColor", **shown)
        add(pattern, "bgColor", **under)
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
            0, fontId=font_number, applyFont=1, fillId=self._fill({"rgb": f"FF{fill}"}) if fill else 0, applyFill=1,
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
            fill = self._fill({"rgb": self._fills[level]}, self._colours(like)[0] or AUTOMATIC)
            self._marked[like, level] = self._format(like, fillId=fill, applyFill=1)
        return self._marked[like, level]

    def quoted(self, like: int) -> int:
        """The format ``like``, by which a text stays text when it is edited."""
        if like not in self._quoted:
            self._quoted[like] = self._format(like, quotePrefix=1)
        return self._quoted[like]

    def _colours(self, number: int) -> tuple[Colour, Colour]:
        """The colour that a format's solid fill shows, and the one under it; blank for other fills."""
        fill = children(self._list("fills"), "fill")[int(self._xfs[number].getAttribute("fillId") or 0)]
        pattern = child(fill, "patternFill")
        if pattern is None or pattern.getAttribute("patternType") != "solid":
            return {}, {}
        shown, under = (child(pattern, name) for name in ("fgColor", "bgColor"))
        return (dict(shown.attributes.items()) if shown else {}), (dict(under.attributes.items()) if under else {})

    def unmarked(self) -> dict[int, int]:
        """Formats left by an earlier run, each with the format the cell had before."""
        before, marks = {}, set(self._fills.values())
        for number in range(len(self._xfs)):
            shown, under = self._colours(number)
            if shown.get("rgb") in marks:
                plain = not self._remembers or under in ({}, AUTOMATIC) or under.get("rgb") in marks
                before[number] = self._format(number, fillId=0 if plain else self._fill(under), applyFill=1)
        return before
