"""The map's background, drawn from the study's own streets: lines for a town, one picture for a city."""

from __future__ import annotations

import base64
import struct
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from livingcircle.model.columns import GeometryArray
from livingcircle.model.network import StreetEdges
from livingcircle.render.outlines import Frame, mercator_lonlat, mercator_of, slimmed
from livingcircle.render.words import STREET

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_LINES = 6000
_LONG_SIDE_PIXELS = 1800
_FINER = 2
_INKS = 8
_FINEST_METRES = 1.5


def background(streets: StreetEdges, frame: Frame) -> dict[str, Any]:
    """Return the streets for the map: `{"outlines": […]}`, or `{"image": data URL, "bounds": …}` above `MOST_LINES`."""
    lines = streets.lines[streets.drawn]
    if len(lines) <= MOST_LINES:
        return {"outlines": frame.outlines(slimmed(lines, 40_000))}
    return _picture(lines, streets.crs)


def _picture(streets: GeometryArray, crs: str) -> dict[str, Any]:
    lines: GeometryArray = shapely.transform(streets, lambda xy: mercator_of(xy, crs))
    left, bottom, right, top = shapely.total_bounds(lines)
    pixel = max((right - left) / _LONG_SIDE_PIXELS, (top - bottom) / _LONG_SIDE_PIXELS, _FINEST_METRES)
    width, height = (max(1, int(np.ceil(side / pixel))) for side in (right - left, top - bottom))
    right, bottom = left + width * pixel, top - height * pixel
    fine = _drawn(lines, left, top, pixel / _FINER, height * _FINER, width * _FINER)
    ink = fine.reshape(height, _FINER, width, _FINER).sum(axis=(1, 3), dtype=np.uint8) / _FINER**2
    corners = mercator_lonlat(np.array([[left, bottom], [right, top]]))[:, ::-1]
    return {"image": _png(np.minimum(1.0, ink * 2)), "bounds": np.round(corners, 6).tolist()}


def _drawn(lines: GeometryArray, left: float, top: float, pixel: float, height: int, width: int) -> NDArray[np.uint8]:
    """Return a picture (height, width) with 1 wherever a line passes; points every half pixel make the line."""
    thin = shapely.simplify(lines, pixel, preserve_topology=False)
    thin = shapely.segmentize(thin[shapely.length(thin) > 0], pixel / 2)  # loops smaller than a pixel shrink to a point
    x, y = shapely.get_coordinates(thin).T
    column = np.clip(((x - left) / pixel).astype(np.intp), 0, width - 1)
    row = np.clip(((top - y) / pixel).astype(np.intp), 0, height - 1)
    picture = np.zeros((height, width), np.uint8)
    picture[row, column] = 1
    return picture


def _png(ink: NDArray[np.float64]) -> str:
    """Draw ink (height, width) between 0 and 1 in the colour of streets; a palette of few shades keeps the file small."""
    shade = np.rint(ink * (_INKS - 1)).astype("uint8")
    height, width = shade.shape
    colour = bytes.fromhex(STREET[1:])
    opacity = bytes(round(255 * level / (_INKS - 1)) for level in range(_INKS))
    rows = np.pad(shade, ((0, 0), (1, 0))).tobytes()  # each row starts with the number of its filter: none
    content = b"\x89PNG\r\n\x1a\n" + b"".join(
        _chunk(name, data)
        for name, data in (
            (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
            (b"PLTE", colour * _INKS),
            (b"tRNS", opacity),
            (b"IDAT", zlib.compress(rows, 6)),
            (b"IEND", b""),
        )
    )
    return "data:image/png;base64," + base64.b64encode(content).decode("ascii")


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
