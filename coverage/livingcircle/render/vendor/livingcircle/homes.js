/* The city map of Living Circle: homes sent once and recoloured by the service chosen; everything else follows the chooser.
   Every text comes in the payload and is set as text, never as HTML. The payload is described in livingcircle/render/scene.py.
   near.js draws finer levels where homes are many; desk.js talks to the page that the map stands in. */
(function () {
  "use strict";

  const PARTS = 1e6;

  function fill(text, values) {
    return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
  }

  function make(tag, className, parent, text) {
    const element = document.createElement(tag);
    if (className) element.className = className;
    if (text !== undefined) element.textContent = text;
    if (parent) parent.appendChild(element);
    return element;
  }

  function at(origin, point) {
    return [(origin[1] + point[1]) / PARTS, (origin[0] + point[0]) / PARTS];
  }

  function path(origin, steps) {
    const positions = [];
    let x = origin[0], y = origin[1];
    for (let i = 0; i < steps.length; i += 2) {
      x += steps[i];
      y += steps[i + 1];
      positions.push([y / PARTS, x / PARTS]);
    }
    return positions;
  }

  function hatch(colour) {
    const tile = document.createElement("canvas");
    tile.width = tile.height = 8;
    const pen = tile.getContext("2d");
    pen.strokeStyle = colour;
    pen.lineWidth = 1.2;
    for (const shift of [-8, 0, 8]) {
      pen.moveTo(shift, 8);
      pen.lineTo(shift + 8, 0);
    }
    pen.stroke();
    return pen.createPattern(tile, "repeat");
  }

  function popup(title, facts) {
    const box = make("div", "lc-popup");
    make("strong", "", box, title);
    const table = make("table", "", box);
    for (const fact of facts) {
      const row = make("tr", "", table);
      make("th", "", row, fact[0]);
      const cell = make("td", "", row);
      if (fact[2]) make("i", "lc-dot", cell).style.background = fact[2];
      make("span", "", cell, fact[1]);
    }
    return box;
  }

  // In a frame that is not shown yet there is no size to draw to: wait until there is one.
  function draw(map, city) {
    const place = map.getContainer();
    if (place.clientWidth && place.clientHeight) return drawShown(map, city);
    new ResizeObserver((changes, watch) => {
      if (!place.clientWidth || !place.clientHeight) return;
      watch.disconnect();
      map.invalidateSize({ animate: false });
      drawShown(map, city);
    }).observe(place);
    return null;
  }

  function drawShown(map, city) {
    const words = city.words, colours = city.colours, origin = city.origin;
    const state = { service: city.start, limit: city.services[city.start].start, cover: false, score: false, layers: {} };
    const outline = (steps) => steps.map((part) => path(origin, part));

    function pane(name, height) {
      const element = map.createPane(name);
      element.style.zIndex = height;
      element.style.pointerEvents = "none";
      return { pane: name, renderer: L.canvas({ pane: name, padding: 0.3 }), interactive: false };
    }
    const base = pane("lc-base", 250), areas = pane("lc-areas", 300);
    pane("lc-labels", 450);
    const top = L.canvas({ padding: 0.3 });

    const service = () => city.services[state.service];
    const limit = () => service().limits[state.limit];

    // ── Homes ──────────────────────────────────────────────────────────────
    const homes = city.homes;

    // `shapes` are homes or squares of one level: those sent at once, or finer ones that came later.
    function homeClass(home, number, shapes = homes) {
      return parseInt(shapes.classes[number][home], 36);
    }

    function shareCovered(home, number, position, shapes = homes) {
      if (shapes.shares) return shapes.shares[number][position][home];
      const within = city.services[number].limits[position].within; // judged by another walk than the one shown
      if (within) return within[home] === "1" ? 100 : 0;
      return homeClass(home, number, shapes) <= position ? 100 : 0;
    }

    function homeColour(home, shapes = homes) {
      if (state.score) return city.score.classes[shapes.scores[home]].colour;
      if (!service().known) return colours.unjoined;
      const found = homeClass(home, state.service, shapes);
      if (!state.cover) return service().classes[found].colour;
      if (!shapes.shares && found === service().classes.length - 1) return colours.unjoined;
      const share = shareCovered(home, state.service, state.limit, shapes);
      return share === 100 ? colours.covered : share === 0 ? colours.uncovered : colours.partly;
    }

    function walkText(home, number) {
      const one = city.services[number];
      if (!one.known) return words.no_data;
      const found = homeClass(home, number), last = one.classes.length - 1;
      if (found === last) return words.unjoined;
      if (found === last - 1) return words.unreachable;
      return fill(words.minutes, { minutes: (homes.tenths[number][home] / 10).toFixed(1) });
    }

    function coverText(home, number) {
      const one = city.services[number];
      if (!one.known) return "";
      const share = shareCovered(home, number, one.start);
      if (homes.cells) return fill(words.share_covered, { share: share + " %" });
      return share === 100 ? words.covered : words.uncovered;
    }

    function homePopup(home) {
      const facts = [[words.residents, fill(words.people, { count: homes.residents[home].toLocaleString("en-US") })]];
      city.services.forEach((one, number) => {
        const cover = coverText(home, number);
        const colour = one.known ? one.classes[homeClass(home, number)].colour : colours.unjoined;
        facts.push([one.name, walkText(home, number) + (cover ? words.between + cover : ""), colour]);
      });
      const title = homes.cells ? fill(words.cell, { homes: homes.counts[home] }) : fill(words.home, { id: homes.ids[home] });
      return popup(title, facts);
    }

    const homeLayer = L.featureGroup();
    homes.outlines.forEach((steps, home) => {
      const style = homes.cells
        ? { renderer: top, stroke: false, fillOpacity: 0.72 }
        : { renderer: top, color: colours.ink, weight: 0.7, opacity: 0.6, fillOpacity: 0.95 };
      const rings = outline(steps);
      if (!rings.length) return;
      const shape = rings[0].length === 1 ? L.circleMarker(rings[0][0], { ...style, radius: 4 }) : L.polygon(rings, style);
      shape.home = home;
      homeLayer.addLayer(shape);
    });
    homeLayer.on("click", (event) => picked(homes.cells ? "square" : "home", event.layer.home, event, () => homePopup(event.layer.home)));

    function recolour() {
      homeLayer.eachLayer((shape) => {
        shape.setStyle({ fillColor: homeColour(shape.home) });
      });
      if (homesShown.recoloured) homesShown.recoloured();
    }

    // Where homes are many, finer squares and the homes themselves take the place of the squares as the reader comes near.
    function finer(shapes, level) {
      const single = !shapes.shares;
      if (desk) desk.dress(shapes, level);
      const style = {
        opacity: single ? 0.95 : 0.72,
        colour: (number) => homeColour(number, shapes),
        line: (number) => (desk && desk.lineOf(shapes, number)) || (single ? [colours.ink, 0.5] : null),
      };
      return new window.livingCircle.near.Tiles(origin, shapes, style, { pane: "lc-near" });
    }

    function nearPopup(shapes, number) {
      const facts = [[words.residents, fill(words.people, { count: shapes.residents[number].toLocaleString("en-US") })]];
      city.services.forEach((one, position) => {
        const found = homeClass(number, position, shapes), last = one.limits.length;
        const first = shapes.shares ? found : one.limits.findIndex((_, limit) => shareCovered(number, position, limit, shapes) === 100);
        const within = first in one.limits ? fill(words.up_to, one.limits[first]) : fill(words.past, one.limits[last - 1]);
        const text = !one.known ? words.no_data : found > last + 1 ? words.unjoined : found > last ? words.unreachable : within;
        facts.push([one.name, text, one.known ? one.classes[found].colour : colours.unjoined]);
      });
      return popup(shapes.shares ? fill(words.cell, { homes: shapes.counts[number] }) : fill(words.home, { id: shapes.ids[number] }), facts);
    }

    // Homes on tiles take no clicks themselves: what lies there is looked up. True where something was hit.
    function nearPicked(event, squaresToo = true) {
      const layer = homes.levels && map.hasLayer(homesShown) && homesShown.shown >= 0 && homesShown.level(homesShown.shown);
      const number = layer && (squaresToo || !layer.shapes.shares) ? layer.at(event.latlng, map.getZoom()) : -1;
      if (number >= 0) picked(layer.shapes.shares ? "square" : "home", number, event, () => nearPopup(layer.shapes, number), homesShown.shown);
      return number >= 0;
    }

    const homesShown = homes.levels ? new window.livingCircle.near.Levels(homeLayer, homes.levels, finer) : homeLayer;
    if (homes.levels) {
      map.createPane("lc-near").style.zIndex = 380;
      map.on("click", (event) => {
        if (!nearPicked(event) && desk) desk.ground(event.latlng);
      });
    } else map.on("click", (event) => desk && desk.ground(event.latlng));

    // In a page, one that works there may take a click as a drawing, and is told of all others.
    let desk = null;
    function picked(kind, number, event, content, level = -1) {
      L.DomEvent.stopPropagation(event);
      if (desk && desk.takes(kind, number, event.latlng)) return;
      if (!desk || !["home", "square", "facility"].includes(kind)) show(event, content());
      if (desk) desk.clicked(kind, number, event.latlng, level);
    }

    function show(event, content) {
      const beside = panel.box.classList.contains("lc-folded") ? 20 : panel.box.offsetWidth + 24;
      const top = desk ? 70 : 20, most = Math.max(150, map.getSize().y - top - 70);
      const options = { maxWidth: 340, maxHeight: most, autoPanPaddingTopLeft: [60, top], autoPanPaddingBottomRight: [beside, 20] };
      L.popup(options).setLatLng(event.latlng).setContent(content).openOn(map);
    }

    // ── Background ─────────────────────────────────────────────────────────
    function streets() {
      if (city.streets.image) return L.imageOverlay(city.streets.image, city.streets.bounds, { pane: "lc-base" });
      const lines = city.streets.outlines.map((steps) => path(origin, steps[0] || []));
      return L.polyline(lines, { ...base, color: colours.street, weight: 1.2, smoothFactor: 1 });
    }

    const labels = [];
    function districts() {
      const group = L.layerGroup();
      for (const one of city.districts) {
        const rings = outline(one.outline);
        L.polygon(rings, { ...areas, color: "#ffffff", weight: 4, opacity: 0.8, fill: false }).addTo(group);
        L.polygon(rings, { ...areas, color: colours.district, weight: 1.6, dashArray: "8 3 2 3", fill: false }).addTo(group);
        const box = make("div", "lc-label");
        make("span", "", box, one.name);
        labels.push(make("small", "", box));
        L.marker(at(origin, one.at), {
          pane: "lc-labels", interactive: false, keyboard: false, icon: L.divIcon({ className: "lc-anchor", html: box, iconSize: [0, 0] }),
        }).addTo(group);
      }
      return group;
    }

    // ── Places ─────────────────────────────────────────────────────────────
    function told(kind, all) {
      return (event) => {
        const place = event.layer.place;
        picked(kind, all.indexOf(place), event, () => popup(place.title, place.facts));
      };
    }

    function places(kind, all, records, style) {
      const group = L.featureGroup();
      for (const one of records) {
        const marker = L.circleMarker(at(origin, one.at), { renderer: top, ...style });
        marker.place = one;
        group.addLayer(marker);
      }
      return group.on("click", told(kind, all));
    }

    function facilities() {
      return places("facility", city.facilities, service().facilities.map((number) => city.facilities[number]), {
        radius: 6, color: "#ffffff", weight: 1.6, fillColor: service().marker, fillOpacity: 1,
      });
    }

    function candidates() {
      return places("candidate", city.candidates, city.candidates, { radius: 3.5, color: colours.candidate, weight: 1.4, fillColor: "#ffffff", fillOpacity: 1 });
    }

    function isochrones() {
      const group = L.layerGroup();
      for (const one of service().isochrones) {
        const colour = one.colour;
        L.polygon(outline(one.outline), { ...areas, color: colour, weight: 1.1, opacity: 0.9, fillColor: colour, fillOpacity: 0.08 }).addTo(group);
      }
      return group;
    }

    const stripes = hatch(colours.gap);
    function gaps() {
      const group = L.featureGroup();
      for (const one of service().gaps.filter((gap) => gap.limit === state.limit)) {
        const shape = L.polygon(outline(one.outline), {
          renderer: top, color: colours.gap, weight: 1.8, dashArray: "6 4", fillColor: stripes, fillOpacity: 0.38,
        });
        shape.place = one;
        group.addLayer(shape);
      }
      const toldOfGap = told("gap", service().gaps);
      return group.on("click", (event) => nearPicked(event, false) || toldOfGap(event)); // a single home lies above its gap
    }

    const shownNow = (records) => records.filter((one) => one.limit === state.limit);

    function runnerUps() {
      return places("runner_up", service().runner_ups, shownNow(service().runner_ups), {
        radius: 8, color: colours.plan, weight: 1.8, opacity: 0.75, dashArray: "4 3", fillColor: "#ffffff", fillOpacity: 0.75,
      });
    }

    function gained() {
      const group = L.featureGroup();
      for (const one of homes.cells ? [] : shownNow(service().gained)) {
        for (const home of one.homes) {
          const rings = outline(homes.outlines[home]);
          if (!rings.length) continue;
          const style = { renderer: top, interactive: false, color: colours.plan, weight: 2.4, fill: false };
          group.addLayer(rings[0].length === 1 ? L.circleMarker(rings[0][0], { ...style, radius: 6 }) : L.polygon(rings, style));
        }
      }
      return group;
    }

    function plan() {
      const group = L.featureGroup();
      for (const one of shownNow(service().plan)) {
        const pin = make("div", "lc-site", null, one.rank);
        const icon = L.divIcon({ className: "lc-anchor", html: pin, iconSize: [26, 26], iconAnchor: [13, 13] });
        const marker = L.marker(at(origin, one.at), { icon, zIndexOffset: 1000 - one.rank, title: one.title, alt: one.title });
        marker.place = one;
        group.addLayer(marker);
      }
      const toldOfPick = told("pick", service().plan);
      return group.on("click", toldOfPick).on("keypress", (event) => {
        if (event.originalEvent.key === "Enter") toldOfPick({ ...event, latlng: event.layer.getLatLng() });
      });
    }

    // `follows` layers are made anew for every choice; the others once.
    const kinds = [
      { id: "streets", group: "base", on: true, make: streets },
      { id: "districts", group: "base", on: true, make: districts, hidden: !city.districts.length },
      { id: "isochrones", group: "today", on: true, make: isochrones, follows: true },
      { id: "gaps", group: "today", on: true, make: gaps, follows: true },
      { id: "homes", group: "today", on: true, make: () => homesShown },
      { id: "facilities", group: "today", on: true, make: facilities, follows: true },
      { id: "candidates", group: "future", on: false, make: candidates, hidden: !city.candidates.length },
      { id: "gained", group: "future", on: true, make: gained, follows: true, hidden: homes.cells || city.services.every((one) => !one.gained.length) },
      { id: "runner_ups", group: "future", on: true, make: runnerUps, follows: true, hidden: city.services.every((one) => !one.runner_ups.length) },
      { id: "plan", group: "future", on: true, make: plan, follows: true, hidden: city.services.every((one) => !one.plan.length) },
    ];

    // On the shared canvas what is drawn last lies on top: gaps, homes, candidates, facilities.
    function restack() {
      for (const id of ["homes", "gained", "candidates", "runner_ups", "facilities"]) {
        const layer = state.layers[id];
        if (layer && map.hasLayer(layer) && layer.bringToFront) layer.bringToFront();
      }
    }

    function refresh(kind) {
      const old = state.layers[kind.id];
      if (kind.follows && old) {
        map.removeLayer(old);
        delete state.layers[kind.id];
      }
      const layer = state.layers[kind.id] || (state.layers[kind.id] = kind.make());
      if (kind.on && !kind.hidden) layer.addTo(map);
      else map.removeLayer(layer);
    }

    function choose() {
      map.closePopup();
      recolour();
      kinds.filter((kind) => kind.follows).forEach(refresh);
      restack();
      if (desk) desk.chosen();
      labels.forEach((label, number) => { label.textContent = limit().districts[number]; });
      panel.refresh();
    }

    // ── The panel ──────────────────────────────────────────────────────────
    const panel = (function () {
      const box = make("section", "lc-panel");
      const head = make("header", "", box);
      make("h1", "", head, city.title);
      const fold = make("button", "lc-fold", head);
      fold.type = "button";
      fold.title = words.fold;
      fold.setAttribute("aria-label", words.fold);
      const body = make("div", "lc-body", box);

      function folded(yes) {
        box.classList.toggle("lc-folded", yes);
        fold.setAttribute("aria-expanded", String(!yes));
        fold.textContent = yes ? "＋" : "－";
      }
      fold.addEventListener("click", () => folded(!box.classList.contains("lc-folded")));
      folded(map.getSize().x < 620);

      function select(label, className, parent) {
        const row = make("label", "lc-row", parent);
        make("span", "", row, label);
        return make("select", className, row);
      }

      const chooser = select(words.service, "lc-service", body);
      city.services.forEach((one, number) => { make("option", "", chooser, one.name).value = number; });
      const limits = select(words.limit, "lc-limit", body);
      const mode = select(words.colour_by, "lc-mode", body);
      make("option", "", mode, words.by_minutes).value = "minutes";
      make("option", "", mode, words.by_cover).value = "cover";
      if (city.score) make("option", "", mode, words.by_score).value = "score";
      const headline = make("div", "lc-headline", body);
      const legend = make("div", "lc-legend", body);
      const layers = make("fieldset", "lc-layers", body);
      make("legend", "", layers, words.layers);
      for (const group of ["base", "today", "future"]) {
        const own = kinds.filter((kind) => kind.group === group && !kind.hidden);
        if (!own.length) continue;
        const row = make("div", "lc-group", layers);
        make("span", "", row, words["group_" + group]);
        const list = make("div", "", row);
        for (const kind of own) {
          const label = make("label", "", list);
          const box = make("input", "lc-layer-" + kind.id, label);
          box.type = "checkbox";
          box.checked = kind.on;
          make("i", "lc-key lc-key-" + kind.id, label);
          make("span", "", label, words["layer_" + kind.id]);
          box.addEventListener("change", () => { kind.on = box.checked; refresh(kind); restack(); });
        }
      }
      const notes = make("div", "lc-notes", body);
      for (const note of city.notes) make("p", note.strong ? "lc-strong" : "", notes, note.text);

      chooser.value = state.service;
      chooser.addEventListener("change", () => {
        state.service = Number(chooser.value);
        state.limit = service().start;
        choose();
      });
      limits.addEventListener("change", () => { state.limit = Number(limits.value); choose(); });
      mode.addEventListener("change", () => { state.cover = mode.value === "cover"; state.score = mode.value === "score"; choose(); });

      function refreshLimits() {
        limits.replaceChildren();
        service().limits.forEach((one, position) => {
          make("option", "", limits, one.required ? fill(words.limit_required, one) : one.limit).value = position;
        });
        limits.value = state.limit;
      }

      function refreshHeadline() {
        const one = limit();
        headline.replaceChildren();
        make("div", "lc-caption", headline, fill(words.headline, one));
        const line = make("div", "lc-figure", headline);
        make("b", "", line, one.share_text);
        if (one.verdict) make("span", "lc-verdict lc-" + one.verdict, line, one.verdict_text);
        const bar = make("div", "lc-bar", headline);
        make("i", "", bar).style.width = 100 * (one.share || 0) + "%";
        if (one.required) make("u", "", bar).style.left = 100 * one.minimum + "%";
        const under = make("div", "lc-caption lc-ends", headline);
        make("span", "", under, one.people || "");
        make("span", "", under, one.demand);
        if (desk) desk.headline(headline);
        for (const caveat of one.caveats) make("div", "lc-caption lc-strong", headline, caveat);
        if (one.clause) make("div", "lc-caption lc-clause", headline, one.clause);
        if (one.recalled) make("div", "lc-caption lc-strong", headline, words.recalled);
      }

      function row(colour, text, share) {
        const line = make("div", "lc-class", legend);
        make("i", "", line).style.background = colour;
        make("span", "", line, text);
        make("em", "", line, share || "");
      }

      function refreshLegend() {
        legend.replaceChildren();
        const title = make("div", "lc-legend-title", legend);
        const about = state.score ? city.score.title : state.cover ? fill(words.legend_cover, limit()) : words.legend_minutes;
        make("span", "", title, about);
        const share = desk && desk.hasScenario() ? words.legend_share_today : words.legend_share;
        make("em", "", title, service().known || state.score ? share : "");
        if (state.score) city.score.classes.forEach((one) => row(one.colour, one.label, one.share));
        else if (!service().known) row(colours.unjoined, words.no_data);
        else if (state.cover) {
          row(colours.covered, words.covered, limit().share_text);
          if (homes.cells) row(colours.partly, words.partly);
          row(colours.uncovered, words.uncovered, homes.cells ? limit().rest_with_unjoined_text : limit().rest_text);
          if (!homes.cells) row(colours.unjoined, words.unjoined, city.unjoined_text);
        } else service().legend.forEach((one) => row(one.colour, one.label, one.share));
      }

      return {
        box,
        chooser,
        refresh() {
          box.style.setProperty("--lc-marker", service().marker);
          refreshLimits();
          refreshHeadline();
          refreshLegend();
        },
      };
    })();

    // With the keyboard the map is moved by arrow keys under a cross in the middle of what the panel leaves free; Enter or the space bar
    // is a click there, for whatever tool is in hand.
    function byKeyboard() {
      const place = map.getContainer(), cross = make("div", "lc-cross", place);
      const middle = () => {
        const size = map.getSize(), beside = panel.box.classList.contains("lc-folded") ? 0 : panel.box.offsetWidth + 10;
        return [(size.x - beside) / 2, size.y / 2];
      };
      place.setAttribute("role", "application");
      place.setAttribute("aria-label", words.keyboard);
      [map.zoomControl._zoomInButton, map.zoomControl._zoomOutButton].forEach((button, number) => {
        button.title = number ? words.zoom_out : words.zoom_in;
        button.setAttribute("aria-label", button.title);
      });
      place.addEventListener("focus", () => {
        const [x, y] = middle();
        Object.assign(cross.style, { left: x + "px", top: y + "px" });
      });
      place.addEventListener("keydown", (event) => {
        if (event.target !== place || (event.key !== " " && event.key !== "Enter")) return;
        if (event.key === "Enter" && desk && desk.drawsLine()) return; // which it ends
        event.preventDefault();
        const box = place.getBoundingClientRect(), [x, y] = middle();
        const click = { bubbles: true, clientX: box.left + x, clientY: box.top + y, view: window };
        for (const kind of ["mousedown", "mouseup", "click"]) top._container.dispatchEvent(new MouseEvent(kind, click));
        place.focus({ preventScroll: true });
      });
    }

    function control(position, element) {
      const one = L.control({ position });
      one.onAdd = () => {
        L.DomEvent.disableClickPropagation(element);
        L.DomEvent.disableScrollPropagation(element);
        return element;
      };
      one.addTo(map);
    }

    for (const name of ["gap", "plan", "candidate", "district", "street", "covered"]) {
      panel.box.style.setProperty("--lc-" + name, colours[name]);
    }
    document.documentElement.lang = city.language;
    map.getContainer().classList.add("lc-map");
    map.getContainer().style.setProperty("--lc-plan", colours.plan);
    map.getContainer().style.background = colours.paper;
    map.attributionControl.setPrefix("");
    map.attributionControl.addAttribution(make("div", "", null, city.attribution).innerHTML);
    control("topright", panel.box);
    const north = make("div", "lc-north");
    make("span", "", north, words.north);
    make("i", "", north);
    control("topleft", north);
    L.control.scale({ position: "bottomleft", imperial: false, maxWidth: 140 }).addTo(map);
    const beside = panel.box.classList.contains("lc-folded") ? 20 : panel.box.offsetWidth + 30;
    map.fitBounds(city.bounds, { paddingTopLeft: [56, 24], paddingBottomRight: [beside, 36], animate: false });
    kinds.forEach(refresh);
    byKeyboard();
    choose();
    map.livingCircle = { state, homes, homeLayer, homeColour };
    if (city.desk) {
      desk = window.livingCircle.desk(map, city, {
        state, homes, limit, service, outline, show, at, path, fill, make, popup, choose, chooser: panel.chooser, homeClass, homeColour, recolour, refreshPanel: panel.refresh, kinds, refresh, top, pane,
      });
    }
    return state;
  }

  window.livingCircle = { draw };
})();
