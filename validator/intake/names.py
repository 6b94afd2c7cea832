"""What hospitals are called in receipts and notices: kept in the ledger, from a table of code and name."""

from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from validator.intake import roll
from validator.intake.ledger import Ledger, audit
from validator.intake.ledger.models import HospitalName
from validator.read import named_columns

_COLUMNS = {"hospital": roll.CODES, "name": roll.NAMES}


def add(ledger: Ledger, file: Path, actor: str) -> int:
    """Keep the names of a CSV, workbook or roll; gives how many. A later name takes the place of an earlier one."""
    lacking = ("没有机构编码、机构名称两列", "has no columns of the hospital's code and name")
    frame = named_columns.rows(file, _COLUMNS, lambda names: names == _COLUMNS.keys(), lacking)
    found = roll.names(frame)
    with ledger.writing() as session:
        known = {each.code: each for each in session.execute(select(HospitalName)).scalars()}
        for code, name in found.items():
            if code in known:
                known[code].name = name
            else:
                session.add(HospitalName(code=code, name=name))
        audit.add(session, actor, "names", f"{len(found)} hospitals", {"file": file.name})
    return len(found)


def of_all(session: Session) -> dict[str, str]:
    """Code -> name of every hospital that has one."""
    return {each.code: each.name for each in session.execute(select(HospitalName)).scalars()}
