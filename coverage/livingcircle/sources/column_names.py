"""Which column of a file holds what: the one that is stated, or the one whose name is among those the field goes by.

A header may carry a unit (“建筑面积（万㎡）”, “面积_亩”), a remark (“户数（2023年）”), capitals, blanks and full-width signs: they do
not matter to its name. What is recognised is noted. A name earlier in `NAMES` goes before a later one; where two columns have the same name
but for unit or remark, none is chosen.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from livingcircle.sources.units import KNOWN, plain

if TYPE_CHECKING:
    import pandas as pd

    from livingcircle.sources.layers import Layer

NAMES: Mapping[str, tuple[str, ...]] = {
    # ── every layer
    "id": (
        *(
            "id",
            "编号",
            "編號",
            "楼栋编号",
            "楼栋编码",
            "楼栋代码",
            "楼栋id",
            "楼幢编号",
            "楼宇编号",
            "建筑编号",
            "房屋编号",
        ),
        *(
            "住宅编号",
            "设施编号",
            "设施编码",
            "设施代码",
            "设施id",
            "机构编号",
            "机构代码",
            "点位编号",
            "点位id",
            "网点编号",
        ),
        *(
            "场所编号",
            "候选点编号",
            "地块编号",
            "宗地编号",
            "唯一编号",
            "编码",
            "代码",
            "uid",
            "code",
            "osmid",
            "objectid",
        ),
        *("统一编号", "序号", "顺序号", "小区编号", "小区编码", "小区代码", "小区id", "楼栋号", "楼号", "栋号", "幢号"),
    ),
    "name": (
        *("name", "名称", "名稱", "设施名称", "小区名称", "项目名称", "机构名称", "单位名称", "学校名称", "社区名称"),
        *("设施名", "小区名", "地块名称", "楼栋名称", "网点名称", "场所名称", "医院名称", "幼儿园名称", "机构"),
        *("中文名", "名字", "fullname", "title", "区划名称", "街道名称", "乡镇名称", "区县名称"),
        *("楼盘名称", "小区", "楼盘"),
    ),
    "lon": (
        *("lon", "lng", "long", "longitude", "经度", "經度", "经度坐标", "经度e", "东经"),
        *("easting", "东坐标", "横坐标", "x", "x坐标", "坐标x", "pointx", "xcoord"),
    ),
    "lat": (
        *("lat", "latitude", "纬度", "緯度", "纬度坐标", "纬度n", "北纬"),
        *("northing", "北坐标", "纵坐标", "y", "y坐标", "坐标y", "pointy", "ycoord"),
    ),
    "address": (
        "address",
        "地址",
        "详细地址",
        "门牌地址",
        "所在地址",
        "位置",
        "addr",
        "location",
        "设施地址",
        "具体地址",
        "坐落",
        "地点",
    ),
    # ── facilities
    "service": (
        *("service", "services", "servicetype", "设施类型", "设施类别", "设施种类", "服务类型", "类型", "类别", "種類"),
        *("设施小类", "设施名目", "设施项目", "配套设施类型", "type", "category"),
    ),
    "typecode": ("typecode", "高德类型编码", "高德编码", "分类编码", "类型编码", "类型代码", "poi编码", "poitypecode"),
    "type_text": ("typetext", "poitype", "poi类型", "高德类型", "分类", "大类中类小类"),
    "usable_m2": ("usablem2", "usablearea", "使用面积", "净使用面积", "可用面积", "usablefloorarea"),
    "activity_m2": ("activitym2", "activityarea", "活动面积", "居民活动面积", "活动区域面积", "居民活动区域面积"),
    "floor_m2": (
        *("floorm2", "floorarea", "grossfloorarea", "gfa", "建筑面积", "建築面積", "总建筑面积", "住宅建筑面积"),
        *("建面", "面积", "area"),
    ),
    "land_m2": (
        "landm2",
        "landarea",
        "sitearea",
        "plotarea",
        "用地面积",
        "占地面积",
        "土地面积",
        "宗地面积",
        "地块面积",
        "用地规模",
    ),
    "width_metres": ("widthmetres", "width", "宽度", "最小宽度"),
    "classes": ("classes", "班数", "班级数"),
    "capacity": (
        "capacity",
        "容量",
        "服务能力",
        "学位",
        "学位数",
        "班级容量",
        "座位数",
        "座位",
        "核定人数",
        "核定学位",
        "核定学位数",
        "可容纳人数",
        "托位",
        "托位数",
        "seats",
        "places",
    ),
    "beds": (
        "beds",
        "床位",
        "床位数",
        "病床数",
        "养老床位",
        "养老床位数",
        "总床位数",
        "核定床位",
        "核定床位数",
        "编制床位",
        "bedcount",
    ),
    "staff": ("staff", "职工数", "职工人数", "工作人员", "工作人员数", "从业人数", "人员数", "教职工数", "employees"),
    "hours": ("hours", "openinghours", "开放时间", "营业时间", "服务时间", "开放时段", "通行时间", "open"),
    "status": ("status", "状态", "狀態", "现状", "建设状态", "运营状态", "使用状态"),
    "opened_year": (
        "openedyear",
        "开办时间",
        "开业时间",
        "成立时间",
        "启用时间",
        "投用时间",
        "建成年份",
        "开办年份",
        "年份",
    ),
    "closed_year": ("closedyear", "关闭时间", "关闭年份", "停用时间", "撤销时间", "停办时间"),
    "year": ("year", "年份", "建成年份", "建成年代", "建成时间", "开办年份", "竣工年份", "yearbuilt", "built"),
    # ── homes and people
    "households": (
        *("households", "户数", "戶數", "总户数", "居民户数", "入住户数", "住户数", "规划户数", "household", "hh"),
        *("家庭户数", "居住户数", "住宅户数", "住宅套数", "套数"),
    ),
    "residents": (
        *("residents", "人口", "人口数", "人口數", "常住人口", "常住人口数", "居住人口", "居民人数", "总人口", "人数"),
        *("居民数", "居民", "居民总数", "居住人数", "常住人数", "常住居民", "常住居民数", "现状人口", "人口总数"),
        *("population", "pop"),
    ),
    "residents_0_14": ("residents014", "014岁", "0至14岁", "少儿人口", "少年儿童人口", "children", "pop014"),
    "residents_15_59": ("residents1559", "1559岁", "15至59岁", "劳动年龄人口", "adults", "pop1559"),
    "residents_60": ("residents60", "60岁以上", "60岁及以上", "老年人口", "老年人数", "elderly", "pop60"),
    "residents_65": ("residents65", "65岁以上", "65岁及以上", "pop65"),
    "levels": ("levels", "buildinglevels", "层数", "層數", "楼层", "楼层数", "地上层数", "storeys", "floors"),
    "height_metres": ("heightmetres", "height", "高度", "建筑高度", "楼高", "buildingheight"),
    "residential_share": ("residentialshare", "居住占比", "住宅占比", "居住面积占比", "住宅比例"),
    "use": ("use", "用途", "建筑用途", "房屋用途", "使用性质", "规划用途", "buildinguse"),
    # ── candidates
    "cost_wan_yuan": (
        *(
            "costwanyuan",
            "cost",
            "造价",
            "投资",
            "投资额",
            "总投资",
            "投资估算",
            "改造费用",
            "建设费用",
            "费用",
            "成本",
        ),
    ),
    "allowed": (
        *(
            "allowed",
            "allowedservices",
            "allows",
            "可用于",
            "可设置设施",
            "可布局设施",
            "适用设施",
            "适合设施",
            "可设设施",
        ),
        *("可承载功能", "可植入功能", "拟用于"),
    ),
    # ── compounds and gates
    "through": ("through", "可穿行", "是否可穿行", "允许穿行", "穿行"),
    "who": ("who", "通行对象", "通行人员", "谁可通行", "通行权限", "开放对象", "access"),
    "compound": ("compound", "小区", "所属小区", "小区编号", "所在小区", "小区id", "compoundid"),
    # ── districts
    "code": (
        *(
            "code",
            "区划代码",
            "行政区划代码",
            "社区代码",
            "街道代码",
            "乡镇代码",
            "区县代码",
            "统计用区划代码",
            "代码",
            "编码",
        ),
        *("adcode", "zonecode", "districtcode", "id", "编号"),
        *("区划编号", "社区编号", "街道编号", "网格编号", "分区编号", "单元编号"),
    ),
    "level": ("level", "级别", "层级", "行政级别", "区划级别", "adminlevel"),
    # ── answers
    "rule": ("ruleid", "条文编号", "规则编号", "rule"),
    "district": ("districtid", "分区编号", "单元编号", "district"),
    "answer": ("answer", "答复", "答案", "填报值", "value"),
    "told_by": ("toldby", "填报人", "答复人", "填报单位"),
    "told_on": ("toldon", "日期", "填报日期", "date"),
    "remark": ("remark", "说明", "备注", "remarks"),
    # ── larger districts
    "parent": ("parent", "上级", "上级代码", "所属街道", "所属区", "上级区划代码", "parentcode"),
}
"""What each field is called in Chinese and English files, the likeliest first, written as `units.plain` writes them."""

FIELDS = frozenset(NAMES)
NUMBERS_WITHIN = frozenset({"小区编号", "小区编码", "小区代码", "小区id", "楼栋号", "楼号", "栋号", "幢号"})
"""Names of an id that may number rows within something else (buildings within an estate): an id only where no two rows share one."""
_REMARK = re.compile(r"[(\[【〔{]([^()\[\]【】〔〕{}]*)[)\]】〕}]")


def header_parts(column: str) -> tuple[str, str]:
    """Return the plain name of a header, and what it says in brackets or after a last underscore, slash or colon, if that is a unit.

    “建筑面积（单位：万㎡）” gives `("建筑面积", "万m2")`, “面积_亩” gives `("面积", "亩")`, “户数（2023年）” gives `("户数", "2023年")`.
    """
    return _header_parts(str(column))


@cache
def _header_parts(column: str) -> tuple[str, str]:
    text = plain(column)
    remark = ""
    if found := _REMARK.findall(text):
        remark = next((part for part in map(_unit_text, found) if part in KNOWN), _unit_text(found[-1]))
        text = _REMARK.sub("", text)
    else:
        # The underscore is gone from the plain name, so the unit is looked for in the header as it was written.
        pieces = re.split(r"[_/:：|,，]", column)
        if len(pieces) > 1 and plain(pieces[-1]) in KNOWN and plain(column) not in _ALL_NAMES:
            remark = plain(pieces[-1])
            text = plain("_".join(pieces[:-1]))
    return text.strip("*:：."), remark


def _unit_text(remark: str) -> str:
    return remark.removeprefix("单位").removeprefix("unit").lstrip(":：")


_ALL_NAMES = frozenset(plain(name) for names in NAMES.values() for name in names)


def is_known_name(cell: object) -> bool:
    """Return whether a cell could be the header of some column."""
    return bool(cell) and header_parts(str(cell))[0] in _ALL_NAMES


def matching_columns(present: Iterable[object], field: str) -> list[list[str]]:
    """Return the columns that go by a name of the field, those of the likeliest name first; of one name in the order of the file."""
    named: dict[str, list[str]] = {}
    for column in present:
        named.setdefault(header_parts(str(column))[0], []).append(str(column))
    return [named[name] for name in dict.fromkeys(map(plain, NAMES.get(field, ()))) if name in named]


def is_no_id(column: object, cells: pd.Series[Any]) -> bool:
    """Return whether a column goes by a name in `NUMBERS_WITHIN` and has cells that are empty or alike."""
    return header_parts(str(column))[0] in NUMBERS_WITHIN and bool(
        cells.isna().any() or cells.duplicated().any() or (cells == "").any()
    )


def match_column(present: Iterable[object], field: str, stated: str | None) -> str | None:
    """Return the column that holds a field: the stated one, present or not, else that of the likeliest name; None where there is none.

    Of columns that differ in unit or remark only none is chosen; `match_columns` says so.
    """
    if stated is not None:
        return stated
    found = matching_columns(present, field)
    return found[0][0] if found and len(found[0]) == 1 else None


def match_columns(
    layer: Layer, stated: Mapping[str, str | None], *, not_recognised: Collection[str] = ()
) -> dict[str, str | None]:
    """Return the column of every field; those found by their name are noted, since nothing may be guessed in silence.

    A column stated for one field, or recognised for an earlier one, is not recognised for another. Fields in `not_recognised` are taken
    as stated.
    """
    taken = {column for column in stated.values() if column is not None}
    columns: dict[str, str | None] = {}
    guessed: dict[str, str] = {}
    for field, column in stated.items():
        columns[field] = column
        if column is not None or field in not_recognised:
            continue
        if field in {"lon", "lat"}:  # found and told as the layer was opened, if its places are in columns at all
            columns[field] = layer.columns.get(field)
            continue
        free = [name for name in layer.frame.columns if str(name) not in taken]
        if field == "id":
            free = [name for name in free if not is_no_id(name, layer.frame[name])]
        found = matching_columns(free, field)
        if found and len(found[0]) > 1:
            layer.note("column_ambiguous", field=field, columns=", ".join(found[0]))
        elif found:
            columns[field] = guessed[field] = found[0][0]
            taken.add(found[0][0])
            if others := [other for group in found[1:] for other in group]:
                layer.note("columns_passed_over", column=found[0][0], field=field, others=", ".join(others))
    present = set(layer.frame.columns)
    layer.columns.update({field: name for field, name in columns.items() if name is not None and name in present})
    if guessed:
        layer.note("columns_matched", columns="; ".join(f"{column} → {field}" for field, column in guessed.items()))
    return columns
