"""A DRG configuration workbook of the published shape with a handful of groups, and a folder of tables likewise."""

from pathlib import Path
from typing import Any

Sheets = dict[str, list[list[Any]]]


def sheets() -> Sheets:
    """The six sheets, with the oddities of the published file that are to be taken as they are."""
    return {
        "MDC": [
            ["按病组（DRG）付费3.0版分组方案配置信息"],
            ["MDC编码", "MDC名称", "MDC规则", "排序"],
            ["MDCA", "先期分组", None, 1],
            ["MDCP", "新生儿", "ZYZD in DI_P00 and NL<1", 2],
            ["MDCB", "神经系统", "ZYZD\u00a0in DI_B00_x000D_\n or ZYZD in DI_B01", 3],
            ["MDCO", "妊娠", "ZYZD IN di_o00 AND XB = 2", 4],
            ["0000", "未入组", None, 27],
        ],
        "ADRG": [
            [None, "ADRG编码", "ADRG名称", "ADRG规则", "所属MDC编码", "MDC内排序"],
            [None, "AA1", "心脏移植", "ZYSS in OP_AA1", "MDCA", 1],
            [None, "A00", "未入组", None, "MDCA", 2],
            [None, "PB1", "新生儿手术", "ZYSS in OP_BB1 and XSRTL<29", "MDCP", 1],
            [None, "PQY", "歧义", "ZYSS in OP_ALL and XSRTL<29", "MDCP", 2],
            [None, "P00", "未入组", None, "MDCP", 3],
            [None, "BB1", "脑室分流", "length(OP_BB1 ∩ {ZYSS, QTSS}) >= 2", "MDCB", 1],
            [None, "BQY", "歧义", "ZYSS in OP_ALL", "MDCB", 2],
            [None, "BR1", "颅内出血", "(ZYZD in {DI_BR1, DI_B01})_x000A_ and not\u3000NL >= 70", "MDCB", 3],
            [None, "BR2", "脑梗死", "ZYZD in DI_B00", "MDCB", 3],
            [None, "B00", "未入组", None, "MDCB", 9],
            [None, "OB1", "剖宫产", "ZYSS in OP_OB1", "MDCO", 1],
            [None, "O00", "未入组", None, "MDCO", 18],
            [None, "OZ1", "其他", 1, "MDCO", 20],
            [None, "000", "未入组", None, "0000", 1],
        ],
        "DRG": [
            ["DRG", "DRG名称", "DRG规则", "所属ADRG编码", "所属MDC编码", "排序"],
            ["AA19", "心脏移植", None, "AA1", "MDCA", 1],
            ["A000", "未入组", None, "A00", "MDCA", 1],
            ["PB19", "新生儿手术", None, "PB1", "MDCP", 1],
            ["PQY", "歧义", None, "PQY", "MDCP", 1],
            ["P000", "未入组", None, "P00", "MDCP", 1],
            ["BB15", "脑室分流", None, "BB1", "MDCB", 1],
            ["BB10", "脑室分流，机器人", "{ZYSS, QTSS} in OP_ARB", "BB1", "MDCB", 2],
            ["BB11", "脑室分流，伴严重并发症", "QTZD in MCC", "BB1", "MDCB", 3],
            ["BQY", "歧义", None, "BQY", "MDCB", 1],
            ["BR19", "颅内出血", None, "BR1", "MDCB", 1],
            ["BR29", "脑梗死", None, "BR2", "MDCB", 1],
            ["B000", "未入组", None, "B00", "MDCB", 1],
            ["OB19", "剖宫产", None, "OB1", "MDCO", 1],
            ["O000", "未入组", None, "O00", "MDCO", 1],
            ["OZ19", "其他", None, "OZ1", "MDCO", 1],
            ["0000", "未入组", None, "000", "0000", 1],
        ],
        "集合": [
            ["集合编号", "ICD编码", "ICD名称", "类型编号"],
            ["DI_B00", "I61.900", "脑内出血", "T001"],
            ["DI_B00", "I63.900", "脑梗死", "T001"],
            ["DI_B00", "I63.900", "脑梗死", "T001"],
            ["DI_B01", "I60.900", "蛛网膜下腔出血", "T001"],
            ["DI_BR1", "I61.900", "脑内出血", "T001"],
            ["DI_O00", "O82.000", "剖宫产", "T001"],
            ["DI_P00", "P22.000", "呼吸窘迫", "T001"],
            ["OP_AA1", "37.5100", "心脏移植术", "T002"],
            ["OP_BB1", "02.3400", "脑室分流", "T002"],
            ["OP_BB1", "02.3400X001", "脑室腹腔分流", "T002"],
            ["OP_OB1", "74.1X01", "剖宫产术", "T002"],
            ["OP_ALL", "37.5100", "心脏移植术", "T003"],
            ["OP_ALL", "02.3400", "脑室分流", "T003"],
            ["OP_ALL", "74.1x01", "剖宫产术", "T003"],
            ["OP_ARB", "17.4100", "开放性机器人援助操作", "T005"],
            ["OP_NOT", "17.4100", "开放性机器人援助操作", "T004"],
            ["OP_NOT", "93.9000", "持续气道正压通气", "T004"],
        ],
        "CC": [
            ["疾病编码", "疾病名称", "排除表", "类型"],
            ["J96.000", "急性呼吸衰竭", "PDX001", "MCC"],
            ["I10.x00", "高血压", "PDX002", "CC"],
        ],
        "排除表": [
            ["集合编号", "ICD编码", "ICD名称"],
            ["PDX001", "J96.900", "呼吸衰竭"],
            ["PDX002", "I11.900", "高血压心脏病"],
        ],
    }  # fmt: skip


