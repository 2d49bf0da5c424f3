"""Texts that break what is careless: markup, templates, SQL, paths, halves of characters, and far too much."""

from __future__ import annotations

from typing import Final

NUMBERS: Final = (10**400, -(10**400), 2**63, -(2**63) - 1, 2**31, 0, -1, 0.1, 1e308, float("inf"), float("nan"), 5e-324)
"""As JSON writes them, and as Python's own writes what JSON does not know."""

MARK: Final = "mark7f3a"
SUM: Final = "719937*689033"
PRODUCT: Final = "496060350921"
"""What a template would make of ``SUM``. So long that it stands in no random id: one of five digits did, now and then."""
SHARP: Final = ("\0", "a\0b", "\ud800\udfff", "x" * 30_000)
"""What databases, encodings and columns break on: tried wherever a text stands."""
TEXTS: Final = (
    f"<{MARK}>x</{MARK}>",
    f"\"><{MARK} x='",
    f"' onfocus={MARK} autofocus x='",
    f"</textarea></title></style></script><{MARK}>",
    f"{{{{{SUM}}}}}${{{SUM}}}#{{{SUM}}}<%={SUM}%>",
    "{% raise %}{{ self.__init__.__globals__ }}%(name)s %s %n {0.__class__}",
    "' OR '1'='1'; DROP TABLE cases; --",
    '" UNION SELECT name FROM sqlite_master; --',
    "\0",
    "a\0b",
    "\r\nSet-Cookie: x=1\r\n\r\n<html>",
    "\u202egnp.exe\u202c \u2066right to left\u2069 مرحبا שלום",
    "\ud800\udfff",
    "\ufffe\uffff\U0010ffff\u0085\u2028",
    "Z\u0351\u036b" * 400,
    "\x1b[31m\x07\x08\x7f",
    "9" * 400,
    "-1",
    "1e999",
    "NaN",
    "٣٤",
    "9999-12-31",
    "0000-00-00",
    "2024-02-30T25:61",
    "../../etc/passwd",
    "javascript:alert(1)",
    "//evil.example/x",
    "=cmd|' /C calc'!A1",
    "x" * 30_000,
    "名" * 9_000,
    "㐂𠮷\U0002edf0\U00031350",
    " \u3000\u00a0\t",
)
