"""What is written on printed maps and charts is what the tables say; names do not cover one another; what may not be located is not."""

from __future__ import annotations

import io
import itertools
from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from livingcircle.model.study import Study
from livingcircle.render.report import figures, ground, maps
from livingcircle.render.report.bars import draw_chart
from livingcircle.render.report.choropleth import choropleth, classes_of, round_edges
from livingcircle.render.report.composing import report_of
from livingcircle.render.report.ground import ground_of
from livingcircle.render.report.lettering import Label, placed
from livingcircle.render.report.maps import MOST_NUMBERS, draw_map, unmet_shares
from livingcircle.render.report.material import Material
from livingcircle.render.report.paper import DPI, TEXT_WIDTH_MM, Sheet, grid_of, printed, round_below
from livingcircle.render.report.walk_classes import walk_classes
from livingcircle.render.tables import tables_of
from livingcircle.render.words import NOWHERE, PARTLY_WITHIN, PAST_LIMIT, UNJOINED, say, shown_count, shown_share


def of_study(plate, title=0):
    return plate.legends[title].keys


def of_whole(tables, service, minutes):
    rows = tables["coverage"]
    rows = rows[(rows["scope"] == "study") & (rows["service_id"] == service) & (rows["limit_minutes"] == minutes)]
    return float(rows["residents_share"].iloc[0])


def test_every_figure_of_the_report_is_drawn_small_and_sharp(sample):
    from PIL import Image

    assert sample.plates.keys() == {figure.name for figure in sample.report.figures()}
    for name, plate in sample.plates.items():
        assert len(plate.png) < 1_500_000, name
        picture = Image.open(io.BytesIO(plate.png))
        width_mm = next(one.width_share for one in sample.report.figures() if one.name == name) * TEXT_WIDTH_MM
        assert picture.width == pytest.approx(width_mm / 25.4 * DPI, abs=2)
        assert picture.info["dpi"][0] == pytest.approx(DPI, abs=0.1)
        assert len(picture.getcolors()) > 8


def test_the_nearest_class_of_a_service_is_its_coverage(sample):
    drawn = 0
    for name, plate in sample.plates.items():
        if name.startswith(figures.SERVICE_MAP):
            service = name.removeprefix(figures.SERVICE_MAP)
            keys = of_study(plate)
            assert keys[0].figure == shown_share(of_whole(sample.tables, service, 5))
            facilities = sample.tables["coverage"].set_index("service_id")["facilities"][service].iloc[0]
            assert f"{facilities}" in plate.legends[1].keys[0].label
            drawn += 1
    assert drawn == 15


def parted(keys):
    """The lines of homes within the limits of a service, and of homes beyond: these have a rim."""
    joined = [key for key in keys if key.colour != UNJOINED]
    return [key for key in joined if not key.rim], [key for key in joined if key.rim]


def test_nobody_beyond_the_limit_of_a_service_is_drawn_as_within_it(sample):
    verdicts = sample.tables["verdicts"]
    verdicts = verdicts[verdicts["scope"] == "study"].set_index("service_id")
    drawn = set()
    for name, plate in sample.plates.items():
        if name.startswith(figures.SERVICE_MAP):
            asked = verdicts.loc[name.removeprefix(figures.SERVICE_MAP)]
            within, beyond = parted(of_study(plate))
            share = sum(float(key.figure.split()[0]) for key in within) / 100
            assert share == pytest.approx(asked["residents_share"], abs=0.001 * len(within))
            assert f"{asked['limit_minutes']:g} " in within[-1].label
            assert all(key.colour in (*PAST_LIMIT, NOWHERE) for key in beyond)
            drawn.add(asked["limit_minutes"])
    assert drawn == {5, 10, 15}


