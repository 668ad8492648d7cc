"""What is around every page: sign-in where it is set up, language and size of the text, and what a screen reader is told of the page."""

from __future__ import annotations

import json
from collections.abc import Mapping

import streamlit as st

from desk import markup
from desk.address import asked, chosen, go
from desk.start import plain
from desk.widgets import saying
from livingcircle.faults import Language
from livingcircle.render.words import say

LANGUAGE_NAMES: Mapping[str, str] = {"zh": "中文", "en": "English"}
SIZES = ("normal", "large")
USUAL_PIXELS, LARGE_PIXELS = 15, 20

# The parts of the page are plain boxes to a screen reader, and its buttons and inputs for files all have one English name; the link is the
# first stop of the Tab key. Streamlit draws its parts whenever it likes, so they are named whenever something was drawn.
_ENGLISH = {
    "Open": "open_list",
    "Decrement": "less",
    "Increment": "more",
    "Clear all": "clear_all",
    "Remove": "take_out",
}
"""What the buttons within its widgets are called, and the words for that."""
_LANDMARKS = """<script>
(function () {{
  const words = {words};
  const set = (element, name, value) => {{
    if (element && element.getAttribute(name) !== value) element.setAttribute(name, value);
  }};
  function name() {{
    set(document.documentElement, "lang", words.lang);
    const main = document.querySelector('[data-testid="stMain"]');
    const side = document.querySelector('[data-testid="stSidebar"]');
    set(main, "role", "main");
    set(main, "aria-label", words.main);
    set(main, "id", "lc-main");
    set(side, "role", "complementary");
    set(side, "aria-label", words.side);
    for (const box of document.querySelectorAll('[data-testid="stFileUploaderDropzone"]')) {{
      set(box.querySelector("input"), "aria-label", box.getAttribute("aria-label"));
      set(box.querySelector("button"), "aria-label", words.choose + " – " + box.getAttribute("aria-label"));
    }}
    for (const button of document.querySelectorAll("[data-testid=stApp] button[aria-label]")) {{
      const was = button.dataset.lcWas || button.getAttribute("aria-label");
      const [first, ...rest] = was.split(" ");
      const own = words.own[was] || (words.own[first] && rest.length && words.own[first] + " " + rest.join(" "));
      if (!own) continue;
      button.dataset.lcWas = was;
      set(button, "aria-label", own);
    }}
    for (const tabs of document.querySelectorAll("[role=tablist]")) set(tabs, "aria-label", words.tabs);
    for (const table of document.querySelectorAll(".lc-scroll")) {{
      if (table.scrollWidth > table.clientWidth) set(table, "tabindex", "0");
    }}
  }}
  let link = document.getElementById("lc-skip");
  if (!link) {{
    link = document.createElement("a");
    link.id = "lc-skip";
    link.href = "#lc-main";
    link.addEventListener("click", (event) => {{
      event.preventDefault();
      const target = document.getElementById("lc-main");
      target.tabIndex = -1;
      target.focus();
    }});
    document.body.prepend(link);
  }}
  link.textContent = words.skip;
  if (window.livingCircleNames) window.livingCircleNames.disconnect();
  window.livingCircleNames = new MutationObserver(name);
  window.livingCircleNames.observe(document.body, {{ childList: true, subtree: true }});
  name();
}})();
</script>"""


def signed_in(language: Language) -> bool:
    """Return whether the reader may go on: always where no sign-in is set up (`[auth]` in secrets.toml), else once signed in."""
    if not _asks_to_sign_in() or st.user.is_logged_in:
        return True
    markup.show(
        markup.heading(say("start.sign_in_title", language)) + markup.paragraph(say("start.sign_in_note", language))
    )
    st.button(say("start.sign_in", language), key="sign_in", type="primary", on_click=st.login)
    return False


def around(language: Language) -> None:
    """Show what stands first in the sidebar on every page."""
    chosen(
        st.segmented_control, "lang", say("page.language", language), LANGUAGE_NAMES, language,
        required=True, label_visibility="collapsed", width="stretch",
    )  # fmt: skip
    if _asks_to_sign_in() and st.user.is_logged_in:
        name = str(st.user.get("name") or st.user.get("email") or "")
        st.button(plain(say("start.sign_out", language, name=name)), key="sign_out", on_click=st.logout)


def text_size(language: Language) -> None:
    """Offer larger text, for projectors and for eyes that need it; the address keeps it."""
    large = chosen_size() == "large"
    with saying("larger_text", large):
        st.toggle(say("start.larger", language), key="larger_text", on_change=_keep_size)
    if large:
        st.html(
            f"<style>html {{ font-size: {LARGE_PIXELS}px !important; --lc-zoom: {LARGE_PIXELS / USUAL_PIXELS:.3g}; }}</style>"
        )


def chosen_size() -> str:
    """Return the size of text that was asked for."""
    return asked("text", SIZES, SIZES[0])


def landmarks(language: Language) -> None:
    """Tell screen readers the language and the parts of the page, and let the keyboard skip what stands before its content."""
    words = {
        "lang": say("map.language", language),
        "main": say("page.name", language),
        "side": say("start.sidebar", language),
        "skip": say("start.skip", language),
        "choose": say("start.choose", language),
        "tabs": say("start.tabs", language),
        "own": {was: say(f"start.{key}", language) for was, key in _ENGLISH.items()},
    }
    # Boxes for files speak English only; their style says these words instead.
    own = {"choose": say("start.choose", language), "drop": say("start.drop", language)}
    named = " ".join(f"--lc-{name}: {json.dumps(text, ensure_ascii=False)};" for name, text in own.items())
    st.html(f"<style>:root {{ {named} }}</style>")
    st.html(_LANDMARKS.format(words=json.dumps(words, ensure_ascii=False)), unsafe_allow_javascript=True)


def _keep_size() -> None:
    go("text", SIZES[bool(st.session_state["larger_text"])])


def _asks_to_sign_in() -> bool:
    try:
        return "auth" in st.secrets
    except FileNotFoundError:  # nobody wrote secrets.toml
        return False
