"""Commented YAML, read so that every fault can name its line and be said in both languages.

Study files and standards are written by hand. They are read once, here: the values, the line each one stands on, and
what pydantic has against them, turned into faults of this program.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticCustomError

from livingcircle.errors import SettingsError
from livingcircle.faults import Fault, unreadable

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

Location = tuple[int | str, ...]
"""Keys and list positions (from 0) that lead to a value."""

Model = TypeVar("Model", bound=BaseModel)

_KNOWN_TO_YAML = {"found character '\\t'": "yaml_tab", "unknown escape": "yaml_backslash"}
"""What the parser says of slips that are common by hand, and the fault that says how to mend them."""

_QUOTED_DRIVE = re.compile(r'^[^#\n]*"[A-Za-z]:\\(?!\\)', re.MULTILINE)
"""A path of Windows in double quotation marks: `D:\\new` would be read as a line break and `ew`, without a word."""

SHORT = 60
"""Characters of a value that a line of a report has room for."""


@dataclass(frozen=True, slots=True)
class YamlText:
    """The content of one YAML file, or of settings composed without one, and the line (from 1) each value stands on."""

    file: str
    content: Any
    rows: Mapping[Location, int] = field(default_factory=dict)

    def row(self, location: Location) -> int | None:
        """Return the line of a value, or of the nearest thing around it; None for settings that never were in a file."""
        for length in range(len(location), -1, -1):
            if location[:length] in self.rows:
                return self.rows[location[:length]]
        return None

    def value(self, location: Location) -> Any:
        """Return the value at a location, None where there is none."""
        found = self.content
        for step in location:
            try:
                found = found[step]
            except (KeyError, IndexError, TypeError):
                return None
        return found


def read_yaml(path: Path) -> YamlText:
    """Read one YAML 1.2 file (`no` stays a word).

    Raises
    ------
    SettingsError
        When it is missing, not UTF-8 or not YAML; a key given twice is not YAML.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        if path.exists() and not path.is_file():  # a pipe or a device would be waited for without end
            raise SettingsError(Fault("not_a_file", file=str(path)))
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise SettingsError(Fault("missing_file", file=str(path))) from error
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(unreadable(path, "UTF-8" if isinstance(error, UnicodeDecodeError) else error)) from error
    if drive := _QUOTED_DRIVE.search(text):
        raise SettingsError(Fault("yaml_backslash", file=str(path), row=text.count("\n", 0, drive.end()) + 1))
    try:
        yaml = YAML(typ="safe", pure=True)
        root = yaml.compose(text)
        content = None if root is None else yaml.constructor.construct_document(root)
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reason = str(getattr(error, "problem", None) or type(error).__name__).splitlines()[0]
        row = None if mark is None else mark.line + 1
        known = next((kind for said, kind in _KNOWN_TO_YAML.items() if said in reason), "bad_yaml")
        details: dict[str, str | float] = {"reason": reason} if known == "bad_yaml" else {}
        raise SettingsError(Fault(known, file=str(path), row=row, details=details)) from error
    except (ValueError, RecursionError) as error:  # a date or number that is none, lists in lists without end
        raise SettingsError(Fault("bad_yaml", file=str(path), details={"reason": str(error)[:SHORT]})) from error
    return YamlText(file=str(path), content=content, rows=_rows(root))


def _rows(root: Any) -> dict[Location, int]:
    """Walk the nodes of a document; a node that aliases point to is entered once, so that aliases cannot explode."""
    rows: dict[Location, int] = {}
    entered: set[int] = set()
    waiting: list[tuple[Location, Any]] = [] if root is None else [((), root)]
    if root is not None:
        rows[()] = root.start_mark.line + 1
    while waiting:
        location, node = waiting.pop()
        if id(node) in entered or not isinstance(node.value, list):
            continue
        entered.add(id(node))
        for position, entry in enumerate(node.value):
            key, child = entry if isinstance(entry, tuple) else (None, entry)
            step = position if key is None else str(key.value)
            rows[*location, step] = (child if key is None else key).start_mark.line + 1
            waiting.append(((*location, step), child))
    return rows


def validated(model: type[Model], text: YamlText, **context: object) -> tuple[Model | None, tuple[Fault, ...]]:
    """Check the content of a file against a model: the settings, or every fault of it in the order of its lines."""
    try:
        return model.model_validate(text.content, context=context), ()
    except ValidationError as error:
        entries = error.errors(include_url=False)
        # pydantic counts only sound entries: a list whose entries are wrong would be too short as well.
        inside = {entry["loc"][:length] for entry in entries for length in range(len(entry["loc"]))}
        told = [entry for entry in entries if entry["type"] != "too_short" or entry["loc"] not in inside]
        return None, in_order(_fault(entry, model, text) for entry in told)