def with_requirements(results, *limits):
    """The same walks under other limits of the first service; a whole number is metres, a fraction minutes."""
    study = results.study
    first = study.standard.requirements[0]
    asked = tuple(
        replace(first, id=f"r{at}", limit_seconds=one / study.walker.speed_metres_per_second, limit_metres=float(one))
        if isinstance(one, int)
        else replace(first, id=f"r{at}", limit_seconds=60 * one)
        for at, one in enumerate(limits)
    )
    return replace(results, study=replace(study, standard=replace(study.standard, requirements=asked)))


@pytest.mark.parametrize(
    ("limits", "labels"),
    [
        ((500,), ["≤ 250 m", "250–500 m", "500–1,000 m", "> 1,000 m"]),
        ((1000, 250), ["≤ 125 m", "125–250 m", "some", "1,000–2,000 m", "> 2,000 m"]),
        ((7.5,), ["≤ 5 min", "5–7.5 min", "7.5–10 min", "10–15 min", "> 15 min"]),
        ((10.0, 250), ["≤ 5 min", "5–10 min", "some", "10–15 min", "> 15 min"]),
    ],
)
def test_classes_are_those_of_the_limits_in_metres_and_minutes(town, limits, labels):
    given = replace(town, assessment=replace(town.assessment, shown_limits_seconds=(300.0, 600.0, 900.0)))
    of = Material(with_requirements(given, *limits), {}, "en")
    found = walk_classes(of, 0)
    told = [key.label for key in found.keys if key.label != say("print.walk_some", "en") or len(limits) > 1]
    assert ["some" if one == say("print.walk_some", "en") else one for one in told[:-2]] == labels
    assert found.in_metres == all(isinstance(one, int) for one in limits)
    seconds = town.assessment.reach.seconds[0]
    ends = [one / 1.25 if isinstance(one, int) else 60 * one for one in limits]
    rims = np.array([bool(key.rim) for key in found.keys])[found.of_home]
    with np.errstate(invalid="ignore"):
        assert (~rims == (seconds <= min(ends)) | np.isnan(seconds)).all()
    some = np.array([key.colour == PARTLY_WITHIN for key in found.keys])[found.of_home]
    assert (some == (seconds > min(ends)) & (seconds <= max(ends))).all()
    assert some.any() == (len(limits) > 1)


def test_limits_in_metres_are_drawn_by_the_walks_they_are_judged_by(town):
    """Stairs and waits lengthen the minutes of a walk, not its metres."""
    metres = with_requirements(town, 500)
    slow = replace(
        metres.assessment,
        plain_seconds=town.assessment.reach.seconds,
        reach=replace(town.assessment.reach, seconds=3 * town.assessment.reach.seconds),
    )
    plain = walk_classes(Material(metres, {}, "zh"), 0)
    found = walk_classes(Material(replace(metres, assessment=slow), {}, "zh"), 0)
    assert (found.of_home == plain.of_home).all()
    assert found.keys == plain.keys
    assert found.keys[0].label == "≤ 250 米"


def test_a_plan_in_metres_is_drawn_by_the_walks_it_is_judged_by(town):
    seconds = town.assessment.reach.seconds
    plan = town.plans[0]
    (service,) = plan.task.services
    (limit,) = plan.task.limits_seconds
    study = town.study
    asked = tuple(
        replace(one, limit_seconds=limit, limit_metres=1.25 * limit)
        if one.service == study.standard.services[service].id
        else one
        for one in study.standard.requirements
    )
    metres = replace(town, study=replace(study, standard=replace(study.standard, requirements=asked)))
    slow = replace(town.assessment, plain_seconds=seconds, reach=replace(town.assessment.reach, seconds=3 * seconds))

    def shares(results):
        of = Material(results, tables_of(town), "en")
        return [key.figure for key in of_study(draw_map(ground_of(of), f"{figures.PLAN_MAP}1"))]

    assert shares(replace(metres, assessment=slow)) == shares(town)
    assert shares(replace(town, assessment=slow)) != shares(town)  # a limit in minutes is judged by minutes


