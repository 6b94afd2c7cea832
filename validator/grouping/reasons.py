"""Why a case has no group: one closed vocabulary for every scheme."""

from validator.base.language import say

#: Code -> Chinese, English.
REASONS: dict[str, tuple[str, str]] = {
    "input_sex": ("性别缺失或不是 1、2", "sex is missing or neither 1 nor 2"),
    "input_age": ("年龄缺失", "age is missing"),
    "principal_missing": ("没有主要诊断", "there is no principal diagnosis"),
    "principal_unknown": ("主要诊断不在方案的诊断表", "the scheme does not know the principal diagnosis"),
    "principal_grey": ("主要诊断是灰码", "the principal diagnosis is a grey code"),
    "principal_refused": ("主要诊断不能入组", "the principal diagnosis cannot be grouped"),
    "wrong_sex": ("主要诊断与性别不符", "the principal diagnosis does not fit the sex"),
    "wrong_age": ("主要诊断与年龄不符", "the principal diagnosis does not fit the age"),
    "newborn_data": ("新生儿天龄或体重缺失", "age in days or weight of a newborn is missing"),
    "no_mdc": ("不符合任何主要诊断大类的条件", "no major category's condition holds"),
    "no_adrg": ("进了主要诊断大类，没有相应的 ADRG", "there is a major category but no ADRG"),
    "no_drg": ("有 ADRG，没有相应的 DRG", "there is an ADRG but no DRG"),
    "qy": (
        "歧义病案：手术与主要诊断不在同一主要诊断大类",
        "ambiguous (QY): operation and principal diagnosis disagree",
    ),
    "stay_out_of_range": ("住院天数不在分组范围", "the length of stay is out of range"),
    "cost_out_of_range": ("费用不在分组范围", "the cost is out of range"),
    "paid_otherwise": ("按单病种或床日付费，不按病种分组", "paid per single disease or bed day, not by groups"),
    "day_surgery": ("日间手术另行付费，不按病种分组", "day surgery, paid apart and not by groups"),
    "tcm": ("中医病例另行付费，不按病种分组", "TCM case, paid apart and not by groups"),
    "principal_excluded": ("主要诊断在不纳入分组的名单", "the principal diagnosis is on the list of those left out"),
    "dip_no_group": ("没有相应的病种", "there is no disease group for it"),
}
#: Of the columns ``status``.
STATUSES: dict[str, tuple[str, str]] = {
    "grouped": ("入组", "grouped"),
    "ambiguous": ("歧义（QY）", "ambiguous (QY)"),
    "failed": ("未入组", "not grouped"),
    "excluded": ("不参加分组", "left out"),
}


def reason(code: str | None) -> str:
    """A reason in words; blank for none."""
    return say(*REASONS[code]) if code else ""


def status(code: str) -> str:
    """A status in words."""
    return say(*STATUSES[code])