def in_order(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    """Sort the faults of one file as a reader meets them."""
    return tuple(sorted(faults, key=lambda fault: (fault.row or 0, fault.column)))


def dotted(location: Location) -> str:
    """Say where a value is: `siting[1].sites` is in the first entry of the list, for people count from one."""
    said = "".join(f"[{step + 1}]" if isinstance(step, int) else f".{step}" for step in location)
    return said.removeprefix(".")


def short(value: object) -> str:
    """Quote a value in a report: numbers and the beginning of words, nothing of lists and mappings."""
    if isinstance(value, bool):
        return str(value).lower()
    text = str(value) if isinstance(value, str | int | float) else ""
    return text if len(text) <= SHORT else text[: SHORT - 1] + "…"


# ── What pydantic says, in our words ────────────────────────────────────────

_NEEDED: Mapping[str, tuple[str, str]] = {
    "float_type": ("数字", "a number"),
    "float_parsing": ("数字", "a number"),
    "finite_number": ("有限的数字", "a finite number"),
    "int_type": ("整数", "a whole number"),
    "int_parsing": ("整数", "a whole number"),
    "int_from_float": ("整数", "a whole number"),
    "string_type": ("文字（数字请加引号）", "words (quote what is only digits)"),
    "path_type": ("文件路径", "a path"),
    "bool_type": (" true 或 false", "true or false"),
    "bool_parsing": (" true 或 false", "true or false"),
    "tuple_type": ("列表（每项以“- ”开头）", "a list (each entry after “- ”)"),
    "list_type": ("列表（每项以“- ”开头）", "a list (each entry after “- ”)"),
    "dict_type": ("“键：值”形式的内容", "a group of “key: value” lines"),
    "model_type": ("“键：值”形式的内容", "a group of “key: value” lines"),
    "model_attributes_type": ("“键：值”形式的内容", "a group of “key: value” lines"),
    "greater_than": ("大于 {gt:g} 的数", "greater than {gt:g}"),
    "greater_than_equal": ("不小于 {ge:g} 的数", "{ge:g} or more"),
    "less_than": ("小于 {lt:g} 的数", "less than {lt:g}"),
    "less_than_equal": ("不大于 {le:g} 的数", "{le:g} or less"),
    "literal_error": ("以下之一：{expected}", "one of {expected}"),
    "union_tag_invalid": ("以下之一：{expected_tags}", "one of {expected_tags}"),
    "string_pattern_mismatch": ("符合 {pattern} 的文字", "words that match {pattern}"),
    "string_too_short": ("非空文字", "words, not nothing"),
    "too_short": ("至少含 {min_length} 项的列表", "a list of at least {min_length}"),
}
"""What a setting should be, by pydantic's name of the fault."""


def needed(zh: str, en: str) -> PydanticCustomError:
    """Make the error a validator raises: what the setting it looks at should be."""
    return PydanticCustomError("needed", "must be {en}", {"zh": zh, "en": en})


def needed_key(key: str) -> PydanticCustomError:
    """Make the error a validator raises when another key must be given, too."""
    return PydanticCustomError("needed_key", "{key} is missing", {"key": key})


def _fault(entry: ErrorDetails, model: type[BaseModel], text: YamlText) -> Fault:
    location, kind = _as_written(entry["loc"], text.content), entry["type"]
    details = dict(entry.get("ctx", {}))
    if kind in {"union_tag_invalid", "union_tag_not_found"}:
        location = (*location, "kind")
    elif kind == "needed_key":
        location = (*location, str(details["key"]))
    place: dict[str, Any] = {"file": text.file, "row": text.row(location), "column": dotted(location)}
    if kind in {"missing", "union_tag_not_found", "needed_key"}:
        return Fault("missing_setting", **place)
    if kind == "extra_forbidden":
        known = _keys(model, entry["loc"])
        near = difflib.get_close_matches(str(location[-1]), known, n=3, cutoff=0.5) or known
        return Fault("unknown_setting", **place, details={"nearest": ", ".join(near)})
    place["value"] = short(text.value(location))
    if kind == "needed":
        words = {"needed_zh": str(details["zh"]), "needed_en": str(details["en"])}
    elif kind in _NEEDED:
        said = {name: _listed(value) for name, value in details.items()}
        words = {
            name: words.format_map(said) for name, words in zip(("needed_zh", "needed_en"), _NEEDED[kind], strict=True)
        }
    else:
        return Fault("bad_setting", **place, details={"reason": entry["msg"]})
    return Fault("wrong_setting", **place, details=words)


def _listed(value: Any) -> Any:
    """Write pydantic's quoted choices as a plain list, which needs no translation."""
    return re.sub("'([^']*)'", r"\1", value).replace(" or ", ", ") if isinstance(value, str) else value


def _as_written(location: Location, content: Any) -> Location:
    """Leave out the steps pydantic adds for itself: the kind it chose, stated or not, which is no key of the file."""
    written: list[int | str] = []
    for place, step in enumerate(location, start=1):
        chosen = isinstance(content, Mapping) and step not in content
        if chosen and (content.get("kind") == step or place < len(location)):
            continue
        written.append(step)
        try:
            content = content[step]
        except (KeyError, IndexError, TypeError):
            content = None
    return tuple(written)


def _keys(model: type[BaseModel], location: Location) -> list[str]:
    """Name the keys a model knows where an unknown one was found, by its schema."""
    schema = model.model_json_schema()
    definitions = schema.get("$defs", {})
    part = _opened(schema, definitions)
    for step in location[:-1]:
        kinds = part.get("discriminator", {}).get("mapping", {})
        if step in kinds:
            inner = {"$ref": kinds[step]}
        elif isinstance(step, int):
            inner = part.get("items", part)  # a single entry may stand for a list of one
        else:
            inner = part.get("properties", {}).get(step, {})
        part = _opened(inner, definitions)
    return sorted(part.get("properties", {}))


def _opened(part: Mapping[str, Any], definitions: Mapping[str, Any]) -> Mapping[str, Any]:
    """Follow references and optional parts of a schema to what they stand for."""
    while "$ref" in part or "anyOf" in part:
        if "$ref" in part:
            part = definitions[str(part["$ref"]).rpartition("/")[2]]
        else:
            part = next(option for option in part["anyOf"] if option.get("type") != "null")
    return part