def test_gap_areas_bear_their_ranks(sample):
    plate = sample.plates[figures.GAPS_MAP]
    ranks = sample.tables["gap_list"]["place_rank"].sort_values().astype(str).tolist()
    assert list(plate.labels) == ranks[:MOST_NUMBERS]
    homes, causes = sample.tables["homes"], sample.tables["home_causes"]
    lacking = homes["home_id"].map(causes.groupby("home_id")["service_id"].nunique()).fillna(0)
    edges = (-1, 0, 2, 5, 9, np.inf)
    for key, (low, high) in zip(of_study(plate), itertools.pairwise(edges), strict=False):
        people = homes["residents"][(lacking > low) & (lacking <= high)].sum()
        assert key.figure == shown_share(people / homes["residents"].sum())


def test_districts_bear_their_scores_and_their_unmet_clauses(sample):
    scores = sample.tables["scores"]
    scores = scores[scores["scope"] == "district"]
    expected = {
        f"{name}\n{100 * score:.1f}"
        for name, score in zip(scores["district_name"], scores["living_circle_score"], strict=True)
    }
    plate = sample.plates[figures.DISTRICTS_MAP]
    assert set(plate.labels) == expected
    assert sum(int(key.figure) for key in of_study(plate)) == len(expected)
    verdicts = sample.tables["rule_verdicts"]
    verdicts = verdicts[verdicts["scope"] == "district"]
    told = set()
    for name, rows in verdicts.groupby("district_name"):
        counts = rows["verdict"].value_counts()
        unmet, met = counts.get("unmet", 0), counts.get("met", 0)
        told.add(f"{name}\n{shown_share(unmet / (unmet + met))}")
    assert set(sample.plates[figures.UNMET_MAP].labels) == told


def test_a_plan_shows_today_what_it_adds_and_its_sites(sample):
    plan = sample.tables["plan"]
    first = plan[plan["plan"] == 1]
    plate = sample.plates[f"{figures.PLAN_MAP}1"]
    assert [label for label in plate.labels if label.isdigit()] == [str(rank) for rank in first["rank"]]
    today, gained = of_study(plate)[:2]
    (told,) = sample.tables["plan_quality"].query("plan == 1").to_dict("records")
    assert told["demand_of"] == "60+"  # whom the plan counts: the map tells the same shares as the text beside it
    assert today.figure == shown_share(told["share_before"])
    assert gained.figure == shown_share(told["share_after"] - told["share_before"])
    assert today.figure != shown_share(of_whole(sample.tables, first["service_id"].iloc[0], 5))
    assert "60" in plate.legends[0].figures_head


def test_a_plan_for_everybody_counts_residents(sample):
    today = of_study(sample.plates[f"{figures.PLAN_MAP}2"])[0]
    assert today.figure == shown_share(of_whole(sample.tables, "outdoor_fitness", 5))


@pytest.mark.parametrize(
    ("crs", "zh", "en"),
    [
        ("EPSG:4542", "2000 国家大地坐标系，高斯—克吕格投影 3 度带，中央经线东经 99°", "3-degree Gauss-Kruger CM 99E"),
        ("EPSG:4499", "2000 国家大地坐标系，高斯—克吕格投影 6 度带，第 21 带", "Gauss-Kruger zone 21"),
        ("EPSG:32651", "WGS 84，UTM 51 带（北半球）", "WGS 84 / UTM zone 51N"),
        ("EPSG:3067", "ETRS89 / TM35FIN(E,N)", "ETRS89 / TM35FIN(E,N)"),
    ],
)
def test_the_grid_is_named_in_the_language_of_the_map(crs, zh, en):
    assert grid_of(crs, "zh") == f"{zh}（{crs}），上方为坐标北"
    assert en in grid_of(crs, "en")


