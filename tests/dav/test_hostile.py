"""Hostile requests: 4xx in bounded time, never 5xx, and nothing of the request in the answer (security §2 A, B, D)."""

from __future__ import annotations

import base64
import io
import time
from collections.abc import Mapping
from typing import Any

import pytest

from radicale_propmgmt.dav.xml_tree import read_tree
from radicale_propmgmt.domain.errors import BadRequestError, TooManyMatchesError
from tests.dav.conftest import House
from tests.support.dav import DECLARED, Answer

BOOK = "/chef/alle/"
#: In every hostile request somewhere; in no answer.
MARK = "xyzzy"
SECONDS = 3.0


def send(
    house: House, method: str, path: str, body: bytes | str = b"", *, is_linted: bool = True, **environ: Any
) -> Answer:
    headers: Mapping[str, str] = environ.pop("headers", {})
    login = environ.pop("login", "chef")
    started = time.perf_counter()
    answer = house.client(login, is_linted=is_linted).request(method, path, body, headers, **environ)
    assert time.perf_counter() - started < SECONDS
    assert answer.status < 500
    if answer.status >= 400:
        assert MARK not in answer.text.lower()
        assert len(answer.body) < 1000
    return answer


def propfind(inner: str) -> str:
    return f'<propfind xmlns="DAV:"><prop>{inner}</prop></propfind>'


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
BODIES: dict[str, bytes | str] = {
    "no XML": MARK,
    "JSON": f'{{"{MARK}": 1}}',
    "HTML": f"<html><body>{MARK}<br></body></html>",
    "a vCard": f"BEGIN:VCARD\r\nFN:{MARK}\r\nEND:VCARD\r\n",
    "white space": " \r\n ",
    "a declaration alone": '<?xml version="1.0"?>',
    "an end alone": f"</{MARK}>",
    "not closed": f'<propfind xmlns="DAV:"><prop><{MARK}/>',
    "closed crosswise": f'<propfind xmlns="DAV:"><prop><{MARK}></prop></{MARK}></propfind>',
    "two roots": propfind("<displayname/>") * 2,
    "something behind": propfind("<displayname/>") + MARK,
    "unknown prefix": f"<D:propfind><{MARK}:prop/></D:propfind>",
    "empty prefix binding": f'<propfind xmlns="DAV:" xmlns:{MARK}=""><prop/></propfind>',
    "prefix xml bound anew": f'<propfind xmlns="DAV:" xmlns:xml="urn:{MARK}"><prop/></propfind>',
    "prefix xmlns bound": f'<propfind xmlns="DAV:" xmlns:xmlns="urn:{MARK}"><prop/></propfind>',
    "an attribute twice": f'<propfind xmlns="DAV:" a="{MARK}" a="2"><prop/></propfind>',
    "an attribute twice by two prefixes": f'<propfind xmlns="DAV:" xmlns:a="{MARK}" xmlns:b="{MARK}" a:x="" b:x=""/>',
    "another root": f'<{MARK} xmlns="DAV:"><prop/></{MARK}>',
    "the right root in no namespace": f"<propfind><prop><{MARK}/></prop></propfind>",
    "the right root in another namespace": f'<propfind xmlns="urn:{MARK}"><prop/></propfind>',
    "nothing asked": f'<propfind xmlns="DAV:"><{MARK}/></propfind>',
    "a document type": f"<!DOCTYPE {MARK}>" + propfind("<displayname/>"),
    "an external subset": f'<!DOCTYPE x SYSTEM "http://127.0.0.1:9/{MARK}.dtd">' + propfind("<displayname/>"),
    "an internal entity": f'<!DOCTYPE x [<!ENTITY e "{MARK}">]>' + propfind("&e;"),
    "an external entity": f'<!DOCTYPE x [<!ENTITY {MARK} SYSTEM "file:///etc/passwd">]>' + propfind(f"&{MARK};"),
    "a parameter entity": f'<!DOCTYPE x [<!ENTITY % {MARK} SYSTEM "file:///etc/passwd"> %{MARK};]>' + propfind(""),
    "a billion laughs": f'<!DOCTYPE x [<!ENTITY l0 "{MARK}">{LAUGHS}]>' + propfind("&l9;"),
    "quadratic entities": f'<!DOCTYPE x [<!ENTITY e "{MARK * 10_000}">]>' + propfind("&e;" * 10_000),
    "an entity nobody declared": propfind(f"&{MARK};"),
    "an entity of HTML": propfind("&nbsp;"),
    "a processing instruction": f'<?{MARK} href="x"?>' + propfind("<displayname/>"),
    "a processing instruction inside": propfind(f"<?{MARK} x?>"),
    "NUL": propfind("<displayname/>").encode() + b"\0",
    "NUL inside": propfind("\0"),
    "NUL as a reference": propfind("&#0;"),
    "a control": propfind("\x01"),
    "a control as a reference": propfind("&#1;"),
    "a surrogate as a reference": propfind("&#xD800;"),
    "no character at all": propfind("&#xFFFE;"),
    "beyond Unicode": propfind("&#x110000;"),
    "a reference without end": propfind("&#" + "9" * 100_000),
    "latin-1 without saying so": propfind("Müller").encode("latin-1"),
    "overlong UTF-8": propfind("@@").encode().replace(b"@@", b"\xc0\xaf"),
    "a surrogate in UTF-8": propfind("@@").encode().replace(b"@@", b"\xed\xa0\x80"),
    "UTF-16": propfind("<displayname/>").encode("utf-16"),
    "UTF-16 without its mark": propfind("<displayname/>").encode("utf-16-be"),
    "UTF-16 that says UTF-8": ('<?xml version="1.0" encoding="utf-8"?>' + propfind("")).encode("utf-16"),
    "UTF-32": propfind("<displayname/>").encode("utf-32"),
    "UTF-7": b'<?xml version="1.0" encoding="utf-7"?>' + propfind("").encode("utf-7"),
    "UTF-8 that says UTF-16": '<?xml version="1.0" encoding="utf-16"?>' + propfind(""),
    "latin-1": '<?xml version="1.0" encoding="iso-8859-1"?>' + propfind(""),
    "an unknown coding": f'<?xml version="1.0" encoding="{MARK}"?>' + propfind(""),
    "XML 1.1": '<?xml version="1.1"?>' + propfind("&#1;"),
    "a declaration not at the start": '\n<?xml version="1.0"?>' + propfind(""),
    "thirty-three levels": propfind("<a>" * 32 + "</a>" * 32),
    "a hundred thousand levels": propfind("<a>" * 50_000),
    "five thousand levels and back": propfind("<a>" * 5_000 + "</a>" * 5_000),
    "a thousand elements": propfind("<a/>" * 1_001),
    "two hundred properties": propfind("".join(f"<a{n}/>" for n in range(201))),
    "an attribute flood": propfind("<a " + " ".join(f'a{n}="{MARK}"' for n in range(10_000)) + "/>"),
    "an attribute flood on a href": propfind("<href " + " ".join(f'a{n}=""' for n in range(10_000)) + "/>"),
    "an element inside a href": propfind(f"<href><{MARK}/></href>"),
    "a long text": propfind("a" * 70_000),
    "a long name": propfind(f"<{'a' * 300_000}/>"),
    "a comment without end": propfind("<!--" + MARK * 10_000),
    "CDATA without end": propfind("<![CDATA[" + MARK * 10_000),
    "CDATA outside": "<![CDATA[x]]>" + propfind(""),
    "']]>' in a text": propfind("]]>"),
    "a tag without end": propfind("<" + "a" * 100_000),
    "'<' flood": "<" * 200_000,
    "'&' flood": propfind("&" * 200_000),
}


