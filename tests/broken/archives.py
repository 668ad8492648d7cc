"""Archives: cut, locked, nested, made to fill memory or to write where they should not."""

from __future__ import annotations

import io
import stat
import zipfile
from pathlib import Path

from broken.corpus import Changes, broken, csv_text, cut, home_rows, homes_at, readable

TABLE = csv_text(home_rows()).encode()


def packed(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return an archive."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", method) as archive:
        for name, member in members.items():
            archive.writestr(name, member)
    return content.getvalue()


def as_homes(folder: Path, content: bytes, name: str = "homes.zip") -> Changes:
    """Write an archive, and take the homes from it."""
    (folder / name).write_bytes(content)
    return homes_at(name)


@readable("homes", "taken_from_archive")
def archive(folder: Path) -> Changes:
    return as_homes(folder, packed({"小区/homes.csv": TABLE, "readme.docx": b"x"}))


@broken("homes", "unreadable_file")
def archive_cut(folder: Path) -> Changes:
    changes = as_homes(folder, packed({"homes.csv": TABLE}))
    cut(folder / "homes.zip")
    return changes


@broken("homes", "archive_layers")
def archive_of_nothing(folder: Path) -> Changes:
    return as_homes(folder, packed({}))


@broken("homes", "archive_layers")
def archive_of_two_layers(folder: Path) -> Changes:
    return as_homes(folder, packed({"a.csv": TABLE, "b.csv": TABLE}))


@broken("homes", "archive_layers")
def archive_in_an_archive(folder: Path) -> Changes:
    inner = packed({"homes.csv": TABLE})
    for _ in range(20):
        inner = packed({"next.zip": inner})
    return as_homes(folder, inner)


@broken("homes", "archive_too_large")
def bomb(folder: Path) -> Changes:
    return as_homes(folder, packed({"homes.csv": bytes(200 * 2**20)}))


@broken("homes", "archive_too_large")
def bomb_in_a_workbook(folder: Path) -> Changes:
    return as_homes(folder, packed({"xl/worksheets/sheet1.xml": bytes(200 * 2**20)}), "homes.xlsx")


@broken("homes", "archive_too_large")
def bomb_that_says_it_is_small(folder: Path) -> Changes:
    content = bytearray(packed({"homes.csv": b"lon,lat\n" + b"1,2\n" * 10**6}))
    for mark, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = content.index(mark) + offset
        content[at : at + 4] = (12).to_bytes(4, "little")
    return as_homes(folder, bytes(content))


@broken("homes", "unsafe_archive")
def archive_that_leads_out(folder: Path) -> Changes:
    return as_homes(folder, packed({"../../homes.csv": TABLE}))


@broken("homes", "unsafe_archive")
def archive_with_an_absolute_path(folder: Path) -> Changes:
    return as_homes(folder, packed({"/etc/homes.csv": TABLE}), "homes.kmz")


@broken("homes", "unsafe_archive")
def archive_with_a_path_of_windows(folder: Path) -> Changes:
    return as_homes(folder, packed({"C:\\homes.csv": TABLE}))


@broken("homes", "unsafe_archive")
def archive_with_a_link(folder: Path) -> Changes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as packing:
        member = zipfile.ZipInfo("homes.csv")
        member.external_attr = (stat.S_IFLNK | 0o777) << 16
        packing.writestr(member, "/etc/passwd")
    return as_homes(folder, content.getvalue())


@broken("homes", "password_protected")
def archive_with_a_password(folder: Path) -> Changes:
    content = bytearray(packed({"homes.csv": TABLE}))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + offset] |= 1
    return as_homes(folder, bytes(content))


@broken("homes", "unreadable_file")
def archive_packed_in_a_rare_way(folder: Path) -> Changes:
    return as_homes(folder, packed({"homes.csv": TABLE}, zipfile.ZIP_LZMA))


@broken("homes", "unreadable_file")
def archive_with_a_changed_byte(folder: Path) -> Changes:
    content = bytearray(packed({"homes.csv": TABLE}, zipfile.ZIP_STORED))
    content[content.index(b"H1") + 1] = ord("7")
    return as_homes(folder, bytes(content))


@broken("homes", "truncated_file")
def archive_whose_table_of_contents_lies(folder: Path) -> Changes:
    content = bytearray(packed({"homes.csv": TABLE}))
    at = content.index(b"PK\x01\x02") + 42
    content[at : at + 4] = (0x7FFFFFF0).to_bytes(4, "little")
    return as_homes(folder, bytes(content))


@broken("homes", "archive_layers")
def kmz_without_kml(folder: Path) -> Changes:
    return as_homes(folder, packed({"images/a.png": b"x"}), "homes.kmz")


@broken("homes", "unreadable_file")
def kmz_with_a_cut_kml(folder: Path) -> Changes:
    return as_homes(folder, packed({"doc.kml": b"<?xml version='1.0'?><kml><Document><Placema"}), "homes.kmz")
