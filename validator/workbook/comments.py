"""Comments of a sheet: ours are added, the user's stay; those of an earlier run go.

Excel keeps a comment's text in ``comments1.xml`` and its box in a drawing of the old kind, ``vmlDrawing1.vml``.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from xml.dom import minidom

from validator.base.text_width import width
from validator.workbook.marks import column_letters, column_number
from validator.workbook.package import MAIN, Package, add, child, children, graft, remove, text_of, write_text
from validator.workbook.sheet import legal

AUTHOR = "质控 zhikong"
_RULE = "———— 质控 ————"  #: between the user's own comment and ours
_COMMENTS_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
_VML_TYPE = "application/vnd.openxmlformats-officedocument.vmlDrawing"
_EMPTY = f'<comments xmlns="{MAIN}"><authors/><commentList/></comments>'
_LIST_END = re.compile(rb"</(?:[A-Za-z0-9]+:)?commentList>")
_BLOCK = 1024  #: shape numbers that one entry of ``idmap`` covers
_VML = """<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" \
xmlns:x="urn:schemas-microsoft-com:office:excel"><o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="{blocks}"/>\
</o:shapelayout><v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe">\
<v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>{shapes}</xml>"""
_SHAPE = """<v:shape xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" \
xmlns:x="urn:schemas-microsoft-com:office:excel" id="_x0000_s{number}" type="#_x0000_t202" style="position:absolute;\
margin-left:60pt;margin-top:2pt;width:{width}px;height:{height}px;z-index:1;visibility:hidden" fillcolor="#fffbe6" \
o:insetmode="auto"><v:fill color2="#fffbe6"/><v:shadow on="t" color="black" obscured="t"/>\
<v:path o:connecttype="none"/><v:textbox style="mso-direction-alt:auto"><div style="text-align:left"></div></v:textbox>\
<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/><x:AutoFill>False</x:AutoFill><x:Row>{row}</x:Row>\
<x:Column>{column}</x:Column></x:ClientData></v:shape>"""
_SHAPE_BLOCK = re.compile(rb"<(\w+):shape\b.*?</\1:shape>", re.DOTALL)
_SHAPE_PLACE = re.compile(rb"<\w+:Row>\s*(\d+)\s*</\w+:Row>\s*<\w+:Column>\s*(\d+)\s*</\w+:Column>")
_SHAPE_NUMBER = re.compile(rb"_x0000_s(\d+)")
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]+)")
_WIDTH, _LINE, _LETTERS = 330, 17, 27  # pixels, pixels, full-width letters a line

Place = tuple[int, int]  # row and column, both from 1


@dataclass(frozen=True)
class Line:
    """One paragraph of a comment."""

    text: str
    bold: bool = False
    ink: str = "333333"


def annotate(
    package: Package, sheet: str, drawing: str, notes: Mapping[Place, Sequence[Line]], beginnings: tuple[str, ...]
) -> str:
    """Put ``notes`` on a sheet's cells; ``drawing`` is the id of its ``legacyDrawing``. ``beginnings``: how each of our
    comments begins, by which those of an earlier run are known; some programs drop the author.

    Gives the id of a new drawing, or blank where there is nothing to hang up.
    """
    relations = package.relations(sheet)
    comments = next((each.target for each in relations if each.type.endswith("/comments")), "")
    boxes = next((each.target for each in relations if each.id == drawing), "") if drawing else ""
    if not notes and not comments:
        return ""
    if not comments:
        comments = package.free("xl/zkComments{}.xml")
        package.put(comments, _EMPTY.encode(), _COMMENTS_TYPE)
        package.relate(sheet, "comments", comments)
    gone, new = _write_texts(package, comments, notes, beginnings)
    shapes = {place: _height(notes[place]) for place in new}
    if boxes:
        package.put(boxes, _change_boxes(package.read(boxes), gone, shapes))
        return ""
    if not shapes:
        return ""
    boxes = package.free("xl/drawings/zkDrawing{}.vml")
    package.declare_extension("vml", _VML_TYPE)
    blocks = ",".join(str(block + 1) for block in range((len(shapes) + _BLOCK) // _BLOCK))
    package.put(boxes, _VML.format(blocks=blocks, shapes=_shapes(shapes, _BLOCK + 1)).encode())
    return package.relate(sheet, "vmlDrawing", boxes)


def _write_texts(
    package: Package, part: str, notes: Mapping[Place, Sequence[Line]], beginnings: tuple[str, ...]
) -> tuple[set[Place], list[Place]]:
    """Change the comments' texts; gives the cells that lost ours and the cells that had no other."""
    root = package.root(part)
    authors = child(root, "authors") or add(root, "authors")
    listing = child(root, "commentList") or add(root, "commentList")
    names = [text_of(each) for each in children(authors, "author")]
    if AUTHOR not in names:
        write_text(add(authors, "author"), AUTHOR)
        names.append(AUTHOR)
    ours = names.index(AUTHOR)
    gone, kept = set[Place](), set[Place]()
    for comment in children(listing, "comment"):
        place, author = _place(comment.getAttribute("ref")), int(comment.getAttribute("authorId") or 0)
        if author == ours or text_of(comment).lstrip().startswith(beginnings):
            remove(comment)
            gone.add(place)
            continue
        kept.add(place)
        if not names[author].startswith("tc="):  # a threaded comment's text lives elsewhere
            _merge(comment, notes.get(place, ()))
    new = [place for place in notes if place not in kept]
    write_text(listing, "")  # so that it is written with an end tag
    xml, added = package.serialised(part), "".join(_comment(place, ours, notes[place]) for place in new)
    end = next(_LIST_END.finditer(xml)).start()
    package.put(part, xml[:end] + added.encode() + xml[end:])
    return gone, new