@pytest.mark.parametrize("what", BODIES)
@pytest.mark.parametrize("method", ["PROPFIND", "REPORT"])
def test_a_hostile_body_is_refused(house: House, method: str, what: str) -> None:
    """RFC 4918 §20.6; the parser knows no document type, entity, processing instruction or coding but UTF-8."""
    for path in ("/", "/chef/", BOOK, house.href("mueller")):
        answer = send(house, method, path, BODIES[what])
        assert answer.status in ({400, 403, 413} if method == "REPORT" else {400, 413}), answer.text


GOOD = {
    "UTF-8 with its mark": b"\xef\xbb\xbf" + propfind("<displayname/>").encode(),
    "declared": '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n' + propfind("<displayname/>"),
    "ASCII": '<?xml version="1.0" encoding="us-ascii"?>' + propfind("<displayname/>"),
    "comments": "<!-- a --><!-- b -->" + propfind("<!-- c --><displayname/><!-- d -->") + "<!-- e -->\n",
    "CDATA": propfind("<![CDATA[ ]]><displayname><![CDATA[x]]></displayname>"),
    "other prefixes": '<a:propfind xmlns:a="DAV:"><b:prop xmlns:b="DAV:"><c:displayname xmlns:c="DAV:"/></b:prop></a:propfind>',
    "a prefix bound anew": (
        '<D:propfind xmlns:D="DAV:"><D:prop><D:displayname xmlns:D="urn:x"/><D:displayname/></D:prop></D:propfind>'
    ),
    "unknown elements around": (
        '<propfind xmlns="DAV:"><x xmlns="urn:x"><prop><getetag/></prop></x><prop><displayname/></prop></propfind>'
    ),
    "unknown attributes": '<propfind xmlns="DAV:" a="1" xml:lang="de"><prop b="2"><displayname c="3"/></prop></propfind>',
    "white space": propfind("\r\n\t <displayname/>" + " " * 100_000),
    "a text in pieces": propfind("<displayname/>" + "a<!-- -->&lt;<![CDATA[b]]>" * 10_000),
    "thirty levels": propfind("<displayname>" + "<a>" * 29 + "</a>" * 29 + "</displayname>"),
}