def test_districts_are_called_on_maps_what_they_are(sample):
    """Communities, not districts, as in the caption."""
    word = "社区" if sample.report.language == "zh" else "communit"
    for name in (figures.DISTRICTS_MAP, figures.UNMET_MAP, figures.DISTRICTS_CHART):
        assert word in sample.plates[name].title


def test_the_chart_of_coverage_says_what_the_table_says(sample):
    table = sample.tables["coverage"]
    whole = table[table["scope"] == "study"]
    named = f"service_{sample.report.language}"
    expected = {
        (row[named], shown_share(row["residents_share"]))
        for row in whole[whole["limit_minutes"].isin(sample.minutes)].to_dict("records")
    }
    told = {(label.split("\t")[0], label.split("\t")[2]) for label in sample.plates[figures.COVERAGE_CHART].labels}
    assert told == expected


def test_bars_of_districts_stand_in_order(sample):
    label, *bars = sample.plates[figures.DISTRICTS_CHART].labels
    scores = [float(bar.split("\t")[1]) for bar in bars]
    assert scores == sorted(scores, reverse=True)
    whole = sample.tables["scores"]
    assert f"{100 * whole[whole['scope'] == 'study']['living_circle_score'].iloc[0]:.1f}" in label


def test_the_frontier_of_a_plan_is_that_of_the_table(town_report):
    points = town_report.tables["plan_frontier"]
    labels = town_report.plates[f"{figures.FRONTIER_CHART}1"].labels
    for sites, share in zip(points["sites_new"], points["covered_share"], strict=True):
        assert f"{sites:g}\t{shown_share(share)}" in labels


def private(results, service_id):
    study: Study = results.study
    services = tuple(
        replace(one, privacy="aggregate") if one.id == service_id else one for one in study.standard.services
    )
    return replace(results, study=replace(study, standard=replace(study.standard, services=services)))


def test_a_service_that_may_not_be_located_has_no_map(town):
    closed = private(town, "kindergarten")
    tables = tables_of(closed)
    report = report_of(closed, tables, "zh")
    names = {figure.name for figure in report.figures()}
    assert f"{figures.SERVICE_MAP}kindergarten" not in names
    assert f"{figures.PLAN_MAP}1" not in names
    drawn_on = ground_of(Material(closed, tables, "zh"))
    for name in (f"{figures.SERVICE_MAP}kindergarten", f"{figures.PLAN_MAP}1"):
        with pytest.raises(KeyError):
            draw_map(drawn_on, name)
    with pytest.raises(KeyError):
        draw_chart(Material(closed, tables, "zh"), "chart-of-nothing")


def test_many_homes_are_gathered_into_squares_and_counted_home_by_home(town, monkeypatch):
    tables = tables_of(town)
    name = f"{figures.SERVICE_MAP}clinic"
    alone = draw_map(ground_of(Material(town, tables, "zh")), name)
    monkeypatch.setattr(ground, "_MOST_SHAPES", 3)
    monkeypatch.setattr(ground, "_MOST_SQUARES", 8)
    gathered = ground_of(Material(town, tables, "zh"))
    assert gathered.squares is not None
    assert len(gathered.shapes) <= 8
    assert draw_map(gathered, name).legends == alone.legends


def test_unmet_shares_leave_out_what_cannot_be_judged(town):
    tables = dict(tables_of(town))
    rows = tables["rule_verdicts"]
    shares = unmet_shares(Material(town, tables, "zh"))
    judged = rows[(rows["scope"] == "district") & rows["verdict"].isin(["met", "unmet"])]
    assert set(shares) == set(judged["district_id"])
    assert all(0 <= share <= 1 for share in shares.values())


