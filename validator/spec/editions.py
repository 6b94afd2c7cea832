"""The editions of codes that case records may be in."""

from typing import Literal

#: The lists' own (医保版), and the clinical one (国临版).
EDITIONS: tuple[Literal["insurance", "clinical"], ...] = ("insurance", "clinical")
