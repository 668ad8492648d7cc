"""Which services places offer, told from names, Amap typecodes, type texts and OpenStreetMap tags, and how sure that is.

Chinese names end in what they name: 公园路小学 is a school, 小学文具店 a shop. So of all types whose pattern a name holds, those count
whose match ends last, and of these the longest; the head words of what is no service (`_ELSE_HEADS`) take part and win nothing. Codes and
tags say where to look, names decide.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from livingcircle.model.columns import BoolArray, Columns, FloatArray, TextArray
from livingcircle.model.standard import Quality, ServiceType
from livingcircle.sources.osm import matches

REVIEW_BELOW = 0.6
"""Rows surer than this need no review."""
TAG_CONFIDENCE: Mapping[Quality, float] = {"good": 0.9, "fair": 0.7, "poor": 0.5, "none": 0.3}
CONFIDENCE: Mapping[str, float] = {
    "stated": 1.0,
    "type_and_name": 0.95,
    "type": 0.8,
    "name": 0.7,
    "name_of_several": 0.5,
    "other_type": 0.5,
    "contradiction": 0.4,
    "type_of_several": 0.3,
    "none": 0.0,
}
"""How sure each reason is; a judgement. `tag` and `tag_and_name` follow `TAG_CONFIDENCE`."""
NAME_ADDS = 0.25
"""What an agreeing name adds to a tag, up to that of a code and a name."""

_ELSE_HEADS = (
    r"(大道|胡同|路口|[路街巷弄])(\d+(号|弄)?.{0,6})?$",
    r"([东西南北正侧后前大]+|\d+号?)门$",
    r"家属[院区楼]?|宿舍|教师公寓|职工(公寓|楼)|小区|新村|花园|花苑|家园|公寓|公馆|雅苑|佳苑|\d+[栋幢]|单元",
    r"文具|书店|用品|设备|装饰|工程|家具|服装|校服|培训|辅导|驾校|咨询中心|出版社|杂志社|研究[院所]|基金会|工作服",
    r"旧址|遗址|工地|项目部|筹建处|管理[处所局]|招待所|宾馆|酒店|大厦|写字楼|售楼处|传播|传媒|文化公司",
    r"医院|卫校|大学|学院|职业(高级)?(中学|学校)|高级中学|高中(部)?|中专|技校|党校|军校|舞蹈学校|武术学校",
    r"早教(中心)?|早期教育|亲子(乐园|中心|园)|小学生|中学生",
    r"(宠物|动物|兽医?)[^\s]{0,4}(诊所|医院|门诊部?|救助站|救助中心|药店|药房|美容)|兽药店|农药店",
    r"(汽车|轮胎|汽)[^\s]{0,6}(诊所|养护(中心)?|维修(中心|站|部|店)?|修理(厂|店|部)?|美容)|汽修",
    r"(建材|家具|家电|灯饰|眼镜|轮胎|汽配|酒水|宠物|图书|五金|成人|窗帘|地板|手机|鞋业?|服装)[^\s]{0,4}超市",
    r"儿童福利院|高尔夫球场|(时间|人才|血液|地板|骨髓)银行|自助银行|atm|取款机|(资产|基金|证券)托管|计生用品",
    r"公园(壹号|一号|\d+|里|城|世家|[华王]?府|道|天下)|(产业|软件|物流|科技|创意|工业)公园",
    r"体育用品|体育彩票|福利彩票|彩票|停车场收费处",
)
_ELSE = "|".join(_ELSE_HEADS)
_UNBRACKETED = r"\((公交站|地铁站|停车场)\)"
"""Amap writes bus stops as 新街口(公交站): there the bracket is the head word; what stands in all others is left out."""


@dataclass(frozen=True, slots=True, eq=False)
class Classified(Columns):
    """What n places were taken for, against s service types.

    `serves` (n, s) are the services assigned, `alternatives` (n, s) those that were considered and not taken; `confidence` (n,) is 0 to 1;
    `reason` (n,) a key of `CONFIDENCE`, `tag` or `tag_and_name`.
    """

    serves: BoolArray
    alternatives: BoolArray
    confidence: FloatArray
    reason: TextArray

    @property
    def doubtful(self) -> BoolArray:
        """(n,) which rows need a person: something was assigned or considered, and it is not sure."""
        some: BoolArray = np.any(self.serves | self.alternatives, axis=1)
        return some & (self.confidence < REVIEW_BELOW)


def classify(
    services: Sequence[ServiceType],
    names: TextArray,
    *,
    type_texts: TextArray | None = None,
    codes: TextArray | None = None,
    tags: Iterable[Mapping[str, str]] | None = None,
    land_m2: FloatArray | None = None,
    amap_types: Mapping[str, str] | None = None,
) -> Classified:
    """Tell the services of n places from whatever is known of them.

    A name and a type that agree are nearly sure. Where they disagree the name decides, with low confidence, and the type stands among the
    alternatives. A type that several services share, with a name that fits none of them, assigns nothing unless it is a tag: mapped places
    count for every service that may be meant. Of several sizes under one name, such as
    公园, the smallest is taken unless `land_m2` says more.

    Parameters
    ----------
    services
        The types looked for, in the order of the columns of the answer; those that are no places take part in nothing.
    names
        Names (n,), "" where unknown.
    type_texts
        Amap's type in words (n,), such as 科教文化服务;学校;幼儿园; several are separated by `|`.
    codes
        Amap's typecodes (n,), such as 141204; several are separated by `|`.
    tags
        Tags of OpenStreetMap, a mapping for each place.
    land_m2
        Land of each place (n,), NaN where unknown.
    amap_types
        What typecodes are called (`livingcircle.sources.standards.read_amap_types`), to read `type_texts`.
    """
    by_name = match_names(services, names)
    by_code = np.zeros_like(by_name)
    has_code = np.zeros(len(names), bool)
    if codes is not None:
        by_code |= _match_codes(services, codes)
        has_code |= codes != ""
    if type_texts is not None:
        by_code |= _match_type_texts(services, type_texts, amap_types or {})
        has_code |= type_texts != ""
    by_tag, tag_confidence = _match_tags(services, names, tags)
    by_type = by_code | by_tag

    both = by_name & by_type
    agree, named, typed = np.any(both, axis=1), np.any(by_name, axis=1), np.any(by_type, axis=1)
    tagged = by_tag.any(axis=1) & ~by_code.any(axis=1)
    serves = np.where(agree[:, None], both, np.where(named[:, None], by_name, by_type))
    serves, larger = _by_size(services, serves, land_m2)
    many = serves.sum(axis=1) > 1
    unclear_type = typed & ~named & many & ~tagged
    akin = ~many
    akin[many] = _of_one_system(services, serves[many])
    cases = {
        "tag_and_name": agree & tagged,
        "type_and_name": agree,
        "tag": tagged & ~named,
        "contradiction": named & typed,
        "type_of_several": unclear_type,
        "type": typed,
        "other_type": named & has_code,
        "name_of_several": named & many & ~akin,  # 九年一贯制学校 is both, not one of the two
        "name": named,
    }
    reason = np.select(list(cases.values()), list(cases), default="none").astype(object)
    confidence = np.array([CONFIDENCE.get(key, 0.0) for key in reason], float)
    confidence = np.where(reason == "tag", tag_confidence, confidence)
    confidence = np.where(
        reason == "tag_and_name", np.minimum(tag_confidence + NAME_ADDS, CONFIDENCE["type_and_name"]), confidence
    )
    alternatives = (by_type | by_name | larger) & ~serves
    alternatives[unclear_type], serves[unclear_type] = serves[unclear_type], False
    alternatives[agree] = larger[agree] & ~serves[agree]
    return Classified(serves, alternatives, confidence, reason)


# ── Names ───────────────────────────────────────────────────────────────────


def match_names(services: Sequence[ServiceType], names: TextArray) -> BoolArray:
    """Return which services each name means (n, s): those whose head word ends last in it, and of these the longest."""
    code, spoken = pd.factorize(pd.Series(plain_names(names), dtype=object), use_na_sentinel=False)
    texts = np.asarray(spoken, object)
    found = np.zeros((len(texts), len(services)), bool)
    arrow = pa.array(texts, pa.string())
    named = [column for column, one in enumerate(services) if one.name_pattern and one.kind == "facility"]
    with ThreadPoolExecutor() as threads:  # the engine lets go of Python's lock
        hits = threads.map(lambda column: pc.match_substring_regex(arrow, services[column].name_pattern), named)
        for column, hit in zip(named, hits, strict=True):
            found[:, column] = hit.to_numpy(zero_copy_only=False)
    patterns = [_compiled(service.name_pattern) for service in services]
    no_service = _compiled(_ELSE)
    elsewhere = pc.match_substring_regex(arrow, _ELSE).to_numpy(zero_copy_only=False)
    for row in np.flatnonzero(found.any(axis=1) & ((found.sum(axis=1) > 1) | elsewhere)):
        text = texts[row]
        ends = {column: _last(patterns[column], text) for column in np.flatnonzero(found[row]).tolist()}
        best = max(ends.values())
        wins = best > _last(no_service, text)
        found[row] = False
        found[row, [column for column, end in ends.items() if wins and end == best]] = True
    return found[code]


def plain_names(names: TextArray) -> list[str]:
    """Return names in half-width small letters, without blanks, legal forms and what stands in brackets."""
    text = pd.Series(names, dtype=object).astype(str).str.normalize("NFKC").str.lower()
    arrow = pa.array(text.to_numpy(), pa.string())
    for pattern, instead in (
        (r"[\[【〔〈《「]", "("),
        (r"[\]】〕〉》」]", ")"),
        (r"\s+", ""),
        (_UNBRACKETED, r"\1"),
        (r"\([^()]*\)?", ""),
        (r"(有限责任公司|股份有限公司|有限公司|公司)$", ""),
    ):
        arrow = pc.replace_substring_regex(arrow, pattern, instead)
    plain: list[str] = arrow.to_pylist()
    return plain


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _last(pattern: re.Pattern[str], text: str) -> tuple[int, int]:
    """Return where the last match ends, and how long it is; (0, 0) without one."""
    end = length = 0
    for match in pattern.finditer(text):
        end, length = match.end(), match.end() - match.start()
    return end, length


# ── Types ───────────────────────────────────────────────────────────────────


def _match_codes(services: Sequence[ServiceType], codes: TextArray) -> BoolArray:
    """Return which services go by each row's typecodes (n, s); a code of a group (060700) holds for no code within it."""
    code, texts = pd.factorize(pd.Series(codes, dtype=object), use_na_sentinel=False)
    found = np.zeros((len(texts), len(services)), bool)
    wanted = [frozenset(service.amap_codes) if service.kind == "facility" else frozenset() for service in services]
    for row, text in enumerate(texts):
        own = {part.strip().zfill(6) for part in re.split(r"[|;；,，、\s]+", str(text)) if part.strip()}
        found[row] = np.array([not own.isdisjoint(known) for known in wanted], bool)
    return found[code]


