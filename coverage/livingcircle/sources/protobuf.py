"""The wire format of protocol buffers, read for many messages at once: where their fields lie, and lists of whole numbers.

A message is a run of fields, each a key (number of the field × 8 + how its value is written) and a value: a *varint* (seven bits to a byte,
lowest first, the top bit saying that more follow), four or eight bytes, or a length and that many bytes, which may be a message again. See
https://protobuf.dev/programming-guides/encoding/. What a file could hold by the letter of the format but no known program writes, such as
a list in several pieces, is refused as `UnusualError`: whoever called may have a slower reader that copes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from livingcircle.kernel.compiled import compiled

Bytes = NDArray[np.uint8]
Numbers = NDArray[np.int64]

_VARINT, _EIGHT_BYTES, _LENGTH, _FOUR_BYTES = 0, 1, 2, 5
_NO_ROWS = np.empty((4, 0), np.int64)


class UnusualError(ValueError):
    """The bytes are damaged, or written in a way this reader does not know."""


@dataclass(frozen=True, slots=True, eq=False)
class Spans:
    """Stretches of `data`, from byte `start` to before byte `stop` (n,)."""

    data: Bytes
    start: Numbers
    stop: Numbers

    def __len__(self) -> int:
        return len(self.start)

    def __getitem__(self, index: NDArray[np.bool_] | Numbers) -> Spans:
        return Spans(self.data, self.start[index], self.stop[index])

    def content(self, row: int) -> bytes:
        """Return the content of one stretch."""
        return self.data[self.start[row] : self.stop[row]].tobytes()

    @classmethod
    def whole(cls, data: bytes) -> Spans:
        """Return one stretch: everything."""
        return cls(np.frombuffer(data, np.uint8), np.zeros(1, np.int64), np.array([len(data)], np.int64))


@dataclass(frozen=True, slots=True, eq=False)
class Fields:
    """Fields of `messages` messages, in their order: which message, key, value or first byte, and the byte behind it."""

    data: Bytes
    messages: int
    message: Numbers
    key: Numbers
    value: Numbers
    stop: Numbers

    def __len__(self) -> int:
        return self.messages

    def repeated(self, number: int) -> Spans:
        """Return all fields of one number that hold bytes, whatever message they are in."""
        found = self._found(number, _LENGTH)
        return Spans(self.data, self.value[found], self.stop[found])

    def single(self, number: int) -> Spans:
        """Return the field of one number that holds bytes, one for each message; empty where a message lacks it."""
        found = self._found(number, _LENGTH, once=True)
        start, stop = np.zeros((2, self.messages), np.int64)
        start[self.message[found]], stop[self.message[found]] = self.value[found], self.stop[found]
        return Spans(self.data, start, stop)

    def numbers(self, number: int, default: int | None = None) -> Numbers:
        """Return the field of one number that holds a varint, one for each message; without a `default` all must have it."""
        found = self._found(number, _VARINT, once=True)
        if default is None and len(found) != self.messages:
            raise UnusualError("a field is missing")
        values = np.full(self.messages, default or 0, np.int64)
        values[self.message[found]] = self.value[found]
        return values

    def _found(self, number: int, wire: int, *, once: bool = False) -> NDArray[np.intp]:
        found = np.flatnonzero(self.key >> 3 == number)
        if (self.key[found] & 7 != wire).any():
            raise UnusualError("a field is written in another way")
        if once and len(found) > 1 and (np.diff(self.message[found]) == 0).any():
            raise UnusualError("a field is given twice")
        return found


def fields(messages: Spans) -> Fields:
    """Find every field of every message.

    Raises
    ------
    UnusualError
        When a field does not end within its message.
    """
    count = _scan(messages.data, messages.start, messages.stop, _NO_ROWS)
    if count < 0:
        raise UnusualError("a field is cut short")
    rows = np.empty((4, count), np.int64)
    _scan(messages.data, messages.start, messages.stop, rows)
    return Fields(messages.data, len(messages), *rows)


def varints(lists: Spans, *, summed: bool = False) -> tuple[Numbers, Numbers]:
    """Decode lists of varints: how many are in each list (n,), and all of them one after the other.

    With `summed` they are signed (zigzag) differences, each from the number before it in its list.

    Raises
    ------
    UnusualError
        When the last number of a list goes on beyond its end.
    """
    counts = np.zeros(len(lists), np.int64)
    values = np.empty(int((lists.stop - lists.start).sum()), np.int64)
    total = _decode(lists.data, lists.start, lists.stop, summed, counts, values)
    if total < 0:
        raise UnusualError("a number is cut short")
    return counts, values[:total]


def signed(numbers: Numbers) -> Numbers:
    """Undo zigzag, which writes 0, -1, 1, -2 and so on as 0, 1, 2, 3."""
    return (numbers.view(np.uint64) >> np.uint64(1)).view(np.int64) ^ -(numbers & 1)


@compiled
def _varint(data: Bytes, at: Any, stop: Any) -> tuple[Any, Any]:
    """Return the number at byte `at` and the byte behind it, -1 where it does not end before `stop` or within 64 bits."""
    value = np.int64(0)
    for shift in range(0, 64, 7):
        if at >= stop:
            return value, -1
        byte = np.int64(data[np.uint64(at)])
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
    return value, -1


@compiled
def _scan(data: Bytes, start: Numbers, stop: Numbers, rows: Numbers) -> int:
    """Write message, key, value and end of each field into `rows` (4, r) as far as it has room; return how many there are, or -1."""
    count = 0
    for message in range(len(start)):
        at, end = start[message], stop[message]
        while at < end:
            key, at = _varint(data, at, end)
            if at < 0:
                return -1
            wire = key & 7
            value = at
            if wire in {_VARINT, _LENGTH}:
                value, at = _varint(data, at, end)
                if at < 0:
                    return -1
                if wire == _LENGTH:
                    if value < 0 or value > end - at:
                        return -1
                    value, at = at, at + value
            elif wire == _EIGHT_BYTES:
                at += 8
            elif wire == _FOUR_BYTES:
                at += 4
            else:
                return -1
            if at > end:
                return -1
            if count < rows.shape[1]:
                rows[0, count], rows[1, count], rows[2, count], rows[3, count] = message, key, value, at
            count += 1
    return count


@compiled
def _decode(data: Bytes, start: Numbers, stop: Numbers, summed: bool, counts: Numbers, values: Numbers) -> int:  # noqa: FBT001 - compiled code has no keywords
    """Fill `counts` (n,) and `values`, which has room for one number per byte; return how many there are, or -1."""
    total = 0
    for row in range(len(start)):
        at, end = start[row], stop[row]
        before = total
        running = np.int64(0)
        while at < end:
            value, at = _varint(data, at, end)
            if at < 0:
                return -1
            if summed:
                running += ((value >> 1) & np.int64(0x7FFFFFFFFFFFFFFF)) ^ -(value & 1)
                value = running
            values[total] = value
            total += 1
        counts[row] = total - before
    return total