AREAS = np.array([shapely.box(x * 1000, 0, x * 1000 + 1000, 1500) for x in range(4)])


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_map_of_any_districts(language):
    values = np.array([10.0, 20.0, np.nan, 55.0])
    plate = choropleth(
        AREAS,
        values,
        ["甲", "乙 $x$", "丙", "丁"],
        title="Ratio $a_b$",
        subtitle="",
        measure="%",
        shown=shown_count,
        crs="EPSG:32650",
        sources=["© someone"],
        made="today",
        language=language,
    )
    assert set(plate.labels) == {"甲\n10", "乙 $x$\n20", "丙", "丁\n55"}
    assert [key.label for key in of_study(plate)][:3] == ["10–20", "20–30", "30–40"]
    assert [key.figure for key in of_study(plate)] == ["1", "1", "0", "0", "1", "1"]
    assert plate.scale_metres == 500


def test_a_long_title_takes_lines_of_its_own():
    from PIL import Image

    box = shapely.box(0, 0, 1000, 1000)
    sheet = Sheet("Community health service centre; " * 6, "", (), box.bounds, "", "", "", "en", width_mm=120.0)
    high, low = (
        Image.open(io.BytesIO(printed(one, lambda axes: None).png)) for one in (sheet, replace(sheet, title=""))
    )
    assert high.height > low.height + 50
    pixels = np.asarray(high.convert("L"))
    assert (pixels[: round(0.1 * len(pixels)), -12:] > 250).all()  # nothing runs off at the right


@given(st.lists(st.floats(-1e6, 1e6) | st.just(np.nan), max_size=30), st.sampled_from([0.0, 0.05]))
def test_classes_are_few_round_and_hold_every_value(values, least_step):
    values = np.array(values, float)
    edges = round_edges(values, least_step=least_step)
    assert 2 <= len(edges) <= 6
    assert all(high - low >= least_step * 0.999 for low, high in itertools.pairwise(edges))
    found = classes_of(values, edges)
    assert ((found == -1) == np.isnan(values)).all()
    slack = 1e-6 * max(1.0, abs(edges[0]), abs(edges[-1]))
    for value, place in zip(values[found >= 0], found[found >= 0], strict=True):
        assert edges[place] - slack <= value <= edges[place + 1] + slack


@given(st.lists(st.tuples(st.floats(0, 100), st.floats(0, 60), st.booleans()), max_size=25))
def test_names_never_cover_one_another_and_numbers_are_never_lost(spots):
    labels = [Label(x, y, "3", "#000000", is_number=number) for x, y, number in spots]
    places, sizes = [(x, y) for x, y, _ in spots], [(4.0, 4.0) if number else (18.0, 3.0) for _, _, number in spots]
    found = placed(labels, places, sizes, (0.0, 0.0, 100.0, 60.0))
    assert all(spot is not None for spot, label in zip(found, labels, strict=True) if label.is_number)
    boxes = [
        shapely.box(x - wide / 2, y - high / 2, x + wide / 2, y + high / 2)
        for spot, (wide, high), label in zip(found, sizes, labels, strict=True)
        if spot is not None and not label.is_number
        for x, y in [spot]
    ]
    assert not any(one.intersection(other).area > 1e-9 for one, other in itertools.combinations(boxes, 2))


@given(st.floats(1e-3, 1e7))
def test_scale_bars_are_round(value):
    found = round_below(value)
    assert found <= value < 2.6 * found
    assert float(f"{found:.0e}") == pytest.approx(found)
    assert f"{found:.0e}"[0] in "125"


@pytest.mark.parametrize(("language", "credit"), [("zh", "自制"), ("en", "Own work")])
def test_sources_on_maps_are_told_in_one_language(town, monkeypatch, language, credit):
    sheets = []
    study = replace(town.study, attribution=("自制 / Own work", "© OpenStreetMap"))
    own = replace(town, study=study)
    monkeypatch.setattr(maps, "printed", lambda sheet, *_: sheets.append(sheet))
    service = study.standard.services[0].id
    draw_map(ground_of(Material(own, tables_of(own), language)), f"{figures.SERVICE_MAP}{service}")
    assert sheets[0].sources.endswith(f"{credit}; © OpenStreetMap")