@pytest.mark.parametrize("what", GOOD)
def test_one_document_is_read_however_it_is_written(house: House, what: str) -> None:
    """Namespaces in XML 1.0; security B10."""
    answer = send(house, "PROPFIND", BOOK, GOOD[what])
    assert answer.status == 207, answer.text
    assert answer.prop(BOOK, "D:displayname").text == "Alle Kontakte"


@pytest.mark.parametrize(
    ("method", "size", "status"),
    [
        ("PROPFIND", 256 * 1024 + 1, 413),
        ("PROPFIND", 10**9, 413),
        ("REPORT", 16 * 1024**2 + 1, 413),
        ("REPORT", 10**17, 413),
    ],
)
def test_too_large_a_body_is_refused_by_its_length_alone(house: House, method: str, size: int, status: int) -> None:
    answer = send(house, method, BOOK, b"<", headers={"Content-Length": str(size)})
    assert answer.status == status


@pytest.mark.parametrize(
    "length", ["-1", "+5", "abc", "1.0", "1 2", "5,5", "0x10", "\u0661", "1e3", "9" * 19, "9" * 400]
)
@pytest.mark.parametrize("method", ["PROPFIND", "REPORT", "GET", "PUT", "OPTIONS"])
def test_a_length_that_is_none_is_refused(house: House, method: str, length: str) -> None:
    """RFC 9110 §8.6."""
    answer = send(house, method, BOOK, propfind(""), is_linted=False, headers={"Content-Length": length, "X": MARK})
    assert answer.status == (413 if length.isascii() and length.isdigit() else 400)


def test_a_body_shorter_than_its_length_is_refused(house: House) -> None:
    body = propfind("<displayname/>")
    assert send(house, "PROPFIND", BOOK, body, headers={"Content-Length": str(len(body) + 1)}).status == 400


def test_what_stands_behind_the_length_is_not_read(house: House) -> None:
    """It is the next request's."""
    body = propfind("<displayname/>")
    answer = send(house, "PROPFIND", BOOK, body + MARK, headers={"Content-Length": str(len(body))})
    assert answer.prop(BOOK, "D:displayname") is not None


@pytest.mark.parametrize("size", [10, 300_000])
def test_a_chunked_body_is_read_to_its_end_and_capped(house: House, size: int) -> None:
    """The server ends the stream (wsgi.input_terminated); without a length nothing else is read."""
    body = propfind("<displayname/>").encode() + b" " * size
    environ = {"wsgi.input": io.BytesIO(body), "CONTENT_TYPE": "text/xml"}
    answer = send(house, "PROPFIND", BOOK, b"", **environ, **{"wsgi.input_terminated": True})
    assert answer.status == (207 if size == 10 else 413)
    if size == 10:
        assert next(iter(answer.responses[BOOK].iter("{DAV:}prop")))[0].tag == "{DAV:}displayname"
    unread = {"wsgi.input": io.BytesIO(b"<"), "CONTENT_TYPE": "text/xml"}
    assert send(house, "PROPFIND", BOOK, b"", **unread).status == 207, "taken as without a body: allprop"


