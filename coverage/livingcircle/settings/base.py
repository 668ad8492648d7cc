"""What all settings are made of."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, model_validator

from livingcircle.yaml_text import needed


def beside_study_file(path: Path, info: ValidationInfo) -> Path:
    """Return a path as seen from the folder of the study file; a link keeps its own name, which tells the format."""
    folder = (info.context or {}).get("folder")
    return path if folder is None or path.is_absolute() else Path(os.path.normpath(Path(folder) / path))


def _like(pattern: str, zh: str, en: str) -> AfterValidator:
    """Check a text against a pattern; who writes it is told in words, not in the pattern."""

    def checked(text: str) -> str:
        if re.fullmatch(pattern, text) is None:
            raise needed(zh, en)
        return text

    return AfterValidator(checked)


_SHORT_NAME = "^[a-z0-9][a-z0-9_-]*$"
_TIME_OF_DAY = r"^([01]\d|2[0-3]):[0-5]\d$"

ShortName = Annotated[
    str,
    _like(_SHORT_NAME, "由小写字母、数字、“-”和“_”组成的短名", "a short name of lower-case letters, digits, - and _"),
    Field(json_schema_extra={"pattern": _SHORT_NAME}),
]
TimeOfDay = Annotated[
    str,
    _like(_TIME_OF_DAY, "“10:00”这样的时刻（加引号）", "a time of day such as “10:00”, in quotes"),
    Field(json_schema_extra={"pattern": _TIME_OF_DAY}),
]
StudyPath = Annotated[Path, AfterValidator(beside_study_file)]
Number = Annotated[float, Field(strict=True)]
Positive = Annotated[float, Field(gt=0, strict=True)]
Wait = Annotated[Number, Field(ge=0, le=600)]


class Settings(BaseModel):
    """Frozen, without unknown keys, documented by the text under each field."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        use_attribute_docstrings=True,
        str_strip_whitespace=True,
        allow_inf_nan=False,
        revalidate_instances="always",
    )


class Title(Settings):
    """A name in both languages; either may stand for both."""

    zh: str = ""
    """In Chinese."""
    en: str = ""
    """In English."""

    @model_validator(mode="after")
    def _either(self) -> Self:
        if not (self.zh or self.en):
            raise needed("中文 zh 或英文 en 名称，至少写一个", "a name: zh, en or both")
        return self
