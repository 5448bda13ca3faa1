"""A client of collections of one's own."""

from __future__ import annotations

from dataclasses import dataclass

from tests.support.dav import Answer, Client, make_application

CALDAV = "urn:ietf:params:xml:ns:caldav"
MKCOL = (
    '<D:mkcol xmlns:D="DAV:" xmlns:CR="urn:ietf:params:xml:ns:carddav"><D:set><D:prop><D:resourcetype><D:collection/>'
    "<CR:addressbook/></D:resourcetype>{}</D:prop></D:set></D:mkcol>"
)
MKCALENDAR = '<C:mkcalendar xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:set><D:prop>{}</D:prop></D:set></C:mkcalendar>'


def card(uid: str = "a", name: str = "Anna", *lines: str) -> str:
    inner = "".join(f"{line}\r\n" for line in lines)
    return f"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{uid}\r\nFN:{name}\r\nN:{name};;;;\r\n{inner}END:VCARD\r\n"


def event(uid: str = "e", start: str = "20260615T080000Z", *lines: str, kind: str = "VEVENT", zone: str = "") -> str:
    inner = "".join(f"{line}\r\n" for line in lines)
    begins = f"DTSTART{start}" if start[:1] in ";:" else f"DTSTART:{start}"
    return (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//DE\r\n" + zone + f"BEGIN:{kind}\r\nUID:{uid}\r\n"
        f"DTSTAMP:20260101T000000Z\r\n{begins}\r\nSUMMARY:Termin {uid}\r\n{inner}END:{kind}\r\nEND:VCALENDAR\r\n"
    )


@dataclass
class Plain(Client):
    """``Client``, in an installation where personal books are on or off."""

    personal_books: bool = False

    def __post_init__(self) -> None:
        self.application = make_application(
            self.world, self.language, self.public_url, self.layout, personal_books=self.personal_books
        )

    def make_book(self, path: str, properties: str = "") -> str:
        assert self.request("MKCOL", path, MKCOL.format(properties)).status == 201
        return path

    def make_calendar(self, path: str, properties: str = "") -> str:
        assert self.request("MKCALENDAR", path, MKCALENDAR.format(properties)).status == 201
        return path

    def put(self, path: str, body: str | bytes, **headers: str) -> Answer:
        is_calendar = b"VCALENDAR" in (body if isinstance(body, bytes) else body.encode())
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        made = {"Content-Type": "text/calendar; charset=utf-8" if is_calendar else "text/vcard; charset=utf-8"}
        return self.request("PUT", path, body, {**made, **given})

    def patch(self, path: str, properties: str, remove: str = "") -> Answer:
        changes = f"<D:set><D:prop>{properties}</D:prop></D:set>" if properties else ""
        changes += f"<D:remove><D:prop>{remove}</D:prop></D:remove>" if remove else ""
        return self.request("PROPPATCH", path, f'<D:propertyupdate xmlns:D="DAV:">{changes}</D:propertyupdate>')

    def transfer(self, method: str, source: str, target: str, **headers: str) -> Answer:
        return self.request(method, source, headers={"Destination": f"http://dav.example.org{target}", **headers})
