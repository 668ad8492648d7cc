"""A PDF as others see it: the ink on its pages, its words and where they stand, its fonts."""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import numpy as np
from PIL import Image

_SPACE = re.compile(r"[\s\u00a0\u200b\u00ad]+")


def bare(text: str) -> str:
    """A text without spaces of any kind, of which a line break makes or takes some."""
    return _SPACE.sub("", text)


def ink(pdf: Path, poppler: Path) -> list[float]:
    """The share of each page that is printed on, without its header and footer."""
    return [float((body < 225).mean()) for body in _bodies(pdf, poppler)]


def reach(pdf: Path, poppler: Path) -> list[float]:
    """How far down each page is printed on, as a share of what is between header and footer."""
    rows = [(body < 225).any(axis=1) for body in _bodies(pdf, poppler)]
    return [float(np.flatnonzero(one).max(initial=-1) + 1) / len(one) for one in rows]


def _bodies(pdf: Path, poppler: Path) -> Iterator[np.ndarray]:
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([poppler / "pdftoppm", "-r", "36", "-gray", pdf, f"{folder}/p"], check=True, capture_output=True)
        for file in sorted(Path(folder).iterdir()):
            grey = np.asarray(Image.open(file))
            edge = round(0.072 * len(grey))  # within the margins stand header and footer
            yield grey[edge:-edge]


def words(pdf: Path, poppler: Path) -> list[list[tuple[str, float, float, float, float]]]:
    """The words of each page with their boxes as shares of its width and height."""
    command = [poppler / "pdftotext", "-bbox", pdf, "-"]
    html = subprocess.run(command, check=True, capture_output=True, text=True, encoding="utf-8").stdout
    pages = []
    for page in html.split("<page ")[1:]:
        wide, high = (float(re.search(rf'{side}="([\d.]+)"', page).group(1)) for side in ("width", "height"))
        found = re.findall(
            r'<word xMin="([-\d.]+)" yMin="([-\d.]+)" xMax="([-\d.]+)" yMax="([-\d.]+)">(.*?)</word>', page
        )
        pages.append(
            [
                (unescape(text), float(x0) / wide, float(y0) / high, float(x1) / wide, float(y1) / high)
                for x0, y0, x1, y1, text in found
            ]
        )
    return pages


def overlapping(found: list[tuple[str, float, float, float, float]]) -> list[tuple[str, str]]:
    """Words of a page that are printed over one another: more than a third of the smaller one is covered."""
    if not found:
        return []
    x0, y0, x1, y1 = np.array([one[1:] for one in found]).T
    wide = np.minimum(x1[:, None], x1) - np.maximum(x0[:, None], x0)
    high = np.minimum(y1[:, None], y1) - np.maximum(y0[:, None], y0)
    area = (x1 - x0) * (y1 - y0)
    over = np.clip(wide, 0, None) * np.clip(high, 0, None) > np.minimum(area[:, None], area) / 3
    return [(found[a][0], found[b][0]) for a, b in zip(*np.nonzero(np.triu(over, 1)), strict=True)]


def text(pdf: Path, poppler: Path) -> str:
    """Everything a PDF says, in the order it was written, without spaces."""
    return "".join(texts(pdf, poppler))


def texts(pdf: Path, poppler: Path) -> list[str]:
    """What each page of a PDF says, in the order it was written, without spaces."""
    command = [poppler / "pdftotext", "-raw", pdf, "-"]
    said = subprocess.run(command, check=True, capture_output=True, text=True, encoding="utf-8").stdout
    return [bare(page) for page in said.split("\f")[:-1]]


def images(pdf: Path, poppler: Path) -> list[str]:
    """The object of every picture drawn, page by page; transparency apart."""
    command = [poppler / "pdfimages", "-list", pdf]
    listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[2:]
    return [line.split()[10] for line in listed if line.split()[2] == "image"]


def fonts(pdf: Path, poppler: Path) -> list[tuple[str, bool]]:
    """The fonts of a PDF, and whether each is inside it."""
    command = [poppler / "pdffonts", pdf]
    listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[2:]
    return [(line.split()[0].split("+")[-1], line.split()[-5] == "yes") for line in listed]
