"""How a delivery is to be taken."""

from dataclasses import dataclass, field

from validator.base.language import Lang


@dataclass(frozen=True)
class Options:
    """What the sender and the bureau say about a delivery; kept with its job, so that it can be taken again after a crash."""

    hospital: str = ""  #: who sends it; blank: each list's own hospital
    period: str = ""  #: yyyymm of cases that have no date of their own
    declared: int | None = None  #: lists that the sender says there are, by a count of settlements (4105)
    refunded: int = (
        0  #: of them settlements that were refunded: they have no list (4105 with refd_setl_flag = 1 counts them)
    )
    whole: bool = False  #: whether the sender says that these are all lists of the period; else they are a part
    roll: dict[str, int] = field(default_factory=dict)  #: ``hospital yyyymm`` -> lists that the settlement roll wants
    convention: str = ""  #: of the roll, on refunds
    profile: str = "national"
    rules: tuple[str, ...] = ()
    codebooks: str | None = None
    gate: str = ""  #: blank: the profile's
    received: str = ""  #: when it came, where that is not now
    actor: str = ""
    lang: Lang = "zh"
