"""The zip of a workbook: its parts, their content types and how they relate."""

import posixpath
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from xml.dom import minidom

from validator.base import clock
from validator.base.errors import InputError

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml"
#: The parts of a workbook without a sheet.
_EMPTY = {
    "[Content_Types].xml": f"""<Types xmlns="{_TYPES}">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/>
<Override PartName="/xl/workbook.xml" ContentType="{_SPREADSHEET}.sheet.main+xml"/>
<Override PartName="/xl/styles.xml" ContentType="{_SPREADSHEET}.styles+xml"/></Types>""",
    "_rels/.rels": f"""<Relationships xmlns="{_RELS}">
<Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>""",
    "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets/></workbook>',
    "xl/_rels/workbook.xml.rels": f"""<Relationships xmlns="{_RELS}">
<Relationship Id="rId1" Type="{OFFICE}/styles" Target="styles.xml"/></Relationships>""",
    "xl/styles.xml": f"""<styleSheet xmlns="{MAIN}">
<fonts count="1"><font><sz val="11"/><name val="微软雅黑"/><family val="2"/></font></fonts>
<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>
<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>
<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>
<cellXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs>
<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>""",
}

Part = bytes | minidom.Document | Callable[[IO[bytes]], None]


@dataclass(frozen=True)
class Relation:
    """One relation of a part to another, ``target`` as a name in the zip."""

    id: str
    type: str
    target: str
    element: minidom.Element


class Package:
    """A workbook's parts by name; a changed part is bytes, a document, or what writes it when the package is saved."""

    def __init__(self, source: Path | IO[bytes] | None = None) -> None:
        self._changed: dict[str, Part] = {}
        self._removed: set[str] = set()
        self._zip = zipfile.ZipFile(source) if source else None
        if not self._zip:
            self._changed.update({name: text.encode() for name, text in _EMPTY.items()})
        office = [each.target for each in self.relations("") if each.type.endswith("/officeDocument")]
        self.workbook = office[0] if office else ""
        if not self.workbook or self.root(self.workbook).namespaceURI != MAIN:
            self.close()
            raise InputError(f"{source} 不是可批注的 Excel 工作簿", f"{source} is not a workbook that can be annotated")

    @property
    def has_source(self) -> bool:
        """Whether this is somebody's workbook, and not a new one."""
        return self._zip is not None

    def close(self) -> None:
        if self._zip:
            self._zip.close()

    def __contains__(self, name: str) -> bool:
        there = name in self._changed or (self._zip is not None and name in self._zip.NameToInfo)
        return there and name not in self._removed

    def read(self, name: str) -> bytes:
        """A part as it is in the file."""
        part = self._changed.get(name)
        if isinstance(part, bytes):
            return part
        if self._zip is None:
            raise KeyError(name)
        return self._zip.read(name)

    def original(self, name: str) -> Callable[[], bytes]:
        """Return a function that reads the original part, also after it was replaced."""
        part, file = self._changed.get(name), self._zip
        return lambda: part if isinstance(part, bytes) else file.read(name) if file else b""

    def root(self, name: str) -> minidom.Element:
        """The outermost element of a small part; what is changed in it is saved."""
        part = self._changed.get(name)
        if not isinstance(part, minidom.Document):
            part = _parse(self.read(name))
            self._changed[name] = part
        if part.documentElement is None:
            raise KeyError(name)
        return part.documentElement

    def serialised(self, name: str) -> bytes:
        """A small part's XML, with what was changed."""
        part = self._changed.get(name)
        return part.toxml(encoding="UTF-8") if isinstance(part, minidom.Document) else self.read(name)

    def put(self, name: str, part: Part, content_type: str | None = None) -> None:
        """Add or replace a part; a new one needs its content type."""
        self._changed[name] = part
        self._removed.discard(name)
        if content_type:
            add(self.root("[Content_Types].xml"), "Override", PartName=f"/{name}", ContentType=content_type)

    def declare_extension(self, extension: str, content_type: str) -> None:
        """What files with this extension are, unless the package says so already."""
        root = self.root("[Content_Types].xml")
        if all(each.getAttribute("Extension").lower() != extension for each in children(root, "Default")):
            element = add(root, "Default", Extension=extension, ContentType=content_type)
            root.insertBefore(element, root.firstChild)

    def remove(self, name: str) -> None:
        self._removed.add(name)
        for each in children(self.root("[Content_Types].xml"), "Override"):
            if each.getAttribute("PartName").lstrip("/") == name:
                remove(each)

    def relations(self, name: str) -> list[Relation]:
        """How a part relates to others; ``""`` is the package itself."""
        rels = _rels_name(name)
        if rels not in self:
            return []
        return [
            Relation(
                element.getAttribute("Id"),
                element.getAttribute("Type"),
                posixpath.normpath(posixpath.join("/", posixpath.dirname(name), element.getAttribute("Target")))[1:],
                element,
            )
            for element in children(self.root(rels), "Relationship")
            if element.getAttribute("TargetMode") != "External"
        ]

    def relate(self, name: str, kind: str, target: str) -> str:
        """Relate a part to another (both names in the zip) and give the relation's id."""
        rels = _rels_name(name)
        if rels not in self:
            self.put(rels, f'<Relationships xmlns="{_RELS}"/>'.encode())
        root = self.root(rels)
        used = {each.getAttribute("Id") for each in children(root, "Relationship")}
        new = next(f"rIdZk{number}" for number in range(1, len(used) + 2) if f"rIdZk{number}" not in used)
        add(root, "Relationship", Id=new, Type=f"{OFFICE}/{kind}", Target=f"/{target}")
        return new

    def free(self, pattern: str) -> str:
        """The first name of ``xl/comments{}.xml`` that no part has."""
        return next(name for number in range(1, 100_000) if (name := pattern.format(number)) not in self)

    def save(self, path: Path | IO[bytes]) -> None:
        """Write the package; parts that write themselves go first, for they may still change the small ones."""
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as out:
            streamed = [name for name, part in self._changed.items() if callable(part)]
            kept = [] if self._zip is None else [info.filename for info in self._zip.infolist() if not info.is_dir()]
            for name in dict.fromkeys([*streamed, *kept, *self._changed]):
                if name in self._removed:
                    continue
                part = self._changed.get(name)
                with out.open(self._entry(name), "w", force_zip64=True) as file:
                    if callable(part):
                        part(file)
                    else:
                        file.write(self.serialised(name))

    def _entry(self, name: str) -> zipfile.ZipInfo:
        """A member of the written package: dated as in the one that was read, else as all new ones are."""
        dated = self._zip.getinfo(name).date_time if self._zip and name in self._zip.NameToInfo else clock.ZIP_DATE
        entry = zipfile.ZipInfo(name, dated)
        entry.compress_type = zipfile.ZIP_DEFLATED
        entry._compresslevel = 1  # type: ignore[attr-defined]  # noqa: SLF001 - public from Python 3.13 on
        return entry


