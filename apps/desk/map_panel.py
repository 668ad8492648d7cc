"""The map in the page: sent once, kept by the browser while nothing on it changes, and following the service chosen beside it."""

from __future__ import annotations

import json

import streamlit as st

HEIGHT_PIXELS = 620

# The frame may be made anew at any time (tabs, another language), so what it was told is noted in the frame itself.
_FOLLOW = """<script>
(function () {{
  const name = {name}, service = {service}, about = {about};
  function tell() {{
    const frame = document.querySelector("iframe[title=" + JSON.stringify(name) + "]");
    const inside = frame && frame.contentDocument;
    const chooser = inside && inside.querySelector("select.lc-service");
    if (!chooser || inside.documentElement.dataset.told === about) return;
    inside.documentElement.dataset.told = about;
    chooser.value = service;
    chooser.dispatchEvent(new Event("change"));
  }}
  clearInterval(window.livingCircleFollows);
  if (service !== null) window.livingCircleFollows = setInterval(tell, 200);
}})();
</script>"""


def map_panel(page: str, name: str) -> None:
    """Show the map; the same page again is neither sent nor drawn again."""
    st.iframe(page, height=HEIGHT_PIXELS, alt=name)


def follow(name: str, service: int | None) -> None:
    """Let the map of this name show a service by its position, once for every choice: after that its own chooser holds."""
    values = {"name": name, "service": None if service is None else str(service), "about": f"{name} {service}"}
    script = _FOLLOW.format(**{key: json.dumps(value) for key, value in values.items()})
    st.html(script, unsafe_allow_javascript=True)