def _match_type_texts(services: Sequence[ServiceType], texts: TextArray, amap_types: Mapping[str, str]) -> BoolArray:
    """Return which services go by each row's type in words (n, s): by what Amap calls their codes, else by the last word as a name."""
    code, spoken = pd.factorize(pd.Series(texts, dtype=object), use_na_sentinel=False)
    codes_of: dict[str, list[str]] = {}
    for number, name in amap_types.items():
        codes_of.setdefault(name, []).append(number)
    lasts = [
        [
            re.split(r"[;；>/]", kind)[-1].strip() if ";" in kind or "；" in kind or ">" in kind else kind.strip()
            for kind in str(text).split("|")
        ]
        for text in spoken
    ]
    numbers = np.array(["|".join(number for last in row for number in codes_of.get(last, [])) for row in lasts], object)
    found = _match_codes(services, numbers)
    words = np.array([row[0] if row else "" for row in lasts], object)
    unknown = numbers == ""
    found[unknown] = match_names(services, words[unknown])
    return found[code]


def _match_tags(
    services: Sequence[ServiceType], names: TextArray, tags: Iterable[Mapping[str, str]] | None
) -> tuple[BoolArray, FloatArray]:
    """Return which services each place is tagged as (n, s), and how far the best of those tags can be trusted (n,)."""
    found = np.zeros((len(names), len(services)), bool)
    given = [] if tags is None else list(tags)
    for column, service in enumerate(services if given else ()):
        found[:, column] = [any(matches(own, wanted) for wanted in service.osm_tags) for own in given]
    trust = np.array([TAG_CONFIDENCE[service.osm_quality] for service in services], float)
    return found, np.where(found, trust, 0.0).max(axis=1, initial=0.0)


def _of_one_system(services: Sequence[ServiceType], serves: BoolArray) -> BoolArray:
    """Return which rows (n,) name services of one system only."""
    systems, system = np.unique([service.system for service in services], return_inverse=True)
    count = np.zeros(len(serves), np.int8)
    for number in range(len(systems)):
        count += np.any(serves[:, system == number], axis=1)
    one: BoolArray = count == 1
    return one


def _by_size(
    services: Sequence[ServiceType], serves: BoolArray, land_m2: FloatArray | None
) -> tuple[BoolArray, BoolArray]:
    """Take away types a place is too small for, or of unknown size not known to be large enough for; return both."""
    least = np.array([service.least_land_m2 for service in services], float)
    land = np.zeros(len(serves)) if land_m2 is None else np.nan_to_num(land_m2)
    small = serves & (land[:, None] < least) & (serves & (least == 0)).any(axis=1)[:, None]
    return serves & ~small, small
