"""Text in whatever encoding, as UTF-8."""

import codecs
import re
from collections.abc import Callable

import charset_normalizer

from data_platform.application.refusals import InvalidTable
from data_platform.infrastructure.readers.byte_stream import ForwardReader

BYTE_ORDER_MARKS = (  # UTF-32 before UTF-16, whose mark it starts with
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
LEGACY = [
    *("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "koi8_r"),
    *("shift_jis", "euc_jp", "gb18030", "big5", "euc_kr"),
]
SAMPLE = 1 << 16
UTF16_ZEROS = 0.3  # of the bytes at least: every other byte of Western text in UTF-16
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
MOST_CONTROL_SHARE = 0.01  # of the first bytes; one bell in a comment does not make a file binary
_WORD_BEYOND_ASCII = re.compile(rb"[A-Za-z]*[\x80-\xff][A-Za-z\x80-\xff]*")


def utf8_text(source: ForwardReader, name: str, note: Callable[[str], None]) -> ForwardReader:
    """The text of ``source`` in UTF-8 without a mark; another encoding is told to ``note``. Raises InvalidTable.

    Bytes that are not UTF-8 decide for a legacy encoding when only ASCII came before them; after other characters in
    UTF-8 they are damage, and reading stops with their place.
    """
    encoding = _marked_encoding(source)
    if encoding is not None:
        note(f"decoded as {encoding.upper()}")
        return ForwardReader(_decoder(source, encoding, name), owned=(source,))
    start = source.peek(SAMPLE)
    control = [*_CONTROL.finditer(start)]
    if len(control) > len(start) * MOST_CONTROL_SHARE:
        raise _binary(name, control[0].start(), start[control[0].start()])
    return ForwardReader(_Checked(source, name, note), owned=(source,))


def _marked_encoding(source: ForwardReader) -> str | None:
    start = source.peek(SAMPLE)
    for mark, encoding in BYTE_ORDER_MARKS:
        if start.startswith(mark):
            source.read(len(mark))
            return None if encoding == "utf-8" else encoding
    even, odd = start[0::2].count(0), start[1::2].count(0)
    if max(even, odd) > len(start) * UTF16_ZEROS and min(even, odd) == 0:
        return "utf-16-be" if even else "utf-16-le"
    return None


def _decoder(
    source: ForwardReader, encoding: str, name: str, *, start: bytes = b""
) -> Callable[[int], bytes]:
    decoder = codecs.getincrementaldecoder(encoding)()
    pending = start

    def more(size: int) -> bytes:
        nonlocal pending
        while True:
            chunk, pending = pending or source.read(size), b""
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                raise InvalidTable(
                    f"{name} is not valid {encoding.upper()}: {error.reason}.", fix="Save it as UTF-8."
                ) from error
            if text or not chunk:
                return text.encode()

    return more


class _Checked:
    """Passes UTF-8 through; changes to a legacy encoding at the first byte that is not."""

    def __init__(self, source: ForwardReader, name: str, note: Callable[[str], None]) -> None:
        self._source, self._name, self._note = source, name, note
        self._offset = 0
        self._carried = b""
        self._beyond_ascii = False
        self._legacy: Callable[[int], bytes] | None = None

    def __call__(self, size: int) -> bytes:
        if self._legacy is not None:
            return self._legacy(size)
        chunk = self._source.read(size)
        text = self._carried + chunk
        if b"\0" in text:
            raise _binary(self._name, self._offset + text.index(b"\0"), 0)
        try:
            self._beyond_ascii |= not text.isascii() and bool(text.decode())
        except UnicodeDecodeError as error:
            if "end of data" not in error.reason or not chunk:
                return self._not_utf8(text, error.start, size)
            self._carried = text[error.start :]
            text = text[: error.start]
            if not text:
                return self(size)
        else:
            self._carried = b""
        self._offset += len(text)
        return text

    def _not_utf8(self, text: bytes, position: int, size: int) -> bytes:
        if self._beyond_ascii or not text[:position].isascii():
            raise InvalidTable(
                f"{self._name} is UTF-8 up to byte {self._offset + position:,}, where byte 0x{text[position]:02X} "
                "is not.",
                fix="Save it in one encoding, UTF-8 for preference.",
            )
        line = text.rfind(b"\n", 0, position) + 1
        encoding = legacy_encoding(text[line:] + self._source.peek(SAMPLE))
        self._note(f"decoded as {encoding}: it is not UTF-8")
        self._legacy = _decoder(self._source, encoding, self._name, start=text)
        return self._legacy(size)


def legacy_encoding(sample: bytes) -> str:
    """Windows-1252 where the words look Western (mostly ASCII letters), otherwise what their letters suggest."""
    letters = b"".join(_WORD_BEYOND_ASCII.findall(sample[:SAMPLE]))
    western = sum(byte < 128 for byte in letters) >= len(letters) / 2
    telling = b"\n".join(line for line in sample[:SAMPLE].split(b"\n") if not line.isascii())
    guess = None if western else charset_normalizer.from_bytes(telling, cp_isolation=LEGACY).best()
    encoding = "cp1252" if guess is None else guess.encoding
    try:
        sample.decode(encoding)
    except UnicodeDecodeError as error:
        return encoding if "incomplete" in error.reason else "latin-1"
    return encoding


def _binary(name: str, offset: int, byte: int) -> InvalidTable:
    return InvalidTable(
        f"{name} is not text: byte 0x{byte:02X} at offset {offset:,}.",
        fix="Give CSV, TSV, JSON, NDJSON, Parquet or Arrow; .gz and .zst are fine.",
    )
