"""Content lines: nothing lost, nothing injected, nothing longer than 75 octets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radicale_propmgmt.domain.errors import UsageError
from radicale_propmgmt.vcard import limits
from radicale_propmgmt.vcard.contentline import Property, parse_lines, serialise
from radicale_propmgmt.vcard.errors import CardTooLargeError, ParseError
from radicale_propmgmt.vcard.values import (
    decode_param,
    encode_param,
    escape,
    join_structured,
    split_raw,
    split_structured,
    split_texts,
    unescape,
)

# Small alphabets: every character here means something to some version of the format.
TOKENS = st.text("AB-1", min_size=1, max_size=4).filter(lambda t: t.strip("-") != "")
PARAM_TEXT = st.text('a;,:"^n=\n ü\\', max_size=6)
VALUES = st.text('a;,:"\\n=^ ü😀', max_size=60)
PROPERTIES = st.builds(
    Property,
    TOKENS.map(lambda t: "X" + t),
    VALUES,
    st.lists(st.tuples(TOKENS, st.lists(PARAM_TEXT, min_size=1, max_size=3).map(tuple)), max_size=3).map(tuple),
    st.sampled_from(["", "item1", "HOME"]),
)
ANY_TEXT = st.text('ab\r\n\t\x00\x0b\x85\u2028\ufffe\ud800;,:"^n \\', max_size=20)


@given(st.lists(PROPERTIES, max_size=5))
def test_what_is_written_is_read_back_unchanged(properties: list[Property]) -> None:
    assert parse_lines(serialise(properties)) == properties


@given(st.lists(PROPERTIES, max_size=5))
def test_writing_what_was_read_gives_the_same_bytes(properties: list[Property]) -> None:
    written = serialise(properties)
    assert serialise(parse_lines(written)) == written


@given(st.lists(PROPERTIES, max_size=3))
def test_no_line_is_longer_than_75_octets_and_none_ends_inside_a_character(properties: list[Property]) -> None:
    """RFC 6350 §3.2."""
    for line in serialise(properties).split(b"\r\n"):
        assert len(line) <= 75
        line.decode()


@pytest.mark.parametrize("shift", range(5))
@pytest.mark.parametrize("character", ["a", "ü", "€", "😀"])
def test_long_lines_are_folded_as_late_as_possible(character: str, shift: int) -> None:
    written = serialise([Property("X" * (shift + 1), character * 200)])
    *full, _, end = written.split(b"\r\n")
    assert end == b""
    assert {len(line) for line in full} <= {75 - short for short in range(len(character.encode()))}
    assert parse_lines(written)[0].value == character * 200


@given(ANY_TEXT, ANY_TEXT, ANY_TEXT, ANY_TEXT)
def test_nothing_that_a_property_contains_starts_another_line(value: str, param: str, key: str, group: str) -> None:
    """Values, parameters, parameter names and groups come from clients."""
    written = serialise(
        [Property("NOTE", value, ((key, (param,)), ("X-A", (param,))), group), Property("END", "VCARD")]
    )
    unfolded = written.replace(b"\r\n ", b"").decode()
    assert unfolded.count("\r\n") == 2
    assert not set(unfolded.replace("\r\n", "")) & set("\r\n\x00\x0b\x85\ufffe\ud800")
    assert parse_lines(written.replace(b"END:VCARD\r\n", b""))[0].name == "NOTE"


@given(st.text("ab;,\\n:\n ü", max_size=12))
def test_a_text_survives_escaping(text: str) -> None:
    assert unescape(escape(text)) == text


@given(st.text('ab;,:"^n\n ', max_size=12))
def test_a_parameter_survives_carets_and_quotes(text: str) -> None:
    """RFC 6868."""
    assert decode_param(encode_param(text)) == text


@given(st.lists(st.text("a;,\\n", max_size=5), min_size=1, max_size=5))
def test_components_survive_joining(components: list[str]) -> None:
    assert split_structured(join_structured(components)) == components


@given(st.text("a;,\\n", max_size=12), st.sampled_from(",;"))
def test_splitting_loses_no_character(value: str, separator: str) -> None:
    assert separator.join(split_raw(value, separator)) == value


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("a\\nb\\Nc", "a\nb\nc"),
        ("https\\://x", "https://x"),
        ("C:\\temp", "C:\\temp"),
        ("a\\", "a\\"),
        ("\\\\n", "\\n"),
    ],
)
def test_an_unknown_escape_stays_and_a_known_one_is_undone(raw: str, text: str) -> None:
    assert unescape(raw) == text


def test_a_comma_list_is_split_at_unescaped_commas_only() -> None:
    assert split_texts("Jü,Jo\\,gi\\\\,x") == ["Jü", "Jo,gi\\", "x"]


def parsed(line: bytes) -> Property:
    (found,) = parse_lines(line)
    return found


def test_bare_parameters_of_version_2_1_become_type_and_encoding() -> None:
    found = parsed(b"PHOTO;JPEG;BASE64;INLINE:AAAA")
    assert found.params == (("TYPE", ("JPEG",)), ("ENCODING", ("BASE64",)), ("VALUE", ("INLINE",)))
    assert parsed(b"tel;work;voice:1").types == ("WORK", "VOICE")


def test_a_quoted_list_of_types_is_a_list() -> None:
    """RFC 6350 erratum 3368: many programs write TYPE="voice,home"."""
    assert parsed(b'TEL;TYPE="voice,home";TYPE=cell:1').types == ("VOICE", "HOME", "CELL")


def test_a_colon_inside_quotes_does_not_end_the_parameters() -> None:
    found = parsed(b'item1.ADR;LABEL="a:b;c,d":x:y')
    assert found == Property("ADR", "x:y", (("LABEL", ("a:b;c,d",)),), "item1")


def test_a_fold_inside_a_character_is_undone_before_decoding() -> None:
    """RFC 6350 §3.2 asks receivers to cope."""
    assert parsed(b"NOTE:M\xc3\r\n \xbcller").value == "Müller"


def test_quoted_printable_with_soft_breaks_is_decoded() -> None:
    data = b"NOTE;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:M=FCller=0D=0Azwei=\r\n  drei\r\nTEL:1\r\n"
    assert parse_lines(data) == [Property("NOTE", "Müller\\nzwei  drei"), Property("TEL", "1")]


def test_quoted_printable_cannot_make_a_property() -> None:
    data = b"NOTE;QUOTED-PRINTABLE:a=0D=0ATEL:666=0ATEL:667=0DTEL:668"
    assert serialise(parse_lines(data)) == b"NOTE:a\\nTEL:666\\nTEL:667\\nTEL:668\r\n"


def test_a_charset_counts_only_where_version_2_1_declares_it() -> None:
    assert parse_lines(b"VERSION:2.1\nN;CHARSET=windows-1252:M\xfcller")[1].value == "Müller"
    for data in (b"VERSION:3.0\nN;CHARSET=windows-1252:M\xfcller", b"VERSION:2.1\nN:M\xfcller"):
        with pytest.raises(ParseError, match="UTF-8"):
            parse_lines(data)


@pytest.mark.parametrize("charset", [b"unicode_escape", b"zlib", b"rot13", b"utf-7", b"idna", b"raw_unicode_escape"])
def test_a_charset_is_one_of_a_list_of_charsets(charset: bytes) -> None:
    with pytest.raises(ParseError, match="CHARSET"):
        parse_lines(b"VERSION:2.1\nN;CHARSET=" + charset + b":a\\ud800")


@pytest.mark.parametrize(
    "data",
    [
        b"NOTE:\x00",
        b"NOTE:\x1b",
        b"NOTE:a\rTEL:1",
        b"NOTE:\xc2\x85",
        b"NOTE:\xef\xbf\xbe",
        b"NOTE:\xed\xa0\x80",
        b"NOTE:\xff",
        b"no colon",
        b'X;A="open:quote',
        b"N\xc3\x84ME:x",
        b":x",
        b"X;A:B=:1\n=;:",
        b"NOTE;ENCODING=QUOTED-PRINTABLE:=00",
        b"NOTE;ENCODING=QUOTED-PRINTABLE:=FF",
        b"BEGIN:VCARD\nBEGIN:VCARD\nEND:VCARD\nEND:VCARD",
        b"END:VCARD",
        b"BEGIN:VCARD",
        b"FN:a\xff\nTEL;X=" + b"9" * 10,
    ],
)
def test_what_is_no_card_is_refused(data: bytes) -> None:
    with pytest.raises(ParseError):
        parse_lines(data)


def test_a_refusal_names_line_and_property_but_never_the_value() -> None:
    with pytest.raises(UsageError) as caught:
        parse_lines(b"BEGIN:VCARD\r\nFN:a\r\n b\r\nNOTE:geheim\x01\r\nEND:VCARD\r\n")
    assert str(caught.value) == "line 4: NOTE: control characters"


def test_caps_are_enforced() -> None:
    with pytest.raises(CardTooLargeError):
        parse_lines(b"N:" + b"a" * limits.CARD_BYTES)
    with pytest.raises(ParseError, match="properties"):
        parse_lines(b"TEL:1\n" * (limits.CARD_PROPERTIES + 1))
    with pytest.raises(ParseError, match="parameters"):
        parse_lines(b"TEL" + b";A=b" * (limits.PROPERTY_PARAMS + 1) + b":1")
    assert len(parse_lines(b"TEL:1\n" * limits.CARD_PROPERTIES)) == limits.CARD_PROPERTIES


def test_a_byte_order_mark_and_blank_lines_are_passed_over() -> None:
    assert parse_lines(b"\xef\xbb\xbfFN:a\r\n\r\n \r\nTEL:1\n") == [Property("FN", "a"), Property("TEL", "1")]