def _merge(comment: minidom.Element, lines: Sequence[Line]) -> None:
    """Put our lines under the user's own text, in place of those of an earlier run."""
    text = child(comment, "text") or add(comment, "text")
    plain = child(text, "t")
    if plain is not None:  # a plain text becomes the first run
        add(text, "r").appendChild(plain)
    found = False
    for run in children(text, "r"):
        words = child(run, "t")
        mine, rule, _ = text_of(words).partition(_RULE) if words else ("", "", "")
        if found or (rule and not mine.strip()):
            remove(run)
        elif rule and words:
            words.childNodes.clear()
            write_text(words, mine.rstrip("\n"))
        found = found or bool(rule)
    if lines:
        graft(text, _runs([Line(_RULE, ink="888888"), *lines], first=False))


def _comment(place: Place, author: int, lines: Sequence[Line]) -> str:
    reference = f"{column_letters(place[1])}{place[0]}"
    return f'<comment xmlns="{MAIN}" ref="{reference}" authorId="{author}"><text>{_runs(lines)}</text></comment>'


def _runs(lines: Sequence[Line], *, first: bool = True) -> str:
    """The lines as runs of rich text; all but the first of a comment begin on a new line."""
    return "".join(
        f'<r><rPr>{"<b/>" if line.bold else ""}<sz val="9"/><color rgb="FF{line.ink}"/></rPr>'
        f'<t xml:space="preserve">{"" if first and not number else chr(10)}{legal(line.text)}</t></r>'
        for number, line in enumerate(lines)
    )


def _change_boxes(vml: bytes, gone: set[Place], shapes: Mapping[Place, int]) -> bytes:
    """A drawing without the boxes of ``gone``, with those of ``shapes``; it may be ill-formed: no parser reads it."""

    def keep(match: re.Match[bytes]) -> bytes:
        place = _SHAPE_PLACE.search(match[0])
        return b"" if place and (int(place[1]) + 1, int(place[2]) + 1) in gone else match[0]

    vml = _SHAPE_BLOCK.sub(keep, vml)
    first = 1 + max((int(number) for number in _SHAPE_NUMBER.findall(vml)), default=_BLOCK)
    end = vml.rindex(b"</xml>")
    return vml[:end] + _shapes(shapes, first).encode() + vml[end:]


def _shapes(heights: Mapping[Place, int], first: int) -> str:
    return "".join(
        _SHAPE.format(number=number, width=_WIDTH, height=height, row=row - 1, column=column - 1)
        for number, ((row, column), height) in enumerate(heights.items(), first)
    )


def _height(lines: Sequence[Line]) -> int:
    """Pixels that the lines take in a box of our width."""
    rows = sum(1 + width(line.text) // (2 * _LETTERS) for line in lines)
    return 14 + _LINE * rows


def _place(reference: str) -> Place:
    match = _REFERENCE.match(reference)
    return (int(match[2]), column_number(match[1])) if match else (0, 0)