def _parse(xml: bytes) -> minidom.Document:
    """A part's XML; workbooks have no document type, which is where XML's dangers live."""
    if b"<!DOCTYPE" in xml[:2000]:
        raise InputError("工作簿里有不该有的 DOCTYPE", "the workbook holds a DOCTYPE, which it must not")
    return minidom.parseString(xml)  # noqa: S318 (see above)


def children(parent: minidom.Element, name: str) -> list[minidom.Element]:
    """The child elements of that local name."""
    return [each for each in parent.childNodes if isinstance(each, minidom.Element) and (each.localName or "") == name]


def child(parent: minidom.Element, name: str) -> minidom.Element | None:
    """The first child element of that local name."""
    return next(iter(children(parent, name)), None)


def add(parent: minidom.Element, tag: str, /, **attributes: str | int) -> minidom.Element:
    """Append a child element with the parent's namespace and prefix."""
    element = _document(parent).createElementNS(parent.namespaceURI, f"{parent.prefix}:{tag}" if parent.prefix else tag)
    for key, value in attributes.items():
        element.setAttribute(key, str(value))
    parent.appendChild(element)
    return element


def put_after(sibling: minidom.Element, tag: str) -> minidom.Element:
    """Add an element right behind another."""
    parent = sibling.parentNode
    if not isinstance(parent, minidom.Element):
        raise TypeError(sibling.tagName)
    behind = parent.childNodes[parent.childNodes.index(sibling) + 1 :]
    element = add(parent, tag)
    if behind:
        parent.insertBefore(element, behind[0])
    return element


def graft(parent: minidom.Element, xml: str) -> None:
    """Append runs of rich text, written as XML."""
    document = minidom.parseString(f'<x xmlns="{MAIN}">{xml}</x>')  # noqa: S318 (our own text)
    for each in document.getElementsByTagName("r"):
        twin = _document(parent).importNode(each, deep=True)
        twin.setAttribute("xmlns", MAIN)
        parent.appendChild(twin)


def copy(element: minidom.Element) -> minidom.Element:
    """The element with all that is in it, in no place yet."""
    twin = element.cloneNode(True)
    if twin is None:
        raise ValueError(element.tagName)
    return twin


def write_text(element: minidom.Element, text: str) -> None:
    """Append text to an element."""
    element.appendChild(_document(element).createTextNode(text))


def text_of(node: minidom.Node) -> str:
    """All text inside."""
    if isinstance(node, minidom.Text):
        return str(node.data)
    return "".join(text_of(each) for each in node.childNodes)


def remove(element: minidom.Element) -> None:
    """Take an element out of its document."""
    if element.parentNode:
        element.parentNode.removeChild(element)


def _document(element: minidom.Element) -> minidom.Document:
    document = element.ownerDocument
    if document is None:
        raise ValueError(element.tagName)
    return document


def _rels_name(name: str) -> str:
    folder, base = posixpath.split(name)
    return posixpath.join(folder, "_rels", f"{base}.rels")
