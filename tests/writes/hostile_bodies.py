"""A grammar of hostile cards: each class one way to harm, its bodies made by chance of a fixed seed (security.md §2 C).

A body tries to have a line ``X-EVIL`` in what is served; none may ever get it there.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from random import Random

#: Begins the line that a body tries to smuggle in.
EVIL = "X-EVIL"
MEBIBYTE = 1024 * 1024
_TEXTS = ["", "a", "Haus", "Müller", "x" * 80, "a,b;c", "a\\,b\\;c", "ß😀", " ", "\\n", '"']
_NAMES = ["NOTE", "TITLE", "X-A", "TEL", "EMAIL", "ADR", "ORG", "URL", "CATEGORIES", "RELATED", "PHOTO", "NICKNAME"]

Body = Callable[[Random, str], bytes]


def _lines(uid: str, *inner: str, version: str = "3.0", end: str = "\r\n") -> bytes:
    made = ["BEGIN:VCARD", f"VERSION:{version}", f"UID:{uid}", "FN:Boese Karte", "N:Karte;Boese;;;", *inner]
    return end.join([*made, "END:VCARD", ""]).encode("utf-8", "surrogatepass")


def _piece(random: Random) -> str:
    return random.choice(_TEXTS) * random.randint(1, 3)


def _put_in(random: Random, body: bytes, piece: bytes) -> bytes:
    """Put a piece into the second half of a card: into a name, a parameter, a value, between lines."""
    at = random.randint(body.index(b"FN:"), body.rindex(b"END:"))
    return body[:at] + piece + body[at:]


def bad_utf_8(random: Random, uid: str) -> bytes:
    pieces = [b"\xff", b"\xc0\xaf", b"\xc3", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\x80", b"\xe2\x82", b"\xfe\xfe"]
    charset = random.choice(["", "", ";CHARSET=utf-7", ";CHARSET=unicode_escape", ";CHARSET=idna", ";CHARSET=x"])
    body = _lines(uid, f"{random.choice(_NAMES)}{charset}:{_piece(random)}", f"NOTE:{_piece(random)}")
    body = body if random.random() < 0.9 else body.decode().encode("utf-16")
    return _put_in(random, body, random.choice(pieces)) if body.startswith(b"BEGIN") else body


def control_characters(random: Random, uid: str) -> bytes:
    codes = [*range(9), 0x0B, 0x0C, *range(0x0E, 0x20), *range(0x7F, 0xA0)]
    body = _lines(uid, f"{random.choice(_NAMES)};TYPE=HOME;X-P={_piece(random)}:{_piece(random)}")
    return _put_in(random, body, chr(random.choice(codes)).encode())


def nested_begin(random: Random, uid: str) -> bytes:
    depth = random.choice([1, 2, 5, 50, 999])
    begin = random.choice(["BEGIN:VCARD", "begin:vcard", "item1.BEGIN:VCARD", "BEGIN;X=1:VCARD", "BEGIN:VEVENT"])
    end = random.choice(["END:VCARD", "END:VEVENT", f"{EVIL}:1"])
    return _lines(uid, *[begin] * depth, f"{EVIL}:nested", *[end] * random.choice([depth, depth - 1, 0]))


def long_lines(random: Random, uid: str) -> bytes:
    size = random.choice([*[5_000, 10_000, 20_000] * 3, 200_000])
    name = random.choice(["NOTE:", "X-A;X-P=", "X-A:", 'X-A;P="', "PHOTO;ENCODING=b:", "item1.", "TEL:", "FN:"])
    unit = random.choice(["x", "ü", "\\n", ";", ",", " ", "A=b;", '"', "\\", "x\r\n ", "\r\n "])
    return _lines(uid, name + unit * (size // len(unit)) + random.choice(["", ":1"]))


def many_properties(random: Random, uid: str) -> bytes:
    count = random.choice([2001, 2500, 4000])
    line = random.choice(["X:", "TEL:1", "NOTE:a", "item1.TEL:1", "EMAIL;TYPE=HOME:a", "CATEGORIES:a", "N:a", "X;A:"])
    return _lines(uid, *[line] * count)


def injection(random: Random, uid: str) -> bytes:
    """RFC 6350 §3.2, RFC 6868: whatever means a line end to somebody, in whatever may hold a text."""
    ends = [
        "\r\n",
        "\n",
        "\r",
        "\\n",
        "\\N",
        "^n",
        "=0D=0A",
        "\u2028",
        "\u2029",
        "\x85",
        "\r\n \r\n",
        "\\\r\n",
        "&#13;&#10;",
    ]
    evil = f"{_piece(random)}{random.choice(ends)}{random.choice(['', 'item1.'])}{EVIL}:1{random.choice(ends)}"
    where = random.choice(
        [
            "NOTE:{}",
            "N:{};b",
            "NOTE;X-P={}:v",
            'NOTE;X-P="{}":v',
            "{}.NOTE:v",
            "NOTE;{}=a:v",
            "ORG:a;{}",
            "TEL;TYPE={}:1",
            "NOTE;ENCODING=QUOTED-PRINTABLE:{}",
            "TITLE;QUOTED-PRINTABLE:{}",
            "item1.X-ABLabel:{}\r\nitem1.TEL:1",
            "CATEGORIES:{}",
            "ADR;TYPE=HOME:;;{};Halle;;;",
            "URL:{}",
            "X-PROPMGMT-NAME;X-KEY={}:v",
            "X-{}:v",
            "BDAY:{}",
            "X-PROPMGMT-KONTO;X-BIC={}:DE89370400440532013000",
            "RELATED;TYPE=spouse:{}",
            "UID:{}",
            "NICKNAME:{}",
        ]
    )
    body = _lines(uid, where.format(evil), version=random.choice(["3.0", "4.0", "2.1"]))
    lines = body.replace(b"\r\n", b"\n").split(b"\n")  # a line of its own it may send
    return b"\r\n".join(line for line in lines if not line.startswith((EVIL.encode(), b"item1." + EVIL.encode())))


def xml_illegal(random: Random, uid: str) -> bytes:
    pieces = ["\ufffe", "\uffff", "\ud800", "\udfff", "&#xFFFE;", "&#0;", "&#xD800;", "]]>", "<!ENTITY x '1'>", "&x;"]
    pieces += ["\\ud800", "\\uFFFE", "<![CDATA[", "</CR:address-data>", "<?x?>", "&", "<a b='", "\U0001fffe", "\ufdd0"]
    shape = random.choice(["{}:{}", "{};X-P={}:v", '{};X-P="{}":v', "item1.{}:1\r\nitem1.X-ABLabel:{}"])
    inner = shape.format(random.choice(_NAMES), random.choice(pieces) + _piece(random).replace('"', ""))
    return _lines(uid, inner, version=random.choice(["3.0", "4.0"]))


def bombs(random: Random, uid: str) -> bytes:
    """What grows, or is thought to grow, when it is decoded."""
    size = random.choice([100, 3_000, 30_000])
    encoded = base64.b64encode(random.randbytes(size)).decode()
    qp = random.choice(["=41", "=\r\n", "==", "=0D=0A", "=3D41", "=FF", "=C3=BC", "=0"]) * (size // 3)
    inner = random.choice(
        [
            f"NOTE;ENCODING=QUOTED-PRINTABLE:{qp}",
            f"NOTE;QUOTED-PRINTABLE;CHARSET={random.choice(['utf-8', 'utf-16', 'gbk', 'iso-2022-jp'])}:{qp}",
            f"NOTE;ENCODING=QUOTED-PRINTABLE;ENCODING=BASE64:{qp}",
            f"PHOTO;ENCODING=b;TYPE=JPEG:{encoded}",
            f"PHOTO;ENCODING=b:{encoded[: random.randint(0, len(encoded))]}",
            f"PHOTO:data:image/png;base64,{encoded}",
            f"NOTE;ENCODING=b:{encoded}",
            f"PHOTO;VALUE=uri:{random.choice(['file:///etc/passwd', 'http://169.254.169.254/', 'data:,' + 'a' * size])}",
            f"LOGO;ENCODING=b;TYPE=GIF:{'R0lGODlh' * (size // 8)}",
            f"KEY;ENCODING=BASE64:\r\n {encoded}\r\n",
        ]
    )
    return _lines(uid, inner, version=random.choice(["2.1", "3.0", "4.0"]))


def carets(random: Random, uid: str) -> bytes:
    """RFC 6868."""
    unit = random.choice(["^", "^^", "^n", "^'", "^^^n", "^N", "^'^n^^", "^\\", "^,", '^"'])
    text = unit * random.choice([1, 7, 100, 10_000]) + random.choice(["", f"^n{EVIL}:1", f"^'{EVIL}"])
    quoted = random.choice(["{}", '"{}"', '"{}', '{}"']).format(text)
    return _lines(uid, f"{random.choice(['X-A', 'TEL', 'ADR'])};{random.choice(['X-P', 'TYPE', 'LABEL'])}={quoted}:1")


def long_names(random: Random, uid: str) -> bytes:
    size = random.choice([65, 256, 5_000, 100_000])
    inner = random.choice(
        [
            f"X-{'A' * size}:v",
            f"{'g' * size}.NOTE:v",
            f"X-A;X-{'P' * size}=v:v",
            f"X-A;P={'v' * size}:v",
            f"X-A{';P=v' * (size // 4)}:v",
            f"X-A;P={'v,' * (size // 2)}v:v",
            f"{'a.' * (size // 2)}NOTE:v",
            f"X-A{';P' * (size // 2)}:v",
            f"{'Ä' * size}:v",
            f":{'v' * size}",
            f"{' ' * size}:v",
            f"X-A;={'v' * size}:v",
        ]
    )
    return _lines(uid if random.random() < 0.8 else "f" * size, inner)


def empty(random: Random, uid: str) -> bytes:
    pieces = [
        "",
        " ",
        "\r\n",
        "\n",
        "\ufeff",
        "BEGIN:VCARD",
        "END:VCARD",
        "VERSION:3.0",
        "FN:",
        "N:;;;;",
        "UID:",
        ":",
        ";",
    ]
    return random.choice(["\r\n", "\n", "", "\r"]).join(random.choices(pieces, k=random.randint(0, 6))).encode()


def wrong_version(random: Random, uid: str) -> bytes:
    versions = [
        "",
        "1.0",
        "5.0",
        "99",
        "3",
        "3.0.0",
        "٣.0",
        "3,0",
        "-4.0",
        "4.0;3.0",
        "3.0\r\nVERSION:4.0",
        "\\n",
        "x" * 999,
    ]
    body = _lines(uid, f"NOTE:{_piece(random)}", version=random.choice(versions))
    return body if random.random() < 0.9 else body.replace(b"VERSION:", b"X-VERSION:")


def many_cards(random: Random, uid: str) -> bytes:
    cards = [
        _lines(uid if random.random() < 0.5 else f"{n:032x}", f"NOTE:{_piece(random)}")
        for n in range(random.choice([2, 3, 40]))
    ]
    between = random.choice([b"", b"\r\n", b"x\r\n", b"\0", b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"])
    return between.join(cards)


def agents(random: Random, uid: str) -> bytes:
    """A person inside a person (RFC 2426 §3.5.4): who is masked outside would come back inside."""
    depth = random.choice([1, 2, 30])
    open_line = random.choice(["AGENT:", "AGENT:BEGIN:VCARD", "AGENT;VALUE=vcard:", "agent:\r\nBEGIN:VCARD"])
    inline = f"AGENT:BEGIN:VCARD\\n{EVIL}:1\\nFN:Innen\\nEND:VCARD\\n"
    twice = inline.replace("\\", "\\\\").replace("AGENT:", f"{inline}\r\nAGENT:")
    nested = [*[open_line] * depth, "BEGIN:VCARD", f"{EVIL}:1", *["END:VCARD"] * random.choice([0, 1, depth])]
    return _lines(uid, *random.choice([nested, [inline], [twice], ["AGENT;VALUE=uri:CID:x@example.org"]]))


def mutated(random: Random, uid: str) -> bytes:
    """A card of a real program, with some bytes changed, dropped, doubled or swapped."""
    inner = ["item1.TEL;type=CELL:+49 30 1", "item1.X-ABLabel:_$!<Mobile>!$_", 'ADR;LABEL="a\\nb":;;Weg 1;Halle;;;D']
    body = bytearray(_lines(uid, *inner, "NOTE:a\\nb\\, 😀", "BDAY;VALUE=date:1961-04-05", "ORG:F;D", "X-A;P=q:1;2"))
    for _ in range(random.choice([1, 1, 2, 8])):
        at = random.randrange(len(body))
        match random.randrange(4):
            case 0:
                body[at] = random.randrange(256)
            case 1:
                del body[at : at + random.randint(1, 9)]
            case 2:
                body[at:at] = body[at : at + random.randint(1, 40)]
            case _:
                other = random.randrange(len(body))
                body[at], body[other] = body[other], body[at]
    return bytes(body)


#: Each class, and how many of its bodies are sent. Together 10,000.
CLASSES: dict[str, tuple[Body, int]] = {
    "bad UTF-8": (bad_utf_8, 1000),
    "control characters": (control_characters, 1000),
    "nested BEGIN": (nested_begin, 1000),
    "long lines": (long_lines, 500),
    "too many properties": (many_properties, 500),
    "injection": (injection, 500),
    "XML-illegal characters": (xml_illegal, 500),
    "bombs": (bombs, 500),
    "carets": (carets, 500),
    "long names": (long_names, 500),
    "empty": (empty, 800),
    "wrong VERSION": (wrong_version, 800),
    "many cards in one": (many_cards, 800),
    "AGENT": (agents, 500),
    "mutated": (mutated, 600),
}
