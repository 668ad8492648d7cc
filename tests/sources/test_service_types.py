from __future__ import annotations

import re

import numpy as np
import pytest

from livingcircle.sources.service_types import REVIEW_BELOW, classify, match_names
from livingcircle.sources.standards import read_amap_types, read_services, read_systems

SERVICES = read_services()
IDS = [service.id for service in SERVICES]

NAMED = """
# 行政与社区服务
鼓楼区政务服务中心 district_service_centre
江宁区市民服务中心 district_service_centre
宝塔街道党群服务中心 street_service_centre
徐家汇街道社区事务受理服务中心 street_service_centre
横溪镇便民服务中心 street_service_centre
阳光社区党群服务中心 community_service_station
幸福里社区服务站 community_service_station
翠苑社区综合服务设施 community_service_station
湖东邻里中心 community_service_station
挹江门街道办事处 subdistrict_office
小市街道办 subdistrict_office
汉口路社区居民委员会 residents_committee
东山村村委会 residents_committee
一站式服务大厅 one_stop_hall
政务自助服务一体机 gov_self_service
高新区人力资源市场 employment_service
零工驿站 employment_service
玄武区社保服务中心 social_insurance
医保经办服务站 social_insurance
凤凰街道民政服务站 relief_station
流浪动物救助站 -
爱心超市 charity_supermarket
旧衣捐赠箱 donation_point
# 医疗
宁海路社区卫生服务中心 community_health_centre
横溪镇卫生院 community_health_centre
西丽社康中心 community_health_centre
幸福社区卫生服务站 community_health_station
宁海路社区卫生服务中心汉口路站 community_health_station
石头村卫生室 community_health_station
大学医务室 community_health_station
仁爱口腔门诊部 outpatient_clinic
张氏中医诊所 outpatient_clinic
瑞鹏宠物诊所 -
汽车诊所 -
南京鼓楼医院 -
社区医院 community_health_centre
益丰大药房(中山路店) pharmacy
同仁堂药店 pharmacy
医药超市 pharmacy
农药店 -
兽药店 -
公园路大药房 pharmacy
小学路药房 pharmacy
医院路药店 pharmacy
妇幼保健院 family_planning
计生用品店 -
区疾病预防控制中心 disease_prevention
# 养老
阳光社区老年人日间照料中心 elderly_day_care
托老所 elderly_day_care
日照中心医院 -
锁金村居家养老服务中心 elderly_service_station
幸福养老驿站 elderly_service_station
社区养老服务站 elderly_service_station
社区食堂 elderly_meal
长者饭堂 elderly_meal
为老助餐点 elderly_meal
金陵养老院 nursing_home
乐龄老年公寓 nursing_home
社会福利院 nursing_home
儿童福利院 -
青年公寓 -
夕阳红老年养护院 elderly_care_home
康复护理院 elderly_care_home
汽车养护中心 -
产后护理中心 -
老年活动室 senior_activity
江苏省老年大学 senior_university
南京大学 -
# 托育与教育
蓝天托育中心 nursery
第一托儿所 nursery
红黄蓝早教中心 -
金宝贝早期教育中心 -
南京市第三幼儿园 kindergarten
东方红幼儿园(西门) kindergarten
幼儿园文具店 -
幼儿园路 -
北京东路小学 primary_school
育才小学一分校 primary_school
红旗小学西街校区 primary_school
小学路 -
小学路12号 -
中心小学家属院 -
实验小学教师公寓 -
小学生作文培训 -
公园路小学 primary_school
中山路第二小学(北校区) primary_school
九年一贯制学校 primary_school middle_school
树人初级中学 middle_school
第一中学 middle_school
南京五中 middle_school
三中金銮校区 middle_school
第三中心小学 primary_school
省高级中学 -
职业高级中学 -
中学路便利店 convenience
中学东门 -
小学生托管班 after_school_care
四点半课堂 after_school_care
证券托管部 -
区青少年宫 children_activity
社区儿童之家 children_activity
社区教育学校 community_school
道德讲堂 community_school
# 助残、退役军人、流动人口、心理
残疾人之家 disability_service
街道温馨家园 disability_service
温馨家园 -
阳光家园小区 -
残疾人卫生间 public_toilet
退役军人服务站 veterans_service
社区退役军人服务站 veterans_service
新市民服务中心 migrant_service
心理咨询室 psych_service
# 文化体育
街道文化活动中心 culture_centre
市工人文化宫 culture_centre
村综合文化服务中心 culture_station
社区文化活动室 culture_station
农家书屋 culture_station
金陵图书馆 library_room
新华书店 -
科普画廊 notice_board
西湖画廊 -
奥体中心体育馆 sports_centre
全民健身中心 sports_centre
社区足球场 multi_field_small
河西篮球场 multi_field_small
高尔夫球场 -
健身广场 outdoor_fitness
社区健身苑 outdoor_fitness
一兆韦德健身俱乐部 gym
儿童乐园 child_elder_ground
# 治安法律
新街口派出所 police_station
派出所家属院 -
社区警务室 police_room
人民公园警务室 police_room
华侨路司法所 justice_office
法律援助中心 legal_service
人民调解委员会 legal_service
街道社区矫正中心 correction_rehab
戒毒康复中心 correction_rehab
# 环境
垃圾分类投放点 waste_point
垃圾转运站 waste_station
再生资源回收站 recycling_point
公厕 public_toilet
玄武湖公园公共厕所 public_toilet
人民公园 park_5
锦绣口袋公园 park_5
人民公园管理处 -
公园大道 -
公园路 -
公园壹号 -
公园里小区 -
科技产业公园 -
绿地中心大厦 -
市民广场 park_5
万达广场 -
东门街心花园 park_5
人民公园停车场 parking
人民公园南门 -
# 商业
德基购物中心 mall
新街口百货大楼 mall
科巷菜市场 wet_market
农贸市场 wet_market
盒马生鲜超市 wet_market
华联超市 supermarket
建材超市 -
眼镜超市 -
好又多便利店 convenience
7-ELEVEn（珠江路店） convenience
张记早餐店 catering
名流理发店 hairdresser
汽车美容中心 -
福奈特干洗店 laundry
洗衣机维修 repair
汽车修理厂 -
开锁修鞋 repair
好帮手家政服务有限公司 housekeeping
小杨图文快印 photo_print
菜鸟驿站（中山门店） parcel
丰巢快递柜 parcel
读书驿站 library_room
供销合作社 agri_supply
殡仪馆 funeral_hall
# 公用事业、物业、应急、出行
中国银行中山路支行 bank
中国邮政储蓄银行 bank
时间银行 -
工商银行24小时自助银行 -
银行大厦 -
汉口路邮政支局 post_office
中国移动营业厅 telecom
港华燃气营业厅 power_water_gas
物业服务中心 property_mgmt
应急避难场所 shelter
微型消防站 micro_fire
应急物资储备库 emergency_supply
新街口(公交站) bus_stop
北京东路小学(公交站) bus_stop
新街口地铁站3口 metro
地下车库 parking
电动自行车停车棚 bike_parking
特来电充电站 charging
社区志愿服务站 volunteer_station
新时代文明实践站 volunteer_station
社工站 social_work_station
"""
TABLE = [line.rsplit(" ", line.count(" ")) for line in NAMED.strip().splitlines() if not line.startswith("#")]


