"""What official workbooks of codes look like, in a handful of rows; and where the whole tables are, if they are."""

ICD10 = [
    "章",
    "章代码范围",
    "章的名称",
    "节代码范围",
    "节名称",
    "类目代码",
    "类目名称",
    "亚目代码",
    "亚目名称",
    "诊断代码",
    "诊断名称",
]
ICD9 = [
    "章",
    "章的名称",
    "类目代码",
    "类目名称",
    "亚目代码",
    "亚目名称",
    "细目代码",
    "细目名称",
    "手术操作代码",
    "手术操作名称",
]
CHAPTER, BLOCK = ["1", "A00-B99", "某些传染病和寄生虫病"], ["A00-A09", "肠道传染病"]
DIAGNOSES = [
    ["A00", "霍乱", "A00.0", "霍乱，由于O1群霍乱弧菌", "A00.000", "霍乱，由于O1群霍乱弧菌，霍乱生物型所致"],
    ["A00", "霍乱", "A00.0", "霍乱，由于O1群霍乱弧菌", "A00.000x001", "古典生物型霍乱"],
    ["A01", "伤寒和副伤寒", "A01.0", "伤寒", "A01.002+G01*", "伤寒并发脑膜炎"],
    ["I10", "特发性高血压", "I10.x", "特发性高血压", "I10.x00x002", "高血压病"],
]
OPERATIONS = [
    ["00", "未分类的操作", "00.0", "治疗性超声", "00.01", "头部超声", "00.0100", "头和颈部血管治疗性超声"],
    ["17", "其他", "17.9", "中医", "17.91", "针刺", "17.912A0", "电针治疗"],
    ["86", "皮肤", "86.7", "带蒂皮瓣", "86.70", "带蒂皮瓣", "86.700x0013", "带蒂皮瓣移植"],
]


def diagnoses() -> list[list[str]]:
    """The rows of the official workbook of diagnoses: title, headings, codes, notes."""
    rows = [[*CHAPTER, *BLOCK, *row] for row in DIAGNOSES]
    titles = [["医保疾病诊断分类与代码（2.0版）"], ["（自2021年3月1日起使用）"]]
    return [*titles, ICD10, *rows, [], ["注：1. 星号编码不单独使用。"], ["2. 编码按国家标准。"]]


def operations() -> list[list[str]]:
    return [["医保手术操作分类与代码（2.0版）"], ICD9, *[["1", "操作和介入", *row] for row in OPERATIONS]]