#: A folder of tables with every match rule.
TABLES = {
    "mdc.csv": """check_order,mdc,name,entry_condition,n_diagnoses
2,MDCP,新生儿,principal diagnosis in list AND age in whole years = 0,1
1,MDCA,先期分组,"principal procedure in valid_procedure list, then ADRG procedure lists; no diagnosis list",0
3,MDCZ,多发创伤,principal diagnosis in list AND all diagnoses together cover >= 2 body parts,3
4,MDCM,男性,principal diagnosis in list AND sex=1 (male),1
5,MDCX,其他,principal diagnosis in list,1
""",
    "mdc_diagnosis.csv": """mdc,code,name,body_part
MDCP,P22.000,甲,
MDCZ,S06.000,乙,头颈部创伤
MDCZ,S27.000,丙,胸部创伤
MDCZ,S36.000,丁,腹部创伤
MDCM,C61.x00,戊,
MDCX,R50.900,己,
""",
    "adrg.csv": """check_order,adrg,name_derived,mdc,match_rule,special,drgs
1,AC1,移植,MDCA,双手术匹配,,AC19
2,PS2,早产儿,MDCP,某一诊断匹配、体重1500至2000克、新生儿,,PS21|PS25
3,PV1,其他,MDCP,always (rest group),,PV13|PV15
4,ZZ1,无手术,MDCZ,无手术,,ZZ19
5,MA1,手术,MDCM,主诊断匹配、JA1特殊规则、多手术处理,groups: (1 and 2) or 3,MA11|MA13|MA15
6,XJ1,手术,MDCX,存在手术,,XJ19
7,XS1,体征,MDCX,主诊断匹配,,XS19
""",
    "adrg_diagnosis.csv": """adrg,code,name,position
PS2,P07.300,早产儿,any
MA1,C61.x00,前列腺癌,principal
XS1,R50.900,发热,principal
""",
    "adrg_procedure.csv": """adrg,code,name,list,position
AC1,52.8000,胰腺移植,1,any
AC1,55.6901,肾移植,2,any
MA1,60.5x00,甲,1,any
MA1,40.5300,乙,2,any
MA1,60.5x01,丙,3,any
""",
    "drg.csv": """drg,name,adrg,mdc,severity
AC19,移植,AC1,MDCA,not split
PS21,早产儿，伴严重并发症,PS2,MDCP,MCC
PS25,早产儿,PS2,MDCP,no CC/MCC
PV13,其他，伴并发症,PV1,MDCP,CC
PV15,其他,PV1,MDCP,no CC/MCC
ZZ19,无手术,ZZ1,MDCZ,not split
MA15,手术,MA1,MDCM,no CC/MCC
MA11,手术，伴严重并发症,MA1,MDCM,MCC
MA13,手术，伴并发症,MA1,MDCM,CC
XJ19,手术,XJ1,MDCX,not split
XS19,体征,XS1,MDCX,not split
""",
    "mcc.csv": "code,name,exclusion_table\nJ96.000,呼吸衰竭,7\n",
    "cc.csv": "code,name,exclusion_table\nI10.x00,高血压,8\n",
    "cc_exclusion.csv": "exclusion_table,principal_code\n7,J96.900\n",
    "valid_procedure.csv": "code,name\n52.8000,胰腺移植\n",
    "icd10_map.csv": "from_code,to_code\nA01.000x002,A01.003\n",
}


def folder(path: Path, **changed: str) -> Path:
    """Write the folder; ``changed``: other texts of tables, blank to leave one out."""
    path.mkdir()
    for name, text in (TABLES | {f"{name}.csv": text for name, text in changed.items()}).items():
        if text:
            (path / name).write_text(text, encoding="utf-8")
    return path
