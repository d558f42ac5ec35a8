"""Files about the brand's calendar: their columns, and the verb they go to."""

from newretail.kernel.actions import holidays
from newretail.kernel.files.importing import Importer, enter
from newretail.kernel.files.sheets import Column, Sheet

YES_NO = {"yes": "true", "no": "false", "是": "true", "否": "false", "true": "true", "false": "false"}
HOLIDAYS = Sheet(
    kind="holidays",
    columns=(
        Column("family", "节日", required=True, limit=40),
        Column("year", "年份", type="integer", required=True),
        Column("day", "日期", type="date", required=True),
        Column("name_zh", "中文名", type="text", limit=60),
        Column("name_en", "英文名", type="text", limit=60),
        Column(
            "kind", "类别", type="choice",
            choices={
                "statutory": "statutory", "法定": "statutory", "lunar": "lunar", "农历": "lunar",
                "commercial": "commercial", "电商": "commercial", "brand": "brand", "品牌": "brand",
            },
        ),
        Column("first_on", "开始", type="date"),
        Column("last_on", "结束", type="date"),
        Column("is_off", "放假", type="choice", choices=YES_NO),
        Column("worked", "调休上班日", type="days", limit=200),
        Column("yearly", "每年", type="choice", choices=YES_NO),
    ),
    key=("family", "year"),
)  # fmt: skip

enter(Importer(HOLIDAYS, holidays.record, tables=("kernel_holiday",), withdraw=holidays.withdraw))
