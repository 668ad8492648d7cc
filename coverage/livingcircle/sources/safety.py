"""What is looked at before a file is opened: that it is one, how large it is unpacked and where to, what its XML declares.

A file from outside may be made to fill memory or disk, to write where it should not, or to keep a reader waiting. Each of these is a fault
here, before any library has opened the file.
"""

from __future__ import annotations

import bz2
import gzip
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import IO
from xml.parsers import expat

from livingcircle.errors import InputError
from livingcircle.faults import Fault, unreadable

MOST_UNPACKED_BYTES = 2 * 2**30
"""A shapefile has at most as much in each of its parts."""
MOST_TIMES_LARGER = 200
UNSUSPICIOUS_BYTES = 100 * 2**20
"""Below this, how many times larger a file becomes does not matter: tables full of blanks are easily packed."""
MOST_MEMBERS = 10_000
_CHUNK = 1 << 20


def check_is_file(path: Path) -> None:
    """Refuse what is not there, and folders, devices and pipes, which a reader would wait for without end.

    Raises
    ------
    InputError
        `missing_file` or `not_a_file`.
    """
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError) as error:  # a name that is too long, or has a zero in it
        raise InputError(Fault("missing_file", file=str(path))) from error
    if not stat.S_ISREG(mode):
        raise InputError(Fault("not_a_file", file=str(path)))


def zip_members(path: Path, archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """Return the files of a ZIP archive after looking at what its table of contents says of them.

    Raises
    ------
    InputError
        `unsafe_archive` for names that lead out of the folder or links, `archive_too_large`, or `password_protected`.
    """
    members = [member for member in archive.infolist() if not member.is_dir()]
    unpacked, packed = sum(member.file_size for member in members), sum(member.compress_size for member in members)
    times = unpacked / max(packed, 1)
    bomb = unpacked > UNSUSPICIOUS_BYTES and times > MOST_TIMES_LARGER
    if unpacked > MOST_UNPACKED_BYTES or bomb or len(members) > MOST_MEMBERS:
        raise InputError(_too_large(path, unpacked))
    for member in members:
        if _leads_astray(member):
            raise InputError(Fault("unsafe_archive", file=str(path), value=member.filename))
        if member.flag_bits & 1:
            raise InputError(Fault("password_protected", file=str(path)))
    return members


def _leads_astray(member: zipfile.ZipInfo) -> bool:
    name = member.filename.replace("\\", "/")
    parts = PurePosixPath(name).parts
    return (
        name.startswith("/")
        or ".." in parts
        or ":" in name
        or stat.S_ISLNK(member.external_attr >> 16)
        or "\0" in (member.orig_filename or "")
    )


def _too_large(path: Path, unpacked: float) -> Fault:
    size = {"gib": unpacked / 2**30, "most": MOST_UNPACKED_BYTES / 2**30, "times": MOST_TIMES_LARGER}
    return Fault("archive_too_large", file=str(path), details=size)


def inflated(path: Path, stream: IO[bytes], member: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield the content of a member of a ZIP archive in pieces; no more than its table of contents says.

    Python's `zipfile` stops at the size that is stated, other libraries go on: an archive that understates is found only by unpacking.

    Raises
    ------
    InputError
        When there is more in it than stated or something else, or it cannot be unpacked.
    """
    if member.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise InputError(unreadable(path, f"compression method {member.compress_type} of {member.filename}"))
    stream.seek(member.header_offset + 26)
    lengths = stream.read(4)
    if len(lengths) < 4:
        raise InputError(Fault("truncated_file", file=str(path)))
    stream.seek(sum(struct.unpack("<HH", lengths)), 1)
    left, produced, checksum = member.compress_size, 0, 0
    unpack = zlib.decompressobj(-zlib.MAX_WBITS) if member.compress_type == zipfile.ZIP_DEFLATED else None
    try:
        while left > 0:
            piece = stream.read(min(_CHUNK, left))
            if not piece:
                raise InputError(Fault("truncated_file", file=str(path)))
            left -= len(piece)
            while piece:
                content = unpack.decompress(piece, _CHUNK) if unpack else piece
                piece = unpack.unconsumed_tail if unpack else b""
                produced += len(content)
                if produced > member.file_size:
                    raise InputError(_too_large(path, produced))
                checksum = zlib.crc32(content, checksum)
                yield content
    except zlib.error as error:
        raise InputError(unreadable(path, error)) from error
    if produced != member.file_size or checksum != member.CRC:
        raise InputError(unreadable(path, f"checksum of {member.filename}"))


def check_compressed(path: Path) -> None:
    """Refuse a single compressed file (`.gz`, `.bz2`) that unpacks to more than an archive may; others pass.

    Raises
    ------
    InputError
        `archive_too_large`, or when it cannot be unpacked.
    """
    suffix = path.suffix.lower()
    if suffix not in {".gz", ".bz2"}:
        return
    unpacked, packed = 0, max(path.stat().st_size, 1)
    try:
        with gzip.open(path) if suffix == ".gz" else bz2.open(path) as stream:
            while content := stream.read(_CHUNK):
                unpacked += len(content)
                bomb = unpacked > UNSUSPICIOUS_BYTES and unpacked / packed > MOST_TIMES_LARGER
                if unpacked > MOST_UNPACKED_BYTES or bomb:
                    raise InputError(_too_large(path, unpacked))
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(unreadable(path, error)) from error


def unpack(path: Path, members: Iterable[zipfile.ZipInfo], folder: Path) -> list[Path]:
    """Write members of an archive into a folder, all called `layer` with their own extensions, and return the files."""
    written = []
    with path.open("rb") as stream:
        for member in members:
            target = folder / f"layer{Path(member.filename).suffix.lower()}"
            with target.open("wb") as file:
                for content in inflated(path, stream, member):
                    file.write(content)
            written.append(target)
    return written


class _Root(Exception):  # noqa: N818 - no error: the start of the content was reached
    """The first element was reached."""


class _Doctype(Exception):  # noqa: N818 - no error of ours: the reader says what it means
    """A document type was declared before it."""


def check_xml(path: Path) -> None:
    """Refuse XML that declares a document type: entities that stand for one another can fill memory, or name other files.

    None of the formats read here has one. Only what stands before the first element is read.

    Raises
    ------
    InputError
        `xml_entities`; what is no XML at all is left to the reader.
    """
    parser = expat.ParserCreate()

    def started(*_: object) -> None:
        raise _Root

    def declared(*_: object) -> None:
        raise _Doctype

    parser.StartElementHandler = started
    parser.StartDoctypeDeclHandler = declared
    try:
        with path.open("rb") as stream:
            while content := stream.read(_CHUNK):
                parser.Parse(content, False)
    except (_Root, expat.ExpatError):
        return
    except _Doctype:
        raise InputError(Fault("xml_entities", file=str(path))) from None
