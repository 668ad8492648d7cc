/* The map inside the page: what is clicked and drawn on it is told to the page, and what the page has worked out is shown on it.
   Messages are plain JSON between frames of one origin; their shape is described in apps/desk/bridge.py. Nothing here counts anything. */
(function () {
  "use strict";

  const TOOLS = ["look", "site", "move", "close", "gate", "path", "crossing", "street", "candidate"];
  const ON_GROUND = { site: "site", gate: "gate", crossing: "crossing", street: "street" };

  function attach(map, city, api) {
    const { state, homes, make, fill } = api;
    const desk = city.desk, words = desk.words, colours = city.colours;
    const told = { service: null, overlay: {} };
    let tool = "look", line = [], held = null, released = -Infinity;

    const lonlat = (latlng) => [Number(latlng.lng.toFixed(6)), Number(latlng.lat.toFixed(6))];
    const latlng = (place) => L.latLng(place[1], place[0]);

    function send(message) {
      window.parent.postMessage({ service: state.service, ...message }, window.origin);
    }

    function drawn(what, places, number) {
      const message = { livingCircle: "drawn", tool: what, lonlat: places.map(lonlat) };
      if (number !== undefined) message.number = number;
      send(message);
    }

    // ── Tools ──────────────────────────────────────────────────────────────
    const bar = make("div", "lc-tools");
    bar.setAttribute("role", "toolbar");
    bar.setAttribute("aria-label", words.tools);
    const buttons = {};
    for (const name of TOOLS) {
      const button = buttons[name] = make("button", "lc-tool lc-tool-" + name, bar, words["tool_" + name]);
      button.type = "button";
      button.addEventListener("click", () => take(tool === name ? "look" : name));
    }
    for (const name of ["undo", "redo"]) {
      const button = buttons[name] = make("button", "lc-tool lc-tool-" + name, bar, words["tool_" + name]);
      button.type = "button";
      button.addEventListener("click", () => drawn(name, []));
    }
    make("i", "lc-break", bar);
    const hint = make("div", "lc-hint", bar);
    hint.setAttribute("role", "status");

    function take(name) {
      tool = name;
      drop();
      map.closePopup();
      if (name === "candidate") showLayer("candidates");
      for (const one of TOOLS) buttons[one].setAttribute("aria-pressed", String(one === name));
      map.getContainer().classList.toggle("lc-drawing", name !== "look");
      map.doubleClickZoom[name === "path" ? "disable" : "enable"]();
      say();
    }

    const entitled = () => TOOLS.forEach((name) => { buttons[name].title = fill(words["hint_" + name], { service: api.service().name }); });

    function say(text) {
      const chosen = tool === "candidate" && told.overlay.chosen ? told.overlay.chosen.remark : "";
      const said = text || chosen || (tool === "look" ? told.overlay.remark || "" : fill(words["hint_" + tool], { service: api.service().name }));
      hint.textContent = said;
      hint.hidden = !said;
    }

    function showLayer(id) {
      const kind = api.kinds.find((one) => one.id === id), box = map.getContainer().querySelector(".lc-layer-" + id);
      if (!kind || kind.hidden || kind.on) return;
      kind.on = true;
      if (box) box.checked = true;
      api.refresh(kind);
    }

    // What the page draws lies above everything that can be clicked, and must not take the clicks.
    const above = api.pane("lc-above", 420);

    const sketch = L.layerGroup().addTo(map);
    function drop() {
      line = [];
      held = null;
      sketch.clearLayers();
    }

    function sketched(places) {
      sketch.clearLayers();
      L.polyline(places, { ...above, color: colours.plan, weight: 3, dashArray: "2 6" }).addTo(sketch);
      if (places.length) L.circleMarker(places[0], { ...above, radius: 4, color: colours.plan, fillOpacity: 1 }).addTo(sketch);
    }

    function place(where, kind, number) {
      if (tool === "path") {
        line.push(where);
        sketched(line);
        return;
      }
      if (held !== null) {
        drawn("move", [where], held);
        return take("move");
      }
      if (tool === "candidate") return drawn("candidate", [where], kind === "candidate" ? number : undefined);
      if (tool === "close" || tool === "move") {
        if (kind !== "facility") return say(words.pick_facility);
        if (tool === "close") return drawn("close", [where], number);
        held = number;
        sketched([where]);
        return say(words.hint_move_to);
      }
      drawn(ON_GROUND[tool], [where]);
    }

    map.on("mousemove", (event) => {
      if (line.length) sketched([...line, event.latlng]);
    });
    map.on("dblclick", () => {
      if (tool === "path") finish();
    });
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape") take("look");
      if (event.key === "Enter" && tool === "path" && event.target.tagName !== "BUTTON") finish();
    });

    function finish() {
      // A double click has been two clicks already; the second adds no corner.
      const corners = line.filter((where, number) => !number || map.distance(where, line[number - 1]) > 0.5);
      if (corners.length > 1) drawn("path", corners);
      take("path");
    }

    // A facility is dragged from its marker; on a canvas that is not Leaflet's business.
    map.getContainer().addEventListener("mousedown", (event) => {
      if (tool !== "move" || held !== null) return;
      const layer = state.layers.facilities, spot = map.mouseEventToContainerPoint(event);
      let nearest = null;
      if (layer) {
        layer.eachLayer((marker) => {
          const away = map.latLngToContainerPoint(marker.getLatLng()).distanceTo(spot);
          if (away < 9 && (!nearest || away < nearest.away)) nearest = { away, number: city.facilities.indexOf(marker.place) };
        });
      }
      if (!nearest) return;
      map.dragging.disable();
      const from = map.mouseEventToLatLng(event);
      const follow = (moved) => sketched([from, map.mouseEventToLatLng(moved)]);
      const release = (moved) => {
        window.removeEventListener("mousemove", follow);
        window.removeEventListener("mouseup", release);
        map.dragging.enable();
        if (map.mouseEventToContainerPoint(moved).distanceTo(spot) < 6) return;
        drawn("move", [map.mouseEventToLatLng(moved)], nearest.number);
        setTimeout(() => take("move"), 0);
      };
      window.addEventListener("mousemove", follow);
      window.addEventListener("mouseup", release);
    }, true);

    // ── What the page shows on the map ─────────────────────────────────────
    const route = L.layerGroup().addTo(map), works = L.layerGroup().addTo(map);
    const before = homes.classes.slice(), tenths = homes.tenths.slice(), shares = homes.shares && homes.shares.slice();

    function showRoute(found) {
      route.clearLayers();
      if (!found) return;
      const points = found.line.map(latlng), quiet = { ...above, lineCap: "round", lineJoin: "round" };
      L.polyline(points, { ...quiet, color: "#ffffff", weight: 8, opacity: 0.95 }).addTo(route);
      L.polyline(points, { ...quiet, color: colours.ink, weight: 4 }).addTo(route);
      L.circleMarker(points[0], { ...quiet, radius: 5, color: colours.ink, weight: 2, fillColor: "#ffffff", fillOpacity: 1 }).addTo(route);
      L.circleMarker(points[points.length - 1], { ...quiet, radius: 6, color: "#ffffff", weight: 2, fillColor: colours.ink, fillOpacity: 1 }).addTo(route);
    }

    function pin(sign, className, title) {
      const box = make("div", "lc-work " + className, null, sign);
      return { icon: L.divIcon({ className: "lc-anchor", html: box, iconSize: [26, 26], iconAnchor: [13, 13] }), title, alt: title, zIndexOffset: 2000 };
    }

    function byEnter(marker) {
      marker.on("keypress", ({ originalEvent }) => {
        if (originalEvent.key === "Enter") marker.fire("click", { latlng: marker.getLatLng(), originalEvent });
      });
    }

    function showWorks(all) {
      works.clearLayers();
      for (const one of all || []) {
        const style = { ...above, color: colours.plan, weight: 4, opacity: 0.9 };
        if (one.line) L.polyline(one.line.map(latlng), one.kind === "moved" ? { ...style, weight: 2, dashArray: "3 5" } : style).addTo(works);
        if (!one.at) continue;
        const marker = L.marker(latlng(one.at), { ...pin(one.sign, "lc-work-" + one.kind, one.title), draggable: one.number !== undefined && one.kind !== "closed" }).addTo(works);
        marker.on("dragend", () => { released = performance.now(); drawn("move", [marker.getLatLng()], one.number); });
        marker.on("click", (event) => {
          L.DomEvent.stopPropagation(event);
          if (tool !== "look" && one.number !== undefined) place(event.latlng, "facility", one.number);
        });
        byEnter(marker);
      }
    }

    // Candidates chosen for siting: those of the study that must or must not be built, and those placed by hand, numbered after them.
    const chosen = L.layerGroup().addTo(map);
    function showChosen(found) {
      chosen.clearLayers();
      for (const one of found ? found.marks : []) {
        const icon = { ...pin(one.sign, "lc-work-" + one.kind, one.title), keyboard: true };
        const marker = L.marker(latlng(one.at), icon).addTo(chosen);
        marker.on("click", (event) => {
          L.DomEvent.stopPropagation(event);
          if (tool === "candidate") drawn("candidate", [event.latlng], one.number);
        });
        byEnter(marker);
      }
    }

    const spread = (text, at, digits) => {
      const all = typeof text === "string" ? text.split("") : text.slice();
      at.forEach((home, position) => { all[home] = digits[position]; });
      return all;
    };

    function showHomes(found) {
      homes.classes.forEach((_, number) => {
        homes.classes[number] = found ? spread(before[number], found.at, found.classes[number]) : before[number];
        homes.tenths[number] = found ? spread(tenths[number], found.at, found.tenths[number]) : tenths[number];
        if (homes.shares) {
          homes.shares[number] = shares[number].map((all, limit) => (found ? spread(all, found.at, found.shares[number][limit]) : all));
        }
      });
    }

    // A finer level, as the scenario has it; `today` keeps what it was.
    const finer = [];
    function dress(shapes, level) {
      finer[level] = shapes;
      shapes.today = shapes.today || { classes: shapes.classes.slice(), shares: shapes.shares && shapes.shares.slice() };
      const found = (told.overlay.levels || [])[level];
      shapes.touched = found ? new Set(found.at) : null;
      shapes.classes = shapes.today.classes.map((all, number) => (found ? spread(all, found.at, found.classes[number]) : all));
      if (!shapes.today.shares) return;
      shapes.shares = shapes.today.shares.map((limits, number) => limits.map((all, limit) => (found ? spread(all, found.at, found.shares[number][limit]) : all)));
    }

    // The popup of the click grows into what the page knows; where nothing was clicked one opens, out of the way of the tools.
    function popupOf(found) {
      if (!found) return;
      const box = api.popup(found.title, found.facts);
      if (tool === "look") api.show({ latlng: latlng(found.at) }, box);
    }

    function checked(event) {
      const message = event.data;
      const ours = event.source === window.parent && event.origin === window.origin;
      return ours && message && message.livingCircle === "show" && typeof message.overlay === "object" ? message.overlay : null;
    }

    window.addEventListener("message", (event) => {
      const part = checked(event);
      if (!part) return;
      const overlay = { ...told.overlay, ...part };
      const last = told.overlay;
      told.overlay = overlay;
      if (overlay.service !== undefined && overlay.service !== null && overlay.service !== told.service) {
        told.service = overlay.service;
        api.chooser.value = overlay.service;
        api.chooser.dispatchEvent(new Event("change"));
      }
      if (overlay.scenario !== last.scenario) {
        if (!overlay.scenario !== !last.scenario) quieten(Boolean(overlay.scenario));
        showHomes(overlay.homes);
        finer.forEach(dress);
        showWorks(overlay.drawn);
        api.recolour();
        outlineChanged();
      }
      if (overlay.asked !== last.asked) {
        if (overlay.near && String(overlay.near) !== String(last.near)) map.setView(latlng(overlay.near), Math.max(map.getZoom(), 15.5), { animate: false });
        if (overlay.focus) {
          map.setView(latlng(overlay.focus), Math.max(map.getZoom(), 15.5), { animate: false });
          map.getContainer().focus({ preventScroll: true }); // whoever came by keyboard goes on from here
        }
        showRoute(overlay.route);
        popupOf(overlay.popup);
      }
      if (JSON.stringify(overlay.chosen) !== JSON.stringify(last.chosen)) showChosen(overlay.chosen);
      document.documentElement.dataset.chosen = overlay.chosen ? overlay.chosen.marks.length : 0;
      buttons.undo.disabled = !overlay.can_undo;
      buttons.redo.disabled = !overlay.can_redo;
      api.refreshPanel();
      say(overlay.fault);
      hint.classList.toggle("lc-hint-fault", Boolean(overlay.fault));
      Object.assign(document.documentElement.dataset, { asked: overlay.asked || "", scenario: overlay.scenario || "" });
    });

    // Gap areas and plans are of today: beside a scenario they are put away, until the reader asks for them or goes back to today.
    let put = [];
    function quieten(yes) {
      const about = yes ? api.kinds.filter((kind) => kind.on && ["gaps", "gained", "runner_ups", "plan"].includes(kind.id)) : put;
      for (const kind of about) {
        kind.on = !yes;
        api.refresh(kind);
        const box = map.getContainer().querySelector(".lc-layer-" + kind.id);
        if (box) box.checked = kind.on;
      }
      put = yes ? about : [];
    }

    // Homes that come within the limit, and those that fall out of it, for the service and limit looked at.
    const changedHomes = L.layerGroup().addTo(map);
    function crossing(now, then) {
      if (api.limit().within) return null; // judged by walks that a scenario does not know
      return now <= state.limit === then <= state.limit ? null : now <= state.limit ? colours.plan : colours.gap;
    }
    function outlineChanged() {
      changedHomes.clearLayers();
      const found = told.overlay.homes;
      if (!found || homes.cells || state.score) return;
      found.at.forEach((home, position) => {
        const now = parseInt(found.classes[state.service][position], 36), then = parseInt(before[state.service][home], 36);
        const colour = crossing(now, then), rings = api.outline(homes.outlines[home]);
        if (!colour || !rings.length) return;
        const style = { renderer: api.top, interactive: false, color: colour, weight: 2.4, fill: false };
        changedHomes.addLayer(rings[0].length === 1 ? L.circleMarker(rings[0][0], { ...style, radius: 6 }) : L.polygon(rings, style));
      });
    }

    // ── Backgrounds from elsewhere: asked for only when chosen ──────────────
    const Shifted = L.TileLayer.extend({
      // Tiles of a map whose coordinates are set off from the true ones are laid as if its centre lay elsewhere.
      _setZoomTransform(level, centre, zoom) {
        L.TileLayer.prototype._setZoomTransform.call(this, level, this._off(centre), zoom);
      },
      _getTiledPixelBounds(centre) {
        return L.TileLayer.prototype._getTiledPixelBounds.call(this, this._off(centre));
      },
      _off(centre) {
        return L.latLng(centre.lat + this.options.shift[1], centre.lng + this.options.shift[0]);
      },
    });

    function basemaps(into) {
      if (!desk.basemaps.length) return;
      const row = make("label", "lc-row lc-basemap");
      make("span", "", row, words.basemap);
      const chooser = make("select", "lc-basemaps", row);
      make("option", "", chooser, words.basemap_none).value = "";
      desk.basemaps.forEach((one, number) => { make("option", "", chooser, one.name).value = number; });
      let shown = [];
      chooser.addEventListener("change", () => {
        shown.forEach((layer) => map.removeLayer(layer));
        const chosen = desk.basemaps[chooser.value];
        shown = !chosen ? [] : chosen.urls.map((url) => {
          const options = { attribution: make("div", "", null, chosen.credit).innerHTML, subdomains: chosen.subdomains, maxNativeZoom: 18, maxZoom: 20, shift: chosen.shift };
          const layer = chosen.shift ? new Shifted(url, options) : L.tileLayer(url, options);
          return layer.on("tileerror", () => say(words.basemap_failed)).addTo(map);
        });
        say();
      });
      into.insertBefore(row, into.querySelector(".lc-headline"));
    }

    // ── Into place ─────────────────────────────────────────────────────────
    map.getContainer().querySelector(".leaflet-control-container").appendChild(bar);
    L.DomEvent.disableClickPropagation(bar);
    L.DomEvent.disableScrollPropagation(bar);
    basemaps(map.getContainer().querySelector(".lc-body"));
    buttons.undo.disabled = buttons.redo.disabled = true;
    entitled();
    take("look");
    setTimeout(() => send({ livingCircle: "ready" }), 0);

    return {
      takes(kind, number, where) {
        if (tool === "look") return false;
        place(where, kind, number);
        return true;
      },
      clicked(kind, number, where, level) {
        send({ livingCircle: "clicked", kind, number, level, lonlat: lonlat(where) });
      },
      hasScenario: () => Boolean(told.overlay.scenario),
      headline(box) {
        const found = told.overlay.headlines && told.overlay.headlines[state.service];
        const one = found && found[state.limit];
        if (!one) return;
        const row = make("div", "lc-scenario", box);
        make("span", "", row, words.scenario);
        make("b", "", row, one.share);
        make("em", "", row, one.change);
        if (one.verdict) make("span", "lc-verdict lc-" + one.verdict, row, one.verdict_text);
      },
      drawsLine: () => tool === "path",
      chosen() {
        outlineChanged();
        entitled();
        say();
      },
      dress,
      ground(where) {
        // Dropped where something else lies on top, a marker leaves a click on the ground behind.
        if (performance.now() - released < 300) return;
        if (tool !== "look") place(where);
        else send({ livingCircle: "clicked", kind: "ground", number: -1, level: -1, lonlat: lonlat(where) });
      },
      lineOf(shapes, number) {
        if (!shapes.touched || !shapes.touched.has(number) || shapes.shares || state.score) return null;
        const digit = (all) => parseInt(all[state.service][number], 36);
        const colour = crossing(digit(shapes.classes), digit(shapes.today.classes));
        return colour ? [colour, 2] : null;
      },
    };
  }

  window.livingCircle.desk = attach;
})();
