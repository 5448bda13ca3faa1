"""Strings that stand nowhere by chance: put in everywhere, they must not come out where they do not belong."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager

from radicale_propmgmt.logging_setup import JsonFormatter

FAMILY, GIVEN = "Zanderquist", "Ottokarina"
PHONE, IBAN = "+491719876543", "DE89370400440532013000"
EMAIL = "zwitscher@kanari.example"
NOTE, INTERNAL = "Kanari singt nachts", "Papagei klagt"
STREET, REASON, PROOF = "Sittichweg 7", "Gimpelgrund", "Starenbrief"
UNKNOWN = "Wellensittich"
SEARCHED, MISTYPED = "Finkennest", "hunter2dohle"
BIRDS = (FAMILY, GIVEN, "9876543", IBAN, EMAIL, NOTE, INTERNAL, STREET, REASON, PROOF, UNKNOWN, SEARCHED, MISTYPED)

CARD = (
    f"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{FAMILY}-1\r\nN:{FAMILY};{GIVEN};;;\r\nFN:{GIVEN} {FAMILY}\r\n"
    f"TEL;TYPE=CELL:{PHONE}\r\nEMAIL:{EMAIL}\r\nADR:;;{STREET};;;;\r\nNOTE:{NOTE} {IBAN}\r\n"
    f"X-GEHEIM;X-ART={UNKNOWN}:{UNKNOWN}\r\nEND:VCARD\r\n"
)
#: Files whose records are bad, each in another way.
BAD_FILES = {
    "nested.vcf": CARD.replace("NOTE:", "BEGIN:VCARD\r\nNOTE:"),
    "line.vcf": CARD.replace("TEL;TYPE=CELL:", f"TEL;TYPE={FAMILY};\r\n"),
    "version.vcf": CARD.replace("3.0", FAMILY),
    "base64.vcf": CARD.replace("NOTE:", f"PHOTO;ENCODING=b:{FAMILY}!\r\nBDAY:{FAMILY}\r\nNOTE:"),
    "day.json": json.dumps([{"family": FAMILY, "birthday": f"am {NOTE}", "groups": ["sonstige"]}]),
    "key.json": json.dumps([{"sonstwas": FAMILY, "family": FAMILY, "values": [{"name": FAMILY, "value": EMAIL}]}]),
    "group.json": json.dumps([{"family": FAMILY, "groups": [UNKNOWN], "links": [{"object": STREET}]}]),
    "iban.json": json.dumps([{"family": FAMILY, "bank": [{"iban": IBAN + "1"}], "groups": ["sonstige"]}]),
    "broken.json": f'[{{"family": "{FAMILY}"',
    "row.csv": f"Nachname;Mail;Mobil;Von;Objekt;Gruppe\n{FAMILY};{EMAIL};{UNKNOWN};{NOTE};{STREET};{UNKNOWN}\n",
}
MAPPING = """
delimiter = ";"
[columns]
"Nachname" = "family"
"Mail" = "email"
"Mobil" = "phone"
"Von" = "from"
"Objekt" = "object"
"Gruppe" = "group"
"""


def found_in(text: str | bytes) -> list[str]:
    """Name the birds that sit in a text."""
    folded = (text.decode("utf-8", "replace") if isinstance(text, bytes) else text).casefold()
    return [bird for bird in BIRDS if bird.casefold() in folded]


class _Keeper(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.setFormatter(JsonFormatter())
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@contextmanager
def everything_logged() -> Iterator[list[str]]:
    """Collect, as the server would write them, the records of all loggers at DEBUG, libraries included."""
    keeper = _Keeper()
    names = [None, *logging.root.manager.loggerDict, "radicale", "sqlalchemy.engine", "sqlalchemy.pool", "_granian"]
    loggers = [logging.getLogger(name) for name in names]
    before = [(log, log.level, log.propagate, log.disabled) for log in loggers]
    for log in loggers:
        log.setLevel(logging.DEBUG)
        log.propagate, log.disabled = True, False
    logging.getLogger().addHandler(keeper)
    try:
        yield keeper.lines
    finally:
        logging.getLogger().removeHandler(keeper)
        for log, level, propagate, disabled in before:
            log.setLevel(level)
            log.propagate, log.disabled = propagate, disabled
