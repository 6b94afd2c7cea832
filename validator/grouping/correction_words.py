"""What the corrections are called, what each rests on, and what to be careful about."""

from dataclasses import dataclass

from validator.base.language import say


@dataclass(frozen=True)
class CorrectionKind:
    """A kind of correction: its name, the question to the coder, and what it rests on."""

    zh: str
    en: str
    basis_zh: str
    basis_en: str
    rules: tuple[str, ...] = ()  #: the pages that tell more

    @property
    def title(self) -> str:
        return say(self.zh, self.en)

    @property
    def basis(self) -> str:
        return say(self.basis_zh, self.basis_en)


KINDS = {
    "sex": CorrectionKind(
        "性别按身份证号核对", "check the sex against the ID number",
        "居民身份证号第 17 位奇数为男、偶数为女；证号校验码正确，其中的出生日期与清单一致",
        "the 17th digit of a resident ID number is uneven for men; the number is valid and its birthday is that of the list",
        ("ID104",),
    ),
    "age": CorrectionKind(
        "年龄、天龄按出生日期核对", "check the age against the date of birth",
        "年龄按出生日期到入院日期的实足岁数，不满 1 周岁的按天填写",
        "the age is counted from birth to admission in full years, below one year in days",
        ("ID108", "ID110", "ID111"),
    ),
    "weight": CorrectionKind(
        "新生儿体重按另一体重字段核对", "check the newborn's weight against the other weight field",
        "新生儿应填出生体重和入院体重，分组按体重分档", "a newborn's list has both weights, and groups go by weight",
        ("NB102", "NB103"),
    ),
    "edition": CorrectionKind(
        "改用医保版编码", "use the code of the insurance edition",
        "结算清单使用医保版编码；国临版编码按对照表转换", "settlement lists use the insurance edition; a published map converts",
    ),
    "refine": CorrectionKind(
        "主要诊断细化到同一亚目下的编码", "refine the principal diagnosis within its subcategory",
        "灰码只到亚目，一般不能入组；用哪个细化编码以病历为准", "only the record says which finer code is right",
        ("DX212",),
    ),
    "diagnosis_first": CorrectionKind(
        "另选已填的诊断作主要诊断", "make another listed diagnosis principal",
        "主要诊断是本次住院治疗的，对健康危害最大、消耗医疗资源最多、住院时间最长的疾病；入院病情为“无”的、有明确诊断时的症状体征不作主要诊断",
        "the principal diagnosis is the disease treated in this stay that harmed most, took most resources and longest; none that "
        "arose after admission, and no symptom where there is a definite disease",
        ("DX201", "DX203", "DX204", "DX205"),
    ),
    "procedure_first": CorrectionKind(
        "另选已填的手术操作作主要手术操作", "make another listed operation the main one",
        "主要手术操作是与主要诊断相对应的手术操作", "the main operation is the one that goes with the principal diagnosis",
        ("OP101", "OP103"),
    ),
}  # fmt: skip
FIELDS = {
    "principal": ("主要诊断", "principal diagnosis"), "procedure": ("主要手术操作", "main operation"),
    "sex": ("性别", "sex"), "age": ("年龄（岁）", "age (years)"), "age_days": ("天龄", "age (days)"),
    "weight": ("新生儿体重（克）", "newborn weight (g)"),
}  # fmt: skip
CAUTIONS = {
    "conflict": ("原主要诊断与性别或年龄不符，先核实这个编码本身", "the code does not fit the sex or age: look at it first"),
    "several": ("几种改法入不同的组，只能以病历为准", "several corrections give different groups: only the record decides"),
    "surgical": ("会入手术操作组，付费可能提高，须有病历依据", "an operative group may raise payment: the record must bear it out"),
    "severe": ("会入伴并发症的组，付费可能提高，须有病历依据", "a group with complications may raise payment: the record must bear it out"),
}  # fmt: skip


def field(name: str) -> str:
    """What people call a field."""
    return say(*FIELDS[name])


def cautions(names: list[str]) -> str:
    """What to be careful about, in words."""
    return say("；", "; ").join(say(*CAUTIONS[name]) for name in names)


def change(field_name: str, before: str | None, after: str | None) -> str:
    """``主要诊断 K80.000 → K80.101``."""
    blank = say("空", "blank")
    return f"{field(field_name)} {shown(field_name, before) or blank} → {shown(field_name, after) or blank}"


def shown(field_name: str, value: str | None) -> str | None:
    """A value as people read it."""
    if field_name == "sex":
        return {"1": say("男", "male"), "2": say("女", "female")}.get(value or "", value)
    return f"{value[:-1]} {say('岁', 'years')}" if field_name == "age_days" and value and value.endswith("Y") else value
