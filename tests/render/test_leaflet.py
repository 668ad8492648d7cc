import base64
import hashlib
import re

import pytest

from livingcircle.render.leaflet import ASSETS, VENDOR, OfflineMap, asset_url

LEAFLET_SHA256 = {
    "leaflet.js": "db49d009c841f5ca34a888c96511ae936fd9f5533e90d8b2c4d57596f4e5641a",
    "leaflet.css": "a7837102824184820dfa198d1ebcd109ff6d0ff9a2672a074b9a1b4d147d04c6",
}


def addresses(page):
    return re.findall(r'(?:src|href)="([^"]+)"', page)


def test_an_inlined_map_asks_for_nothing():
    page = OfflineMap(location=[32, 118]).get_root().render()
    found = addresses(page)
    assert len(found) == len(ASSETS)
    assert all(address.startswith("data:") for address in found)
    assert "://" not in re.sub(r"base64,[A-Za-z0-9+/=]+", "", page)


def test_inlined_files_are_the_vendored_ones():
    for name in ASSETS:
        content = base64.b64decode(asset_url(name, "inline").partition(",")[2])
        assert content == (VENDOR / name).read_bytes()


def test_a_page_may_serve_the_files_itself():
    page = OfflineMap(assets="/app/static/vendor/", location=[32, 118]).get_root().render()
    assert addresses(page) == [f"/app/static/vendor/{name}" for name in sorted(ASSETS, key=lambda name: "css" in name)]


def test_maps_do_not_share_their_links():
    OfflineMap(assets="/elsewhere", location=[32, 118])
    assert all(url.startswith("data:") for _, url in OfflineMap(location=[32, 118]).default_js)


@pytest.mark.parametrize("name", LEAFLET_SHA256)
def test_leaflet_is_the_published_release(name):
    assert hashlib.sha256((VENDOR / "leaflet" / name).read_bytes()).hexdigest() == LEAFLET_SHA256[name]
    assert "Agafonkin" in (VENDOR / "leaflet" / "LICENSE").read_text(encoding="utf-8")


def test_vendored_files_stay_small():
    assert sum(file.stat().st_size for file in VENDOR.rglob("*") if file.is_file()) < 1_000_000