def found(name: str) -> list[str]:
    row = match_names(SERVICES, np.array([name], object))[0]
    served = classify(SERVICES, np.array([name], object)).serves[0]
    assert (served <= row).all()
    return [IDS[column] for column in np.flatnonzero(served)]


@pytest.mark.parametrize(("name", "expected"), [(row[0], sorted(set(row[1:]) - {"-"})) for row in TABLE])
def test_a_name_says_what_a_place_is(name, expected):
    assert sorted(found(name)) == expected


def test_the_table_holds_every_type_that_has_a_pattern_and_many_traps():
    spoken = {service for row in TABLE for service in row[1:]}
    by_size = {"park_10", "park_15", "multi_field_medium", "multi_field_large"}
    assert {service.id for service in SERVICES if service.name_pattern} - spoken == by_size
    assert len(TABLE) >= 150
    assert sum(row[1] == "-" for row in TABLE) >= 40


def test_every_type_belongs_to_a_system_and_can_be_told():
    systems = [system.id for system in read_systems()]
    assert (len(SERVICES), len(systems), len(set(systems))) == (93, 27, 27)
    assert {service.system for service in SERVICES} == set(systems)
    for service in SERVICES:
        re.compile(service.name_pattern)
        assert service.kind != "facility" or service.name_pattern or service.osm_tags or service.amap_codes, service.id


