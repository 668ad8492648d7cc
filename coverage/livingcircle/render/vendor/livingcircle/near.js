/* Homes where they are many: a pyramid of squares, and single homes when the reader comes near. The coarsest squares are drawn by homes.js;
   the others come compressed, are unpacked the first time they are wanted, and are drawn tile by tile, so that only those in view cost anything. */
(function () {
  "use strict";

  const PARTS = 1e6, BUCKET_ZOOM = 15;

  async function unpacked(text) {
    const bytes = Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"))).json();
  }

  // Corners of an outline in pixels of zoom 0, where a tile of zoom z is 256 / 2^z wide.
  function projected(origin, steps) {
    const corners = new Float64Array(steps.length);
    let x = origin[0], y = origin[1];
    for (let i = 0; i < steps.length; i += 2) {
      x += steps[i];
      y += steps[i + 1];
      const point = L.CRS.EPSG3857.latLngToPoint(L.latLng(y / PARTS, x / PARTS), 0);
      corners[i] = point.x;
      corners[i + 1] = point.y;
    }
    return corners;
  }

  function boxOf(rings) {
    const box = [Infinity, Infinity, -Infinity, -Infinity];
    for (const ring of rings) {
      for (let i = 0; i < ring.length; i += 2) {
        box[0] = Math.min(box[0], ring[i]);
        box[1] = Math.min(box[1], ring[i + 1]);
        box[2] = Math.max(box[2], ring[i]);
        box[3] = Math.max(box[3], ring[i + 1]);
      }
    }
    return box;
  }

  function holds(rings, x, y) {
    let inside = false;
    for (const ring of rings) {
      for (let i = 0, j = ring.length - 2; i < ring.length; j = i, i += 2) {
        if (ring[i + 1] > y !== ring[j + 1] > y && x < ((ring[j] - ring[i]) * (y - ring[i + 1])) / (ring[j + 1] - ring[i + 1]) + ring[i]) inside = !inside;
      }
    }
    return inside;
  }

  const bucketOf = (x, y) => Math.floor((x * 2 ** BUCKET_ZOOM) / 256) + ":" + Math.floor((y * 2 ** BUCKET_ZOOM) / 256);

  const Tiles = L.GridLayer.extend({
    initialize(origin, shapes, style, options) {
      L.GridLayer.prototype.initialize.call(this, { updateWhenZooming: false, keepBuffer: 1, ...options });
      this.shapes = shapes;
      this._style = style;
      this._rings = shapes.outlines.map((steps) => steps.map((part) => projected(origin, part)));
      this._boxes = this._rings.map(boxOf);
      this._buckets = new Map();
      this._boxes.forEach((box, number) => {
        if (box[0] > box[2]) return;
        const side = 256 / 2 ** BUCKET_ZOOM;
        for (let x = box[0]; ; x = Math.min(x + side, box[2])) {
          for (let y = box[1]; ; y = Math.min(y + side, box[3])) {
            const key = bucketOf(x, y), found = this._buckets.get(key);
            if (!found) this._buckets.set(key, [number]);
            else if (found[found.length - 1] !== number) found.push(number);
            if (y >= box[3]) break;
          }
          if (x >= box[2]) break;
        }
      });
    },

    createTile(coords) {
      const tile = document.createElement("canvas"), size = this.getTileSize(), sharp = window.devicePixelRatio || 1;
      tile.width = size.x * sharp;
      tile.height = size.y * sharp;
      const pen = tile.getContext("2d"), scale = 2 ** coords.z;
      pen.setTransform(sharp, 0, 0, sharp, 0, 0);
      const left = (coords.x * size.x) / scale, top = (coords.y * size.y) / scale, margin = 8 / scale;
      const shown = this._within(left - margin, top - margin, left + size.x / scale + margin, top + size.y / scale + margin);
      pen.globalAlpha = this._style.opacity;
      for (const number of shown) {
        pen.beginPath();
        for (const ring of this._rings[number]) {
          if (ring.length === 2) pen.arc(ring[0] * scale - coords.x * size.x, ring[1] * scale - coords.y * size.y, 4, 0, 7);
          for (let i = 0; ring.length > 2 && i < ring.length; i += 2) {
            pen[i ? "lineTo" : "moveTo"](ring[i] * scale - coords.x * size.x, ring[i + 1] * scale - coords.y * size.y);
          }
          pen.closePath();
        }
        pen.fillStyle = this._style.colour(number);
        pen.fill("evenodd");
        const line = this._style.line(number);
        if (!line) continue;
        pen.strokeStyle = line[0];
        pen.lineWidth = line[1];
        pen.stroke();
      }
      return tile;
    },

    _within(left, top, right, bottom) {
      const found = new Set(), side = 256 / 2 ** BUCKET_ZOOM;
      for (let x = Math.floor(left / side); x <= right / side; x++) {
        for (let y = Math.floor(top / side); y <= bottom / side; y++) {
          for (const number of this._buckets.get(x + ":" + y) || []) {
            const box = this._boxes[number];
            if (box[0] <= right && box[2] >= left && box[1] <= bottom && box[3] >= top) found.add(number);
          }
        }
      }
      return [...found].sort((one, other) => one - other);
    },

    /* The shape at a position; points are met within six pixels. */
    at(latlng, zoom) {
      const spot = L.CRS.EPSG3857.latLngToPoint(latlng, 0), near = 6 / 2 ** zoom;
      const close = this._within(spot.x - near, spot.y - near, spot.x + near, spot.y + near);
      const hit = close.filter((number) => this._rings[number][0].length === 2 || holds(this._rings[number], spot.x, spot.y));
      return hit.length ? hit[hit.length - 1] : -1;
    },

    redrawn() {
      if (this._map) this.redraw();
    },
  });

  /* One layer that shows the level that suits the zoom; `coarse` is there at once, `levels` are `{from_zoom, block}`. */
  const Levels = L.Layer.extend({
    initialize(coarse, levels, make) {
      this._coarse = coarse;
      this._levels = levels;
      this._make = make;
      this._ready = levels.map(() => null);
      this.shown = -1;
    },
    onAdd(map) {
      map.on("zoomend", this._sync, this);
      this.shown = -2;
      this._sync();
    },
    onRemove(map) {
      map.off("zoomend", this._sync, this);
      [this._coarse, ...this._ready].forEach((layer) => layer && layer.then === undefined && map.removeLayer(layer));
    },
    _sync() {
      const map = this._map, zoom = map.getZoom();
      let wanted = -1;
      this._levels.forEach((level, number) => { if (zoom >= level.from_zoom) wanted = number; });
      if (wanted >= 0 && this._ready[wanted] === null && typeof DecompressionStream === "function") {
        const level = wanted; // which goes on to what is ready meanwhile
        this._ready[level] = unpacked(this._levels[level].block).then((shapes) => {
          this._ready[level] = this._make(shapes, level);
          if (this._map) this._sync();
        });
      }
      while (wanted >= 0 && !(this._ready[wanted] && this._ready[wanted].then === undefined)) wanted -= 1;
      if (wanted === this.shown) return;
      [this._coarse, ...this._ready].forEach((layer, number) => {
        if (!layer || layer.then !== undefined) return;
        if (number - 1 === wanted) layer.addTo(map);
        else map.removeLayer(layer);
      });
      this.shown = wanted;
      this.fire("level");
    },
    level(number) {
      const layer = this._ready[number];
      return layer && layer.then === undefined ? layer : null;
    },
    recoloured() {
      this._ready.forEach((layer) => layer && layer.then === undefined && layer.redrawn());
    },
    bringToFront() {
      if (this.shown === -1) this._coarse.bringToFront();
    },
  });

  window.livingCircle.near = { Tiles, Levels };
})();
