"""The fictional hospitals' staff: codes that say hospital, department and person, and a name for each."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from validator.generate import people
from validator.generate.draw import Draw

_ANAESTHESIA = 99
_REGION = "110105"
Places = NDArray[np.int64]


@dataclass(frozen=True)
class Staff:
    """Some people, one for each case or row."""

    hospital: Places
    department: Places
    person: Places

    def code(self, letter: str) -> pl.Series:
        """The insurance code: letter, region, hospital, department, person."""
        number = (self.hospital * 100 + self.department) * 1000 + self.person
        return pl.select(pl.lit(f"{letter}{_REGION}") + pl.Series(number).cast(pl.String).str.zfill(6)).to_series()

    def name(self) -> pl.Series:
        """The person's name: the same for the same code."""
        who = ((self.hospital * 100 + self.department) * 1000 + self.person).astype(np.uint64)
        draw = Draw(0, who)
        return pl.select(people.name(draw, "staff", draw.unit("staff sex") < 0.5)).to_series()


def of(draw: Draw, subject: str, cases: pl.DataFrame, several: int) -> Staff:
    """One of ``several`` people of each case's own department."""
    person = _drawn(draw, subject, several)
    return Staff(cases["hospital_number"].to_numpy(), cases["department_number"].to_numpy(), person)


def anaesthetist(draw: Draw, cases: pl.DataFrame) -> Staff:
    """One of the hospital's anaesthetists."""
    hospital = cases["hospital_number"].to_numpy()
    return Staff(hospital, np.full(len(hospital), _ANAESTHESIA), _drawn(draw, "anaesthetist", 8))


def _drawn(draw: Draw, subject: str, several: int) -> Places:
    return np.asarray(draw.bits(subject) % np.uint64(several) + np.uint64(1)).astype(np.int64)
