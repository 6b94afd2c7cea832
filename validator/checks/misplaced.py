"""Which personal data may stand where they do not belong, so that a column shifted by one must not show them."""

from collections.abc import Mapping

from validator.checks.slots import SEPARATOR
from validator.spec.layouts import FieldRow

#: Columns of cases -> their roles, in which no person is named; and those that name staff.
UNNAMED = {"record_number": "record", "department": "department"}
STAFF = ("physician", "coder")
SHORTEST = 2  #: characters of a name; one alone stands in many a text
#: An address among the values that a message shows: what stands before, its beginning, and all that is hidden.
_NUMBER = r"[0-9０-９一二三四五六七八九十百]+(?:号|室|栋|幢|弄|单元|组)"
ADDRESS_AMONG = rf"(^|{SEPARATOR})([一-鿿][^{SEPARATOR}]{{5}})[^{SEPARATOR}]*{_NUMBER}[^{SEPARATOR}]*"


def coded(rows: Mapping[str, Mapping[str, FieldRow]]) -> set[tuple[str, str]]:
    """The fields (table, field) in which a code, number or date should stand, and no name or address."""
    return {
        (table, row.field)
        for table, fields in rows.items()
        for row in fields.values()
        if not row.personal and (row.domain or row.type != "string")
    }
