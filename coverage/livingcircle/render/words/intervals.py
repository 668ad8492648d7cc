"""Words of intervals: how far coverage moves with what was assumed."""

from livingcircle.render.words.entry import Entry

# fmt: off
INTERVALS: tuple[Entry, ...] = (
    ("stage.intervals", "计算覆盖率区间", "Moving what was assumed"),
    ("table.intervals", "覆盖率区间", "Intervals"),
    ("table.interval_drivers", "区间主因", "What moves coverage"),
    ("table.interval_members", "区间假设", "What was moved"),
    ("overview.intervals", "区间假设", "Moved for intervals"),
    ("parameter.speed", "步行速度", "walking speed"),
    ("parameter.crossing", "过街等候", "waits at crossings"),
    ("parameter.gates", "小区出入口", "gates of compounds"),
    ("parameter.join_cap", "接入距离上限", "joining cap"),
    ("side.base", "本研究取值", "as the study has it"),
    ("side.favourable", "{what}取有利值", "{what} at the favourable end"),
    ("side.unfavourable", "{what}取不利值", "{what} at the unfavourable end"),
    ("interval.all", "各项假设均", "everything"),
    ("interval.share", "{share}（{low}–{high}）", "{share} ({low}–{high})"),
    ("terminal.interval", "区间", "Interval"),
    ("interval.note", "区间：假设变动时覆盖率的范围（{moved}），不是概率；判定仍按本研究取值。", "Intervals: how far coverage moves with what is assumed ({moved}). No probabilities; verdicts are on the study's own values."),
    ("interval.driver", "{parameter}（{points}）", "{parameter} ({points})"),
    ("interval.points", "{points:.1f} 个百分点", "{points:.1f} points"),
    ("interval.drivers", "变动最大：{service} {limit}，主因依次为{drivers}", "Moves most: {service} within {limit}, by {drivers}"),
    ("interval.range.speed", "步速 {low:g}–{high:g} 米/秒", "speed {low:g}–{high:g} m/s"),
    ("interval.range.crossing", "过街等候由短到长", "waits at crossings short to long"),
    ("interval.range.gates", "出入口不详的小区由无围墙到各仅一处出入口", "compounds with unknown gates from no wall to one gate each"),
    ("interval.range.join_cap", "接入距离上限 {low:g}–{high:g} 米", "joining cap {low:g}–{high:g} m"),
    ("map.interval", "假设变动时为 {low}–{high}，主因{driver}", "{low}–{high} while assumptions move, by {driver} most"),
    ("interval.between", "、", ", "),
)
