"""What a service runs with; worker processes find it in the environment."""

import json
import os
from dataclasses import asdict, dataclass

VARIABLE = "ZHIKONG_SERVE"


@dataclass(frozen=True)
class ServeSettings:
    """The options of ``zhikong serve`` that the workers need."""

    ledger: str | None = None
    database: str = ""
    profile: str = "national"
    rules: tuple[str, ...] = ()
    codebooks: str | None = None
    gate: str = ""  #: blank: the profile's
    workers: int = 1  #: each worker allows its share of what a key may ask for in a minute

    def keep(self) -> None:
        """Leave the settings to the processes that this one starts."""
        os.environ[VARIABLE] = json.dumps(asdict(self))

    @classmethod
    def kept(cls) -> "ServeSettings":
        """The settings that the starting process left."""
        found = json.loads(os.environ[VARIABLE])
        return cls(**{**found, "rules": tuple(found["rules"])})
