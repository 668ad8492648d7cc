"""The map in the page: sent once, kept by the browser while nothing on it changes, and following the service chosen beside it."""

from __future__ import annotations

import json

import streamlit as st

HEIGHT_PIXELS = 620

_FOLLOW = """<script>
// {about}
(function () {{
  const service = {service};
  function follow(patience) {{
    const frame = document.querySelector('iframe[data-testid="stIFrame"]');
    const chooser = frame && frame.contentDocument && frame.contentDocument.querySelector("select.lc-service");
    if (!chooser) {{
      if (patience > 0) setTimeout(follow, 100, patience - 1);
    }} else if (chooser.value !== service) {{
      chooser.value = service;
      chooser.dispatchEvent(new Event("change"));
    }}
  }}
  follow(300);
}})();
</script>"""


def map_panel(page: str, name: str) -> None:
    """Show the map; the same page again is neither sent nor drawn again."""
    st.iframe(page, height=HEIGHT_PIXELS, alt=name)


def follow(service: int, about: str) -> None:
    """Let the map show a service by its position, once for every `about`: after that its own chooser holds."""
    st.html(_FOLLOW.format(about=about, service=json.dumps(str(service))), unsafe_allow_javascript=True)
