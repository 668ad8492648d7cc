"""A new study: its study file, and sheets to fill in, with drop-downs and remarks in both languages.

Headers are those that readers recognise. What must not be read as data, the examples and the instructions, stands on sheets of its own:
readers take the first.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

from livingcircle.faults import Language
from livingcircle.model.standard import ServiceType

STUDY_TEMPLATE = Path(__file__).with_name("starter_study.yaml")
STUDY_NAME = "study.yaml"
MOST_ROWS = 5000
"""Rows that have drop-downs; more may be filled in."""


@dataclass(frozen=True, slots=True)
class Field:
    """One column to fill in: its header, what goes there in both languages, what cells may hold, and the cell of the example."""

    header: str
    zh: str
    en: str
    example: str | float
    needed: bool = False
    least: float | None = None
    most: float | None = None
    choices: tuple[str, ...] = ()
    width: int = 14


@dataclass(frozen=True, slots=True)
class Form:
    """One workbook to fill in."""

    file: str
    sheet: str
    zh: str
    en: str
    fields: tuple[Field, ...]


_ID = Field("编号", "唯一编号，不得重复", "unique id", "A001", needed=True)
_LON = Field(
    "经度",
    "十进制度，如 114.305512；高德、腾讯坐标请在 study.yaml 写 datum: gcj02，百度写 datum: bd09",
    "decimal degrees; for coordinates of Amap or Tencent state datum: gcj02 in study.yaml, for Baidu datum: bd09",
    114.305512,
    needed=True,
    least=-180,
    most=180,
)
_LAT = Field("纬度", "十进制度，如 30.592851", "decimal degrees", 30.592851, needed=True, least=-90, most=90)


def _count(header: str, zh: str, en: str, example: float) -> Field:
    return Field(header, zh, en, example, least=0, width=16)


def forms(services: Sequence[ServiceType]) -> tuple[Form, ...]:
    """Return the sheets to fill in; service types are offered by their Chinese names."""
    kinds = tuple(service.name.zh for service in services)
    clinic = next((kind for kind in kinds if "卫生服务站" in kind), kinds[0])
    return (
        Form(
            "homes.xlsx",
            "住宅",
            "每行一个小区或一栋住宅楼；户数和常住人口至少填一项",
            "one compound or building in each row; households, residents or both",
            (
                _ID,
                Field("名称", "小区或楼栋名称", "name of the compound or building", "（示例）东湖小区 3 栋", width=24),
                _LON,
                _LAT,
                _count(
                    "户数（户）",
                    "户数；未知留空，确为零填 0",
                    "households; leave empty if unknown, write 0 for none",
                    96,
                ),
                _count("常住人口（人）", "常住人口；未知留空", "residents; leave empty if unknown", 250),
            ),
        ),
        Form(
            "facilities.xlsx",
            "设施",
            "每行一处设施；一处提供几类服务的，用“；”隔开",
            "one facility in each row; several services of one place are separated by “;”",
            (
                _ID,
                Field("名称", "设施名称", "name", "（示例）东湖社区卫生服务站", width=28),
                Field(
                    "服务类型",
                    "从下拉表选一类，或几类用“；”隔开",
                    "choose from the list, or write several with “;” between them",
                    clinic,
                    needed=True,
                    choices=kinds,
                    width=22,
                ),
                _LON,
                _LAT,
                Field(
                    "状态",
                    "留空按开放处理；规划的缺省不计，关闭的不计",
                    "open when empty; planned ones do not count unless asked for, closed ones never",
                    "开放",
                    choices=("开放", "规划", "关闭"),
                ),
                Field("地址", "详细地址", "address", "东湖路 12 号", width=26),
                _count("建筑面积（平方米）", "建筑面积", "gross floor area in m²", 350),
                _count("容量", "学位、座位或服务人数", "places, seats or persons served", 200),
                _count("床位数", "养老、医疗床位", "beds", 0),
                _count("工作人员数", "工作人员数", "persons who work there", 6),
                Field("开放时间", "如 08:00-18:00，照实填写", "opening hours, such as 08:00-18:00", "08:00-18:00"),
            ),
        ),
        Form(
            "districts.xlsx",
            "分区",
            "每行一个社区或街道的人口，用于核对；分区界线须另备面图层（GeoPackage、Shapefile 等）",
            "people of a district in each row, to compare with; the outlines must come as polygons in a layer of their own",
            (
                Field(
                    "区划代码",
                    "12 位统计用区划代码（文本）",
                    "12-digit division code, as text",
                    "420106001001",
                    needed=True,
                    width=18,
                ),
                Field("名称", "社区或街道名称", "name", "（示例）东湖社区", width=24),
                _count("户数（户）", "户数", "households", 2100),
                _count("常住人口（人）", "常住人口", "residents", 5600),
            ),
        ),
        Form(
            "gates.xlsx",
            "出入口",
            "每行一个小区出入口",
            "one gate of a compound in each row",
            (
                _LON,
                _LAT,
                Field(
                    "小区编号",
                    "所属小区的编号；留空则取 15 米以内的围墙",
                    "id of the compound; the walls within 15 m when empty",
                    "A001",
                ),
                Field(
                    "通行对象",
                    "步行可通行者；留空按所有人处理",
                    "who may pass on foot; everyone when empty",
                    "居民",
                    choices=("所有人", "居民", "不开放"),
                ),
                Field(
                    "开放时间", "如 06:00-22:00；留空为全天", "such as 06:00-22:00; always when empty", "06:00-22:00"
                ),
            ),
        ),
        Form(
            "candidates.xlsx",
            "候选点位",
            "每行一处可用于新增设施的房屋或用地",
            "one building or plot in each row that could hold a facility",
            (
                _ID,
                Field("名称", "房屋或用地名称", "name", "（示例）原粮站", width=24),
                _LON,
                _LAT,
                _count("建筑面积（平方米）", "可用的建筑面积", "usable floor area in m²", 600),
                _count("费用（万元）", "改造或建设费用，万元", "cost in 10,000 yuan", 120),
            ),
        ),
    )


def study_text(folder: Path, language: Language) -> str:
    """Return the study file, named after its folder; the id keeps what ids may hold."""
    name = folder.name or "study"
    plain = re.sub(r"[^a-z0-9_-]+", "-", name.casefold()).strip("-_") or "study"
    quoted = "'" + name.replace("'", "''") + "'"  # YAML's own way to quote: anything may stand between
    template = Template(STUDY_TEMPLATE.read_text(encoding="utf-8"))
    return template.substitute(id=plain, zh=quoted, en=quoted, language=language)


def write_form(path: Path, form: Form) -> None:
    """Write one workbook: the sheet to fill in, one with an example, one that explains every column, one with the choices."""
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        styles = {
            "needed": book.add_format(
                {
                    "bold": True,
                    "bg_color": "#0b4a7d",
                    "font_color": "#ffffff",
                    "border": 1,
                    "border_color": "#cfd6dc",
                    "valign": "vcenter",
                }
            ),
            "header": book.add_format(
                {"bold": True, "bg_color": "#dbe7f0", "border": 1, "border_color": "#cfd6dc", "valign": "vcenter"}
            ),
            "text": book.add_format({"num_format": "@"}),
            "number": book.add_format({"num_format": "General"}),
            "degrees": book.add_format({"num_format": "0.000000"}),
            "example": book.add_format({"italic": True, "font_color": "#6b6b6b", "bg_color": "#f3f3f3"}),
            "title": book.add_format({"bold": True, "font_size": 15, "font_color": "#0b4a7d"}),
            "words": book.add_format({"text_wrap": True, "valign": "top", "bottom": 1, "bottom_color": "#cfd6dc"}),
        }
        sheet = book.add_worksheet(form.sheet)
        example = book.add_worksheet("示例 Example")
        readme = book.add_worksheet("填写说明 README")
        lists = book.add_worksheet("选项 Choices") if any(field.choices for field in form.fields) else None
        _write_header(sheet, form, styles)
        _write_header(example, form, styles)
        for column, field in enumerate(form.fields):
            _limit(sheet, lists, column, field)
            if isinstance(field.example, str):
                example.write_string(1, column, field.example, styles["example"])
            else:
                example.write_number(1, column, field.example, styles["example"])
        example.write_string(3, 0, "本表只供参考，不会被读取。/ This sheet is for reference and is not read.")
        _write_readme(readme, form, styles)
        sheet.activate()


def _write_header(sheet: Any, form: Form, styles: Mapping[str, Any]) -> None:
    sheet.set_row(0, 26)
    sheet.freeze_panes(1, 0)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    for column, field in enumerate(form.fields):
        style = "degrees" if field.header in (_LON.header, _LAT.header) else "text" if field.least is None else "number"
        sheet.set_column(column, column, field.width, styles[style])
        sheet.write_string(0, column, field.header, styles["needed" if field.needed else "header"])
        remark = "\n".join(_said(field))
        sheet.write_comment(0, column, remark, {"x_scale": 2.2, "y_scale": 1.3, "font_size": 10})


def _limit(sheet: Any, lists: Any, column: int, field: Field) -> None:
    """Offer choices, or warn of numbers that cannot be: never refuse, for what is unusual may be right."""
    options: dict[str, Any] = {"error_type": "warning", "ignore_blank": True}
    if field.choices:
        for row, choice in enumerate(field.choices):
            lists.write_string(row + 1, column, choice)
        lists.write_string(0, column, field.header)
        lists.set_column(column, column, 24)
        letter = xl_col_to_name(column)
        options |= {"validate": "list", "source": f"='选项 Choices'!${letter}$2:${letter}${len(field.choices) + 1}"}
        options |= {"error_title": "不在下拉表中 / not in the list", "error_message": f"{field.zh}\n{field.en}"[:255]}
    elif field.least is not None:
        above = field.most is None
        options |= {"validate": "decimal", "criteria": ">=" if above else "between"}
        options |= {"value": field.least} if above else {"minimum": field.least, "maximum": field.most}
        options |= {"error_title": "请填写数字 / a number", "error_message": f"{field.zh}\n{field.en}"[:255]}
    else:
        return
    sheet.data_validation(1, column, MOST_ROWS, column, options)


def _write_readme(sheet: Any, form: Form, styles: Mapping[str, Any]) -> None:
    sheet.hide_gridlines(2)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.set_column(0, 0, 22)
    sheet.set_column(1, 2, 56)
    sheet.set_row(0, 26)
    sheet.write_string(0, 0, f"{form.sheet}：填写说明 / How to fill in", styles["title"])
    sheet.write_string(1, 0, f"{form.zh}。")
    sheet.write_string(2, 0, f"{form.en[0].upper()}{form.en[1:]}.")
    sheet.write_string(3, 0, "只读取第一张表；深色表头为必填，未知的单元格留空；可增加其他列，不要改动表头。")
    sheet.write_string(
        4,
        0,
        "Only the first sheet is read. Dark headers are needed; leave unknown cells empty; add columns as you like, keep the headers.",
    )
    for column, text in enumerate(("列 / Column", "填写内容", "What goes there")):
        sheet.write_string(6, column, text, styles["needed"])
    for row, field in enumerate(form.fields, start=7):
        sheet.write_string(row, 0, field.header, styles["words"])
        for column, text in enumerate(_said(field), start=1):
            sheet.write_string(row, column, text, styles["words"])


def _said(field: Field) -> tuple[str, str]:
    return (f"必填。{field.zh}", f"needed: {field.en}") if field.needed else (field.zh, field.en)