@pytest.mark.parametrize(
    "content_type",
    [
        "text/html", "application/json", "multipart/form-data; boundary=x", f"image/{MARK}", "text/vcard",
        "text/xml; charset=utf-16", "text/xml; charset=foo", "text/xml;charset=utf-7", "application/xml; charset='latin-1'",
        "text/xml; charset=unicode_escape", "; charset=ebcdic",
    ],
)  # fmt: skip
def test_other_media_and_charsets_are_not_read(house: House, content_type: str) -> None:
    """Stock Radicale decodes by any codec of Python that the client names (security F11)."""
    for method in ("PROPFIND", "REPORT"):
        answer = send(house, method, BOOK, propfind("<displayname/>"), headers={"Content-Type": content_type})
        assert answer.status == 415


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "text/xml",
        "TEXT/XML;CHARSET=UTF-8",
        'application/xml; charset="utf-8"',
        "application/davmount+xml",
        "text/plain",
    ],
)
def test_what_clients_say_of_xml_is_taken(house: House, content_type: str) -> None:
    answer = send(house, "PROPFIND", BOOK, propfind("<displayname/>"), headers={"Content-Type": content_type})
    assert answer.status == 207


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "identity, gzip", MARK])
def test_nothing_is_inflated(house: House, coding: str) -> None:
    """A small body may inflate to gigabytes (security A8)."""
    answer = send(house, "PROPFIND", BOOK, propfind(""), headers={"Content-Encoding": coding})
    assert answer.status == 415
    assert send(house, "PROPFIND", BOOK, propfind(""), headers={"Content-Encoding": "Identity"}).status == 207


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({f"X-{MARK}": "x" * 17_000}, 431),
        ({f"X-{n}": MARK for n in range(201)}, 431),
        ({"Cookie": MARK * 4000}, 431),
        ({"Depth": MARK}, 400),
        ({"Depth": "1" * 10_000}, 400),
        ({"Depth": "\u0661"}, 400),
        ({"Prefer": f"{MARK}=" + ",;" * 5000}, 207),
        ({"If-None-Match": '"' * 9_000}, 207),
        ({"Accept": ";" * 9_000}, 207),
        ({"User-Agent": f"Thunderbird/{MARK}\x00"}, 207),
        ({"Host": f"{MARK}.example\u2028"}, 207),
        ({"X-Forwarded-For": MARK, "X-Script-Name": f"/{MARK}", "X-Remote-User": "horst"}, 207),
    ],
)
def test_a_hostile_header_is_refused_or_nothing(house: House, headers: dict[str, str], status: int) -> None:
    answer = send(house, "PROPFIND", BOOK, propfind("<displayname/>"), headers=headers)
    assert answer.status == status
    assert MARK not in answer.text
    assert MARK not in str(answer.headers)


PATHS: dict[str, tuple[str, set[int]]] = {
    "dots": ("/chef/alle/../alle/", {400}),
    "encoded dots": ("/chef/%2e%2e/chef/alle/", {400}),
    "half encoded dots": ("/chef/.%2e/horst/alle/", {400}),
    "a dot": ("/chef/./alle/", {400}),
    "dots first": ("/../../etc/passwd", {400}),
    "two slashes first": ("//chef/alle/", {400}),
    "two slashes": ("/chef//alle/", {400}),
    "two slashes last": ("/chef/alle//", {400}),
    "NUL": ("/chef/alle/%00", {400}),
    "NUL behind a name": ("/chef/alle/x.vcf%00.txt", {400}),
    "a line end": ("/chef/alle/%0d%0aSet-Cookie:%20xyzzy", {400}),
    "delete": ("/chef/alle/%7f", {400}),
    "backslash": ("/chef\\alle/", {400}),
    "encoded backslash dots": ("/chef/..%5c..%5cetc", {400}),
    "overlong slash": ("/chef/%c0%af/", {400}),
    "overlong dots": ("/chef/%c0%ae%c0%ae/", {400}),
    "no UTF-8": ("/chef/%ff/", {400}),
    "latin-1": ("/chef/M%fcller/", {400}),
    "a surrogate": ("/chef/%ed%a0%80/", {400}),
    "encoded slash": ("/chef%2Fnie/", {404}),
    "encoded twice": ("/chef/%252e%252e/", {404}),
    "another slash": ("/chef/alle\u2215x/", {404}),
    "right to left": ("/chef/\u202egro.elpmaxe/", {400}),
    "isolate": ("/chef/\u2066x/", {400}),
    "a long segment": ("/chef/alle/" + "x" * 4900, {404}),
    "a long path": (f"/chef/alle/{MARK * 1200}", {400, 414}),
    "a huge path": (f"/chef/alle/{MARK * 2000}", {414}),
    "a huge query": (f"/chef/alle/?{MARK * 2000}", {414}),
    "many segments": ("/chef" + "/a" * 1000, {404}),
    "only slashes": ("/" * 1000, {400}),
    "props of Radicale": ("/chef/alle/.Radicale.props", {404}),
    "web": ("/.web/", {404}),
    "mobileconfig": ("/.mobileconfig", {404}),
    "sharing": ("/.sharing/v1/all/list", {404}),
    "a tilde": ("/chef/alle/x~", {404}),
    "SQL": ("/chef/alle/'%20OR%201=1--", {404}),
    "a pattern": ("/chef/%25/", {404}),
    "another pattern": ("/chef/a__e/", {404}),
    "capitals": ("/chef/ALLE/", {404}),
    "decomposed": ("/chef/alle\u0308/", {404}),
    "another's": ("/horst/alle/", {403}),
    "patterned home": ("/ch%25/alle/", {403}),
    "no path": ("*", {400}),
    "a URL": ("http://evil.example/chef/alle/", {400}),
}


