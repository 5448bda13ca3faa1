"""What an account may ask about one card: every method and report, with the answer as bytes."""

from __future__ import annotations

from typing import NamedTuple

from tests.invariants.counting import statements
from tests.invariants.twins import A, Twin, X, href_of, uid_of
from tests.support.dav import DECLARED

#: A name that nobody ever had.
NEVER = "01234567-0123-4123-8123-0123456789ab.vcf"
PROPS = "<D:prop><D:getetag/><D:displayname/><CR:address-data/></D:prop>"
PROPFIND = f"<D:propfind {DECLARED}><D:prop><D:getetag/><D:sync-token/><D:resource-id/></D:prop></D:propfind>"
ALLPROP = f"<D:propfind {DECLARED}><D:allprop/></D:propfind>"
MULTIGET = f"<CR:addressbook-multiget {DECLARED}>{PROPS}{{}}</CR:addressbook-multiget>"
QUERY = (
    f"<CR:addressbook-query {DECLARED}>{PROPS}<CR:filter><CR:prop-filter name='{{}}'><CR:text-match>{{}}"
    "</CR:text-match></CR:prop-filter></CR:filter></CR:addressbook-query>"
)
SYNC = (
    f"<D:sync-collection {DECLARED}><D:sync-token>{{}}</D:sync-token><D:sync-level>1</D:sync-level>{{}}{PROPS}"
    "</D:sync-collection>"
)
CARD = f"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{uid_of(X)}\r\nFN:Xanthippe\r\nN:Xanthippe;;;;\r\nEND:VCARD\r\n"
PATCH = (
    f"<D:propertyupdate {DECLARED}><D:set><D:prop><D:displayname>x</D:displayname></D:prop></D:set></D:propertyupdate>"
)


class Asked(NamedTuple):
    """One request; ``{home}``, ``{book}`` and ``{card}`` stand for paths."""

    method: str
    path: str
    body: str = ""
    headers: tuple[tuple[str, str], ...] = ()


class Told(NamedTuple):
    """One answer, and how many statements it took: an answer that costs more tells something, too."""

    status: int
    headers: dict[str, str]
    body: bytes
    cost: int


_OLD = '"0123456789abcdef"'
ABOUT_A_CARD = [
    Asked("GET", "{card}"),
    Asked("GET", "{card}", headers=(("If-None-Match", _OLD),)),
    Asked("GET", "{card}", headers=(("If-Match", _OLD),)),
    Asked("GET", "{card}", headers=(("Accept", "text/vcard;version=4.0"),)),
    Asked("HEAD", "{card}"),
    Asked("OPTIONS", "{card}"),
    Asked("PROPFIND", "{card}", PROPFIND, (("Depth", "0"),)),
    Asked("PROPFIND", "{card}", ALLPROP, (("Depth", "1"),)),
    Asked("PROPFIND", "{card}", ALLPROP, (("Depth", "infinity"),)),
    Asked("REPORT", "{book}", MULTIGET.format("<D:href>{card}</D:href>")),
    Asked("REPORT", "{book}", MULTIGET.format("<D:href>{other}</D:href><D:href>{card}</D:href>")),
    Asked("REPORT", "{card}", MULTIGET.format("<D:href>{card}</D:href>")),
    Asked("REPORT", "{card}", QUERY.format("FN", "xanth")),
    Asked("PUT", "{card}", CARD),
    Asked("PUT", "{card}", CARD, (("If-Match", _OLD),)),
    Asked("PUT", "{card}", CARD, (("If-Match", "*"),)),
    Asked("PUT", "{card}", CARD, (("If-None-Match", "*"),)),
    Asked("PUT", "{card}", "no card"),
    Asked("DELETE", "{card}"),
    Asked("DELETE", "{card}", headers=(("If-Match", _OLD),)),
    Asked("MOVE", "{card}", headers=(("Destination", "{home}gruppe-eigentuemer/y.vcf"),)),
    Asked("MOVE", "{book}nobody.vcf", headers=(("Destination", "{card}"), ("Overwrite", "T"))),
    Asked("COPY", "{card}", headers=(("Destination", "{home}alle/y.vcf"),)),
    Asked("PROPPATCH", "{card}", PATCH),
    Asked("POST", "{card}", CARD),
    Asked("MKCOL", "{card}"),
    Asked("LOCK", "{card}"),
]
ABOUT_A_BOOK = [
    Asked("GET", "{book}"),
    Asked("HEAD", "{book}"),
    Asked("PROPFIND", "/", ALLPROP, (("Depth", "1"),)),
    Asked("PROPFIND", "{home}", PROPFIND, (("Depth", "1"),)),
    Asked("PROPFIND", "{book}", PROPFIND, (("Depth", "0"),)),
    Asked("PROPFIND", "{book}", PROPFIND, (("Depth", "1"),)),
    Asked("PROPFIND", "{book}", ALLPROP, (("Depth", "1"),)),
    Asked("REPORT", "{book}", QUERY.format("FN", "xanth")),
    Asked("REPORT", "{book}", QUERY.format("TEL", "9999")),
    Asked("REPORT", "{book}", QUERY.format("UID", uid_of(X))),
    Asked("REPORT", "{book}", QUERY.format("FN", "a")),
    Asked("REPORT", "{book}", SYNC.format("", "")),
    Asked("REPORT", "{book}", SYNC.format("", "<D:limit><D:nresults>1</D:nresults></D:limit>")),
]


def ask(twin: Twin, login: str, asked: Asked, segment: str, name: str) -> Told:
    """Ask as an account; the name asked about is taken out of the answer, which has to repeat it."""
    home = f"/{login}/"
    book = f"{home}{segment}/"
    paths = {"home": home, "book": book, "card": book + name, "other": book + href_of(A)}

    def filled(text: str) -> str:
        for key, path in paths.items():
            text = text.replace(f"{{{key}}}", path)
        return text

    headers = {key: filled(value) for key, value in asked.headers}
    with statements(twin.database.engine) as sent:
        answer = twin.clients[login].request(asked.method, filled(asked.path), filled(asked.body), headers)
    return Told(answer.status, answer.headers, answer.body.replace(name.encode(), b"NAME"), len(sent))


def ask_everything(twin: Twin, login: str, segment: str) -> dict[str, Told]:
    """Ask all there is to ask of one book, about X by name, and with every token this account ever got for it."""
    told = {repr(asked): ask(twin, login, asked, segment, NEVER) for asked in ABOUT_A_BOOK}
    told |= {repr(asked): ask(twin, login, asked, segment, href_of(X)) for asked in ABOUT_A_CARD}
    for owner, of, token in dict.fromkeys(twin.tokens):
        if (owner, of) == (login, segment):
            told[token] = ask(twin, login, Asked("REPORT", "{book}", SYNC.format(token, "")), segment, NEVER)
    return told
