"""The formulas of measures: what one stay (settlement, fault, …) adds to numerator and denominator, and which take no part."""

from dataclasses import dataclass, field

import polars as pl

from validator.inspection.indicators import EXCELLENT, bounds
from validator.scoring.cells import CODED
from validator.scoring.faults import ACCURACY, DIP_CLASSES, WRONG
from validator.scoring.lines import TABLES
from validator.scoring.pages import INDICATOR

BY_GROUP = ("3", "4")  #: of hi_paymtd: paid by DIP, by DRG
DIED = "5"  #: of dscg_way


#: What measures count, each a frame with ``hospital``, and ``month`` where there is one.
OVER = {
    "stays": ("病例", "stays"), "settlements": ("名册上的结算", "settlements of the roll"),
    "hospitals": ("名册上的机构", "hospitals of the roll"), "faults": ("错误", "faults"), "answers": ("入组病例", "grouped cases"),
}  # fmt: skip
_ONE = pl.col("hospital").is_null().is_not_null()  #: true of every row


@dataclass(frozen=True)
class Formula:
    """What one row adds; null: not known. ``distinct``: the column whose different values are the numerator or denominator."""

    top: pl.Expr = _ONE
    bottom: pl.Expr = _ONE
    takes_part: pl.Expr = _ONE
    distinct_top: str = ""
    distinct_bottom: str = ""
    once: str = ""  #: the column that is the same for all rows and is the denominator
    over: str = field(default="stays", kw_only=True)  #: what is counted: of :data:`OVER`
    look: str = field(
        default="no", kw_only=True
    )  #: the stays that a person looks at: ``no``, or ``yes`` in the numerator

    @property
    def part(self) -> pl.Expr:
        """Whether a row takes part; one of which that is not known does, and is not judged."""
        return self.takes_part.fill_null(value=True)

    @property
    def judged(self) -> pl.Expr:
        """Whether a row takes part and all that is read is known."""
        known = [each.is_not_null() for each in (self.takes_part, self.top, self.bottom)]
        known += [pl.col(name).is_not_null() for name in (self.distinct_top, self.distinct_bottom, self.once) if name]
        return self.part & pl.all_horizontal(known)


_GROUPED = pl.col("status") == "grouped"
_TAKES_PART = pl.col("status") != "excluded"


#: 0 without a group; not known of any stay where no weights are given.
_WEIGHT = pl.when(_GROUPED).then("weight").when(pl.col("status").is_not_null() & pl.col("weighted")).then(0.0)


def _cells(name: str) -> Formula:
    filled = pl.col(f"{name}_filled")
    return Formula(filled, filled + pl.col(f"{name}_missing"))


FORMULAS: dict[str, Formula] = {
    "complete_cases": Formula(pl.col("must_missing") == 0),
    "complete_cells": _cells("must"),
    "grouping_complete_cases": Formula(pl.col("grouping_missing") == 0),
    "grouping_complete_cells": _cells("grouping"),
    "passed": Formula(pl.when(pl.col("disposition") != "cannot_be_judged").then(pl.col("errors") == 0)),
    **{f"accurate_{name}": Formula(pl.when("compared").then(pl.col(f"against:{name}") == 0)) for name in ACCURACY},
    "truthful": Formula(pl.when("compared").then(pl.col("contradicted") == 0)),
    **{
        f"landed_{name}": Formula(pl.col(f"{CODED}{name}") - pl.col(f"{WRONG}{name}"), pl.col(f"{CODED}{name}"))
        for name in ("icd10", "icd9cm3", "tcm_disease", "institution", "physician", "nurse", *TABLES)
    },
    "grouping_rate": Formula(_GROUPED, takes_part=_TAKES_PART),
    "catalogue_lines": Formula(pl.col("national"), pl.col("lines")),
    "catalogue_money": Formula(pl.col("national_money") / 100, pl.col("line_money") / 100),
    "front_page_score": Formula(pl.when("compared").then("page_score")),
    "front_page_1a": Formula(pl.when("compared").then(pl.col("page_missing") == 0)),
    "front_page_1b": Formula(pl.col("page_filled"), pl.col("page_filled") + pl.col("page_missing")),
    **{
        f"front_page_{number}": Formula(
            pl.when("compared").then(~pl.col(f"{INDICATOR}{number}")),
            takes_part=pl.col("procedure").is_not_null() if of == "procedures" else _ONE,
        )
        for number, of in bounds().items()
    },
    "front_page_8": Formula(pl.when("compared").then(pl.col("page_score") >= EXCELLENT)),
    "delivered": Formula(pl.col("delivered"), over="settlements"),
    **{
        f"timely{name}": Formula(
            pl.when(pl.col(state) != "unjudged").then(pl.col(state) == "on_time"),
            takes_part=pl.col(state) != "pending",
            over="settlements",
        )
        for name, state in (("", "state"), ("_first", "by_first"), ("_accepted", "by_accepted"))
    },
    "hospitals_delivered": Formula(pl.col("delivered"), over="hospitals"),
    "corrected": Formula(pl.col("corrected"), takes_part=pl.col("counts"), over="faults"),
    "repeated": Formula(pl.col("repeated"), takes_part=pl.col("counts") & pl.col("again"), over="faults"),
    "feedback_rate": Formula(pl.col("answered"), takes_part=pl.col("counts"), over="answers"),
    "stays": Formula(),
    "groups": Formula(takes_part=_GROUPED, distinct_top="group"),
    "groups_covered": Formula(takes_part=_GROUPED, distinct_top="group", once="scheme_groups"),
    "fund_covered": Formula(
        pl.when(pl.col("payment").is_in(BY_GROUP)).then(pl.col("fund") / 100).otherwise(0.0), pl.col("fund") / 100
    ),
    "cmi_all": Formula(_WEIGHT),
    "cmi_taking_part": Formula(_WEIGHT, takes_part=_TAKES_PART),
    "cmi": Formula(pl.col("weight"), takes_part=_GROUPED),
    "cost_index": Formula(pl.col("cost_ratio"), takes_part=_GROUPED),
    "time_index": Formula(pl.col("time_ratio"), takes_part=_GROUPED),
    "money_per_weight": Formula(pl.col("total") / 100, pl.col("weight"), takes_part=_GROUPED),
    "readmission": Formula(pl.col("readmitted"), look="yes"),
    "low_risk_deaths": Formula(pl.col("left") == DIED, takes_part=_GROUPED & pl.col("low_risk"), look="yes"),
    "visits_per_person": Formula(distinct_bottom="person"),
    "own_share": Formula(pl.col("own") / 100, pl.col("total") / 100),
    "own_charged_share": Formula(pl.col("own_charged") / 100, pl.col("total") / 100),
    "high_cost": Formula(pl.col("cost_ratio") >= pl.col("high_limit"), takes_part=_GROUPED, look="yes"),
    "low_cost": Formula(pl.col("cost_ratio") < pl.col("low_limit"), takes_part=_GROUPED, look="yes"),
    **{f"dip_{name}": Formula(pl.col(f"dip:{name}") == 0) for name in DIP_CLASSES},
}