def objects(*texts: str):
    return np.array(texts, object)


def of(name: str, **known):
    """What one place is taken for: its services, the alternatives, the reason, and whether it is to be reviewed."""
    row = classify(SERVICES, objects(name), amap_types=read_amap_types(), **known)
    named = [[IDS[column] for column in np.flatnonzero(part[0])] for part in (row.serves, row.alternatives)]
    assert row.doubtful[0] == (bool(named[0] or named[1]) and row.confidence[0] < REVIEW_BELOW)
    return *named, row.reason[0], bool(row.doubtful[0])


def test_a_code_that_several_types_share_is_split_by_name():
    health = {"codes": objects("090102")}
    assert of("宁海路社区卫生服务中心", **health) == (["community_health_centre"], [], "type_and_name", False)
    assert of("幸福社区卫生服务站", **health) == (["community_health_station"], [], "type_and_name", False)
    assert of("宁海路分部", **health) == (
        [],
        ["community_health_centre", "community_health_station"],
        "type_of_several",
        True,
    )


def test_codes_and_types_in_words_say_the_same():
    assert (
        of("阳光宝贝", codes=objects("141204|141201"))[0:3:2]
        == of("阳光宝贝", type_texts=objects("科教文化服务;学校;幼儿园|科教文化服务;学校;学校"))[0:3:2]
    )
    assert of("", type_texts=objects("医疗保健服务;医药保健销售店;药房")) == (["pharmacy"], [], "type", False)
    assert of("", type_texts=objects("菜市场")) == (["wet_market"], [], "type", False)
    assert of("", codes=objects("11100")) == (["charging"], [], "type", False)  # spreadsheets drop the leading zero


def test_where_type_and_name_disagree_the_name_decides_and_a_person_looks():
    assert of("阳光幼儿园", codes=objects("090601")) == (["kindergarten"], ["pharmacy"], "contradiction", True)
    assert of("阳光幼儿园", codes=objects("010100")) == (["kindergarten"], [], "other_type", True)


def test_tags_are_told_apart_by_names_where_these_say_more():
    school = {"tags": [{"amenity": "school"}]}
    assert of("南京市第一中学", **school)[0] == ["middle_school"]
    assert of("", **school)[0] == ["primary_school", "middle_school"]
    assert of("Taivallahden koulu", **school) == (["primary_school", "middle_school"], [], "tag", False)
    assert of("新华书店", tags=[{"amenity": "pharmacy"}])[0] == ["pharmacy"]
    assert of("五老村幼儿园", **school)[::2] == (["kindergarten"], "contradiction")


def test_size_tells_parks_and_pitches_apart():
    assert of("人民公园") == (["park_5"], ["park_15", "park_10"], "name", False)
    assert of("人民公园", land_m2=np.array([20_000.0]))[0] == ["park_10", "park_5"]
    assert of("人民公园", land_m2=np.array([60_000.0]))[:2] == (["park_15", "park_10", "park_5"], [])
    assert of("社区足球场", land_m2=np.array([800.0]))[0] == ["multi_field_small"]


def test_what_nothing_is_known_of_is_nothing():
    assert of("") == ([], [], "none", False)
    assert len(classify(SERVICES, objects())) == 0
