"""The panel that says where every figure comes from: warnings, files with digests, credits, and the run itself."""

from __future__ import annotations

from pathlib import Path

from desk import markup
from desk.markup import Header
from desk.panels.certainty import certainty
from desk.view import View
from livingcircle.render.words import in_one_language, say, say_code, shown_count, shown_moment


def about_data(view: View) -> None:
    """Show what must be known of the data before a figure is quoted, and how a figure can be made again."""
    figures, language = view.answers.figures, view.language
    credited = [in_one_language(one, language) for one in figures["attribution"]]
    warnings = [
        [
            markup.stacked(_plain(fault.problem(language)), Path(fault.file).name, title=fault.place(language)),
            _plain(fault.remedy(language)),
        ]
        for fault in view.answers.results.study.warnings
    ]
    headers = [
        Header(view.header(f"problem_{language}"), wide=True),
        Header(view.header(f"remedy_{language}"), wide=True),
    ]
    shown = markup.heading(view.say("data_warnings"))
    shown += markup.table("warnings", headers, warnings) if warnings else markup.paragraph(view.say("data_no_warnings"))
    shown += certainty(view)
    files = [
        [say_code("role", row["role"], language), row["file"], shown_count(row["size_bytes"]), row["sha256"]]
        for row in figures["inputs"]
    ]
    headers = [
        Header(view.header("role")),
        Header(view.header("file"), wide=True),
        Header(view.header("size_bytes"), figures=True),
        Header(view.header("sha256"), wide=True),
    ]
    shown += markup.heading(view.say("data_inputs")) + markup.table("inputs", headers, files)
    shown += markup.heading(view.say("data_attribution")) + markup.listed(credited)
    shown += markup.heading(view.say("data_method")) + markup.paragraph(say("overview.basis_text", language))
    made = figures["provenance"]
    facts = {
        "run_made": shown_moment(made["started_utc"], language),
        "run_seconds": view.say("seconds", seconds=f"{sum(made['stage_seconds'].values()):.1f}"),
        "run_crs": view.answers.results.study.crs,
        "run_settings": made["settings_sha256"],
        "run_versions": view.say("between").join(f"{name} {version}" for name, version in made["versions"].items()),
    }
    rows = [[view.say(name), fact] for name, fact in facts.items()]
    markup.show(
        shown + markup.heading(view.say("data_run")) + markup.table("run", [Header(""), Header("", wide=True)], rows)
    )


def _plain(sentence: str) -> str:
    """Return a sentence without the marks that set keys of the study file apart on a terminal."""
    return sentence.replace("`", "")
