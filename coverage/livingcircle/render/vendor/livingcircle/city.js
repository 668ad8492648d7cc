/* The map of many studies: districts coloured by the limit chosen. Every text comes in the payload and is set as text, never as HTML.
   The payload is described in livingcircle/render/city_map.py. */
(function () {
  "use strict";

  function make(tag, className, parent, text) {
    const element = document.createElement(tag);
    if (className) element.className = className;
    if (text !== undefined) element.textContent = text;
    if (parent) parent.appendChild(element);
    return element;
  }

  function draw(map, city) {
    map.getContainer().classList.add("lc-map");
    map.attributionControl.setPrefix("");
    map.getContainer().style.background = city.paper;
    const beside = map.getSize().x > 800 ? 340 : 24; // the panel
    map.fitBounds(city.bounds, { paddingTopLeft: [24, 24], paddingBottomRight: [beside, 24] });
    L.control.scale({ imperial: false, position: "bottomleft" }).addTo(map);
    const words = city.words;
    let chosen = 0;

    function colour(number) {
      const at = city.limits.length ? city.limits[chosen].class[number] : -1;
      return at < 0 ? "#e3e6e9" : city.colours[at];
    }

    function told(number) {
      const district = city.districts[number], limit = city.limits[chosen];
      const box = make("div", "lc-told");
      make("h1", "", box, district.name);
      const facts = [[words.study, district.study], [words.residents, district.residents]];
      if (limit) facts.push([words.share, limit.share[number]], [words.rank, limit.rank[number]]);
      for (const [label, value] of facts) {
        const row = make("div", "lc-fact", box);
        make("span", "", row, label);
        make("b", "", row, value);
      }
      return box;
    }

    const shapes = city.districts.map((district, number) =>
      L.geoJSON(district.shape, {
        attribution: number ? undefined : city.credits,
        style: () => ({ color: "#55606a", weight: 1, fillColor: colour(number), fillOpacity: 0.85 }),
      })
        .bindTooltip(() => told(number), { sticky: true })
        .addTo(map)
    );

    const panel = L.control({ position: "topright" });
    panel.onAdd = function () {
      const box = make("section", "lc-panel");
      L.DomEvent.disableClickPropagation(box).disableScrollPropagation(box);
      make("h1", "", make("header", "", box), city.title);
      const body = make("div", "lc-body", box);
      const choice = make("select", "lc-choice", body);
      choice.setAttribute("aria-label", words.choose);
      city.limits.forEach((limit, number) => {
        make("option", "", choice, limit.name).value = String(number);
      });
      choice.addEventListener("change", () => {
        chosen = Number(choice.value);
        shapes.forEach((shape, number) => shape.setStyle({ fillColor: colour(number) }));
      });
      const legend = make("div", "lc-legend", body);
      make("div", "lc-legend-title", legend, words.share);
      city.colours.forEach((shade, number) => {
        const row = make("div", "lc-class", legend);
        make("i", "", row).style.background = shade;
        make("span", "", row, city.breaks[number] + " – " + city.breaks[number + 1]);
      });
      const row = make("div", "lc-class", legend);
      make("i", "", row).style.background = "#e3e6e9";
      make("span", "", row, words.unknown);
      return box;
    };
    panel.addTo(map);
  }

  window.livingCircleCity = { draw };
})();