@pytest.mark.parametrize("what", PATHS)
@pytest.mark.parametrize("method", ["GET", "HEAD", "PROPFIND", "REPORT"])
def test_a_path_names_what_it_says_or_nothing(house: House, method: str, what: str) -> None:
    """Security A10: decoded once, by the server, and never normalised."""
    path, statuses = PATHS[what]
    body = {"PROPFIND": propfind("<displayname/>"), "REPORT": SYNC}.get(method, "")
    answer = send(house, method, path, body, is_linted=path.startswith("/"))
    assert answer.status in statuses


@pytest.mark.parametrize("what", PATHS)
def test_a_write_to_such_a_path_is_refused_too(house: House, what: str) -> None:
    """It may quote the path it was sent to, percent-encoded (RFC 3744 §7.1.1)."""
    for method in ("PUT", "DELETE", "MOVE", "MKCOL"):
        answer = house.client("chef", is_linted=False).request(method, PATHS[what][0], "x")
        assert answer.status in {400, 403, 404, 409, 414}
        assert answer.body.isascii()


SYNC = f"<D:sync-collection {DECLARED}><D:sync-token/><D:sync-level>1</D:sync-level><D:prop/></D:sync-collection>"


def _basic(text: str | bytes) -> str:
    return "Basic " + base64.b64encode(text if isinstance(text, bytes) else text.encode()).decode()


CREDENTIALS = {
    "nothing": "",
    "the scheme alone": "Basic",
    "the scheme and a space": "Basic ",
    "no base64": "Basic !!!!",
    "half of it": "Basic Y2hlZjp4x",
    "no colon": _basic("chef"),
    "no login": _basic(":x"),
    "no password": _basic("chef:"),
    "a colon alone": _basic(":"),
    "latin-1": _basic("müller:x".encode("latin-1")),
    "no UTF-8": _basic(b"\xff\xfe:x"),
    "NUL": _basic("chef\0:x"),
    "a line end": _basic("chef:x\r\nX: y"),
    "nobody": _basic(f"{MARK}:x"),
    "a path": _basic("../chef:x"),
    "a pattern": _basic("ch%:x"),
    "another scheme": f"Bearer {MARK}",
    "digest": f'Digest username="chef", realm="{MARK}"',
    "without a space": "BasicY2hlZjp4",
    "twice": f"{_basic('chef:x')}, {_basic('chef:x')}",
    "non-ASCII": "Basic \u00fc\u00fc",
    "long": _basic("chef:" + "x" * 10_000),
}


@pytest.mark.parametrize("what", CREDENTIALS)
def test_credentials_that_are_none_are_one_answer(house: House, what: str) -> None:
    """RFC 7617: 401 with the challenge, whatever was wrong; stock Radicale answers 500 to half of these."""
    plain = send(house, "PROPFIND", BOOK, login=None)
    for method in ("PROPFIND", "GET", "REPORT", "PUT", "DELETE"):
        for path in (BOOK, "/", "/nie/"):
            answer = send(house, method, path, b"<", login=None, headers={"Authorization": CREDENTIALS[what]})
            assert answer == plain


