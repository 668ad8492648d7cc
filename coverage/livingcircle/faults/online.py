"""Downloads, and POI files of online maps."""

from __future__ import annotations

from collections.abc import Mapping

from livingcircle.faults.kind import FaultKind

KINDS: Mapping[str, FaultKind] = {
    "download_failed": FaultKind(
        "fault",
        "下载“{value}”失败：{reason}",
        "downloading “{value}” failed: {reason}",
        "请核对地名和范围，或改用本地 OSM 文件（kind: osm_file）",
        "Check the name and the extent, or use an OSM file on disk (kind: osm_file)",
    ),
    "offline": FaultKind(
        "fault",
        "无法连接服务器，未能下载“{value}”：{reason}",
        "no server can be reached to download “{value}”: {reason}",
        "请检查网络；经代理上网请设置 HTTPS_PROXY，内网镜像请设置 LIVING_CIRCLE_OVERPASS（地名查询为 LIVING_CIRCLE_NOMINATIM）；不能联网时，请在可联网的电脑上用 living-circle fetch 下载后拷入，以 kind: osm_file 使用",
        "Check the connection; set HTTPS_PROXY behind a proxy, LIVING_CIRCLE_OVERPASS (for names of places LIVING_CIRCLE_NOMINATIM) for a server of your own; without a connection, fetch the area elsewhere (living-circle fetch) and use the file (kind: osm_file)",
    ),
    "server_busy": FaultKind(
        "fault",
        "服务器繁忙，多次重试后仍未能下载“{value}”：{reason}",
        "the servers are too busy to answer for “{value}”, though they were asked several times: {reason}",
        "请过一段时间再试，已下载的部分不会重复下载；或缩小范围，或改用现成的 OSM 文件（如 Geofabrik）",
        "Try again later, what was fetched is kept; or ask for a smaller area, or use an extract that others have cut, such as Geofabrik's",
    ),
    "bad_box": FaultKind(
        "fault",
        "“{value}”不是有效范围",
        "“{value}” is not a box",
        "请依次写西、南、东、北四个度数，西小于东、南小于北",
        "Give west, south, east and north in degrees, west below east and south below north",
    ),
    "area_too_large": FaultKind(
        "fault",
        "“{value}”的外接矩形有 {km2:,.0f} 平方公里，超过 {most:,.0f} 平方公里，公共服务器不宜承担",
        "the box around “{value}” has {km2:,.0f} km², more than the {most:,.0f} km² public servers should be asked for",
        "请缩小范围，或下载现成的省级 OSM 文件（如 Geofabrik）后用 osmium extract 裁剪",
        "Ask for less, or take an extract of the province (such as Geofabrik's) and cut it with osmium extract",
    ),
    "nothing_there": FaultKind(
        "fault",
        "OSM 在“{value}”范围内没有任何道路",
        "OpenStreetMap holds no street in “{value}”",
        "请核对经纬度是否写反；查询较早日期时，请确认当时已有数据",
        "See whether longitude and latitude are swapped; for an early date, whether anything was mapped by then",
    ),
    "no_area_to_fetch": FaultKind(
        "fault",
        "未指定下载范围",
        "it is not said what area to fetch",
        "请给出 --place、--box 或 --area 之一，或在研究配置中写明 boundary 或 districts",
        "Give --place, --box or --area, or a study with a boundary or districts",
    ),
    "nowhere_to_write": FaultKind(
        "fault",
        "未指定写入的文件",
        "it is not said where to write the extract",
        "请用 --output 写明 .osm.pbf 文件，或给出路网为 osm_file 的研究配置",
        "Give an .osm.pbf file with --output, or a study whose network is an osm_file",
    ),
    "file_in_the_way": FaultKind(
        "fault",
        "文件已存在，未覆盖",
        "the file exists already and was not replaced",
        "如要重新下载并替换，请加 --refresh；否则请另写文件名",
        "Add --refresh to fetch it again and replace it, or choose another name",
    ),
    "downloaded_streets": FaultKind(
        "note",
        "路网由 OpenStreetMap 在线下载，数据日期 {date}",
        "its streets were downloaded from OpenStreetMap; the data are of {date}",
        "写明 date 可固定日期，使结果可以重现",
        "State a `date` to fix the day, so that results can be made again",
    ),
    "provider_error": FaultKind(
        "fault",
        "文件中保存的是{provider_zh}返回的错误信息，不是数据：{reason}",
        "it holds an error of {provider_en} instead of data: {reason}",
        "请核对密钥、权限和配额，重新检索后再保存；出错的页须补齐",
        "Check key, permissions and quota, ask again and save that; pages that failed must be made up for",
    ),
    "not_pois": FaultKind(
        "fault",
        "不是{provider_zh} POI 检索返回的内容",
        "it is not what a search for POIs of {provider_en} answers",
        "请确认 kind 与数据来源一致；GeoJSON 等图层请用 kind: layer，并写明 datum",
        "Make sure that `kind` is where the data come from; give layers such as GeoJSON as kind: layer with their datum",
    ),
    "pois_converted_before": FaultKind(
        "fault",
        "列名中有 WGS84，坐标可能已经转换过，不能再按{provider_zh}坐标转换",
        "a column is called WGS84: its coordinates seem to have been converted, and must not be converted from those of {provider_en} again",
        "请改用 kind: layer、classify: true，在 columns 中写明经纬度列，并写明 datum: wgs84",
        "Use kind: layer with classify: true, name its columns of longitude and latitude, and state datum: wgs84",
    ),
    "pois_missing": FaultKind(
        "warning",
        "{provider_zh}标明检索结果共 {total} 个，文件中只有 {read} 个",
        "{provider_en} says that a search found {total} POIs, and the file holds {read}",
        "可能缺页，或超过单次检索的数量上限；请按更小的范围或更细的类别检索补齐",
        "Pages may be missing, or the search found more than are given out; ask for smaller areas or narrower types",
    ),
    "pois_without_place": FaultKind(
        "warning",
        "{provider_zh}返回的 {count} 条记录没有坐标，已略去",
        "{count:|record|records} of {provider_en} {count:?has|have} no place and {count:?was|were} left out",
        "通常是建议的城市而非设施；如确为设施请补坐标",
        "They are cities that were suggested, as a rule; where they are facilities, add their coordinates",
    ),
    "pois_of_cities": FaultKind(
        "note",
        "{provider_zh} POI 的 adcode 分属 {count} 个城市（{cities}）",
        "by their adcode the POIs of {provider_en} lie in {count:|city|cities} ({cities})",
        "检索时未限定城市会混入外地结果；研究区跨市则属正常",
        "A search that was not limited to a city brings those of others; in a study across cities that is as it should be",
    ),
    "pois_repeated": FaultKind(
        "note",
        "{provider_zh}有 {count} 个 POI 在不同页中重复（编号相同），只保留一个",
        "{count} POIs of {provider_en} are on several pages (the same id) and count once",
        "无需处理",
        "Nothing needs to be done",
    ),
}
