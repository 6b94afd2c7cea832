"""A workbook's list of sheets: find them, put ours in front, take those of an earlier run out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import IO
from xml.dom import minidom

from validator.workbook.package import OFFICE, Package, add, child, children, put_after, remove, text_of, write_text
from validator.workbook.sheet import Sheet, link_to

_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
#: Hidden names that tell our sheets from the user's.
_OURS = "zhikong.sheet."
#: What stands before ``definedNames`` in a workbook.
_BEFORE_NAMES = ("sheets", "functionGroups", "externalReferences")
_LONGEST = 31  #: letters of a sheet's name

Write = Callable[[IO[bytes]], None]  #: writes a sheet's part


@dataclass(frozen=True)
class Tab:
    """A sheet of the workbook: its name and its part."""

    name: str
    part: str
    element: minidom.Element


def tabs(package: Package) -> list[Tab]:
    """The workbook's worksheets, in order (a chart sheet is one too)."""
    targets = {each.id: each.target for each in package.relations(package.workbook)}
    sheets = child(package.root(package.workbook), "sheets")
    return [
        Tab(each.getAttribute("name"), targets[each.getAttributeNS(OFFICE, "id")], each)
        for each in (children(sheets, "sheet") if sheets else [])
    ]


def drop_ours(package: Package) -> None:
    """Take out the sheets that an earlier run put in."""
    root = package.root(package.workbook)
    names = child(root, "definedNames")
    marks = (
        [each for each in children(names, "definedName") if each.getAttribute("name").startswith(_OURS)]
        if names
        else []
    )
    old = {_sheet_of(each) for each in marks}
    there = tabs(package)
    for each in marks:
        remove(each)
    for tab in there:
        if tab.name in old:
            relation = next(each for each in package.relations(package.workbook) if each.target == tab.part)
            remove(relation.element)
            remove(tab.element)
            package.remove(tab.part)
    kept = [number for number, tab in enumerate(there) if tab.name not in old]
    _renumber(root, {number: place for place, number in enumerate(kept)})


def put_in_front(package: Package, sheets: Sequence[Sheet]) -> None:
    """Add sheets before the user's; the first of them is the one in view."""
    root = package.root(package.workbook)
    listing = child(root, "sheets")
    if listing is None:
        return
    there = children(listing, "sheet")
    _renumber(root, {number: number + len(sheets) for number in range(len(there))})
    for number, sheet in enumerate(sheets, 1):
        element, _ = _add(package, listing, sheet.name, sheet.write)
        if there:
            listing.insertBefore(element, there[0])
        _remember(root, sheet.name, number)
    for view in children(child(root, "bookViews") or listing, "workbookView"):
        view.setAttribute("activeTab", "0")
        view.setAttribute("firstSheet", "0")


def put_behind(package: Package, name: str, write: Write) -> str:
    """Add a sheet of the user's behind all others; gives its part, which ``write`` writes when the package is saved."""
    listing = child(package.root(package.workbook), "sheets")
    if listing is None:
        raise KeyError(name)
    return _add(package, listing, name, write)[1]


def _add(package: Package, listing: minidom.Element, name: str, write: Write) -> tuple[minidom.Element, str]:
    """Add a sheet to the end of the list; gives its entry and its part."""
    top = max((int(each.getAttribute("sheetId")) for each in children(listing, "sheet")), default=0)
    part = package.free("xl/worksheets/zkSheet{}.xml")
    package.put(part, write, _SHEET_TYPE)
    element = add(listing, "sheet", name=name, sheetId=top + 1)
    package.root(package.workbook).setAttribute("xmlns:r", OFFICE)
    element.setAttributeNS(OFFICE, "r:id", package.relate(package.workbook, "worksheet", part))
    return element, part


def free_name(wanted: str, taken: Sequence[str]) -> str:
    """The name, with a number behind it if the user has such a sheet."""
    names = {name.lower() for name in taken}
    name, number = wanted, 1
    while name.lower() in names:
        number += 1
        end = f" ({number})"
        name = wanted[: _LONGEST - len(end)] + end
    return name


def _remember(root: minidom.Element, sheet: str, number: int) -> None:
    names = child(root, "definedNames")
    if names is None:
        last = [each for name in _BEFORE_NAMES for each in children(root, name)][-1]
        names = put_after(last, "definedNames")
    mark = add(names, "definedName", name=f"{_OURS}{number}", hidden=1)
    write_text(mark, link_to(sheet, "$A$1"))


def _sheet_of(mark: minidom.Element) -> str:
    """The sheet that a defined name points to: ``'质控结果'!$A$1``."""
    return text_of(mark).rpartition("!")[0].strip("'").replace("''", "'")


def _renumber(root: minidom.Element, places: dict[int, int]) -> None:
    """Renumber the names that belong to one sheet, which they name by its position; drop those of a removed sheet."""
    names = child(root, "definedNames")
    for each in children(names, "definedName") if names else []:
        if each.hasAttribute("localSheetId"):
            place = places.get(int(each.getAttribute("localSheetId")))
            if place is None:
                remove(each)
            else:
                each.setAttribute("localSheetId", str(place))
    if names is not None and not children(names, "definedName"):
        remove(names)