def test_the_scheme_is_written_in_any_case(house: House) -> None:
    """RFC 9110 §11.1; and phones capitalise the first letter of a login."""
    for header in (_basic("chef:x").replace("Basic", "bAsIc"), _basic("Chef:x")):
        assert send(house, "GET", "/chef/", login=None, headers={"Authorization": header}).status == 200


def test_two_requests_in_a_row_are_two_people(house: House) -> None:
    """Cyrus' CVE-2019-18928: nothing of one request is left to the next."""
    application = house.client("chef")
    for login, status in (("chef", 207), ("horst", 403), (None, 401), ("chef", 207), (MARK, 401), (None, 401)):
        header = {"Authorization": _basic(f"{login}:x") if login else ""}
        assert application.request("PROPFIND", BOOK, headers=header).status == status


REPORTS = {
    "a sync without a token": '<sync-collection xmlns="DAV:"><sync-level>1</sync-level><prop/></sync-collection>',
    "a sync in another namespace": SYNC.replace("DAV:", f"urn:{MARK}"),
    "a token of elements": SYNC.replace("<D:sync-token/>", f"<D:sync-token><{MARK}/></D:sync-token>"),
    "a report of CalDAV": '<calendar-multiget xmlns="urn:ietf:params:xml:ns:caldav"/>',
    "principal search": f'<principal-property-search xmlns="DAV:"><match>{MARK}</match></principal-property-search>',
    "expand": f'<expand-property xmlns="DAV:"><property name="{MARK}"/></expand-property>',
    "ACL report": '<acl-principal-prop-set xmlns="DAV:"/>',
    "a root that is a href": f'<href xmlns="DAV:">{MARK}</href>',
    "a propfind": propfind(""),
}


@pytest.mark.parametrize("what", REPORTS)
def test_another_report_is_refused(house: House, what: str) -> None:
    """RFC 3253 §3.6: DAV:supported-report; FRITZ!Box asks at the wrong address and must get a clear answer."""
    for path in ("/", "/chef/", BOOK, house.href("mueller")):
        answer = send(house, "REPORT", path, REPORTS[what])
        assert answer.status in {400, 403} or (what == "a token of elements" and answer.status == 207)
        if what not in {"a sync without a token", "a token of elements"}:
            assert answer.has("D:supported-report")


HEAD = '<addressbook-multiget xmlns="urn:ietf:params:xml:ns:carddav" xmlns:d="DAV:">'
MEBIBYTES = 12 * 1024**2
LARGE = {
    "an open comment": "<!--" + "x" * MEBIBYTES,
    "an open attribute": '<a b="' + "x" * MEBIBYTES,
    "an open CDATA": "<![CDATA[" + "x" * MEBIBYTES,
    "an open name": "<" + "x" * MEBIBYTES,
    "a text": "x" * MEBIBYTES,
    "escapes": "&lt;" * (MEBIBYTES // 4),
    "spaces": " " * MEBIBYTES,
    "levels": "<a>" * (MEBIBYTES // 3),
    "hrefs": "<d:href>x</d:href>" * (MEBIBYTES // 18),
    "hrefs on lines": "\n  <d:href>x</d:href>" * (MEBIBYTES // 21),
    "comments": "<!-- -->" * (MEBIBYTES // 8),
    "a long href": "<d:href>" + "x" * MEBIBYTES,
    "namespaces": "<a " + " ".join(f'xmlns:a{n}="x"' for n in range(MEBIBYTES // 20)) + ">",
}


@pytest.mark.parametrize("what", LARGE)
def test_twelve_megabytes_cost_what_their_bytes_cost(house: House, what: str) -> None:
    assert send(house, "REPORT", BOOK, HEAD + LARGE[what]).status in {400, 403}


@pytest.mark.parametrize("what", LARGE)
def test_small_pieces_cost_no_more(what: str) -> None:
    """An unfinished token must not be read anew with every piece (CVE-2023-52425: expat before 2.6 is quadratic)."""
    body = (HEAD + LARGE[what]).encode()
    started = time.perf_counter()
    with pytest.raises((BadRequestError, TooManyMatchesError)):
        read_tree(body[at : at + 4096] for at in range(0, len(body), 4096))
    assert time.perf_counter() - started < SECONDS
