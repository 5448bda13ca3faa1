"""addressbook-query: RFC 6352 §8.6 and §10.3–10.6, one rule after another."""

from __future__ import annotations

import time

import pytest

from tests.dav.conftest import House
from tests.support.dav import clark

BOOK = "/chef/alle/"
EVERYBODY = {"mueller", "schmidt", "strasse", "xml", "nick", "bare"}


def match(text: str, **attributes: str) -> str:
    given = "".join(f' {name.replace("_", "-")}="{value}"' for name, value in attributes.items())
    return f"<CR:text-match{given}>{text}</CR:text-match>"


def prop(name: str, *inner: str, test: str = "") -> str:
    given = f' test="{test}"' if test else ""
    return f'<CR:prop-filter name="{name}"{given}>{"".join(inner)}</CR:prop-filter>'


def param(name: str, inner: str = "") -> str:
    return f'<CR:param-filter name="{name}">{inner}</CR:param-filter>'


def filters(*props: str, test: str = "") -> str:
    given = f' test="{test}"' if test else ""
    return f"<CR:filter{given}>{''.join(props)}</CR:filter>"


NOT_DEFINED = "<CR:is-not-defined/>"


def ask(house: House, *props: str, test: str = "", login: str = "chef") -> set[str]:
    """Who is found."""
    book = f"/{login}/alle/"
    answer = house.client(login).query(book, filters(*props, test=test))
    assert answer.status == 207, answer.text
    names = {house.href(who, book): who for who in house.people}
    return {names[href] for href in answer.responses}


def test_no_condition_is_met_by_all(house: House) -> None:
    """RFC 6352 §10.5: an empty filter; one that is missing is meant so, too."""
    assert ask(house) == EVERYBODY
    assert ask(house, test="allof") == EVERYBODY
    assert len(house.client("chef").query(BOOK, "").responses) == 6


def test_a_property_is_there_or_is_not(house: House) -> None:
    assert ask(house, prop("TEL")) == {"mueller", "schmidt"}
    assert ask(house, prop("tel")) == {"mueller", "schmidt"}
    assert ask(house, prop("TEL", NOT_DEFINED)) == EVERYBODY - {"mueller", "schmidt"}
    assert ask(house, prop("X-NEVER")) == set()
    assert ask(house, prop("X-NEVER", NOT_DEFINED)) == EVERYBODY
    assert ask(house, prop("FN")) == ask(house, prop("UID")) == ask(house, prop("VERSION")) == EVERYBODY
    assert ask(house, prop("FN", NOT_DEFINED)) == set()


@pytest.mark.parametrize(
    ("kind", "text", "found"),
    [
        ("equals", "Anna Müller", {"mueller"}),
        ("equals", "anna mÜLLER", {"mueller"}),
        ("equals", "Anna", set()),
        ("contains", "nna", {"mueller", "schmidt", "nick"}),
        ("contains", "", EVERYBODY),
        ("starts-with", "anna", {"mueller", "schmidt", "nick"}),
        ("starts-with", "nna", set()),
        ("ends-with", "STRASSE", {"strasse"}),
        ("ends-with", "Straß", set()),
    ],
)
def test_a_text_stands_where_it_is_looked_for(house: House, kind: str, text: str, found: set[str]) -> None:
    """RFC 6352 §10.5.4, match-type."""
    assert ask(house, prop("FN", match(text, match_type=kind))) == found
    negated = match(text, match_type=kind, negate_condition="yes")
    assert ask(house, prop("FN", negated)) == EVERYBODY - found


def test_contains_is_the_match_that_is_meant(house: House) -> None:
    assert ask(house, prop("FN", match("mid"))) == {"schmidt"}


@pytest.mark.parametrize(
    ("collation", "text", "found"),
    [
        ("i;octet", "Müller", {"mueller"}),
        ("i;octet", "müller", set()),
        ("i;ascii-casemap", "MüLLER", {"mueller"}),
        ("i;ascii-casemap", "MÜLLER", set()),
        ("i;unicode-casemap", "MÜLLER", {"mueller"}),
        ("i;unicode-casemap", "mu\u0308ller", {"mueller"}),
        ("i;unicode-casemap", "strasse", {"strasse"}),
        ("i;unicode-casemap", "muller", set()),
        ("default", "MÜLLER", {"mueller"}),
    ],
)
def test_a_collation_says_what_is_the_same(house: House, collation: str, text: str, found: set[str]) -> None:
    """RFC 4790 §9.2, §9.3; RFC 5051. Without one it is i;unicode-casemap (RFC 6352 §8.3)."""
    assert ask(house, prop("FN", match(text, collation=collation))) == found
    if collation == "i;unicode-casemap":
        assert ask(house, prop("FN", match(text))) == found


@pytest.mark.parametrize("collation", ["i;ascii-numeric", "i;basic", "", "I;OCTET", "i;unicode-casemap "])
@pytest.mark.parametrize("where", [prop("FN", "{}"), prop("TEL", param("TYPE", "{}"))])
def test_another_collation_is_refused(house: House, where: str, collation: str) -> None:
    """RFC 6352 §8.6: CARDDAV:supported-collation."""
    answer = house.client("chef").query(BOOK, filters(where.format(match("x", collation=collation))))
    assert answer.status == 403
    assert [element.tag for element in answer.xml] == [clark("CR:supported-collation")]


def test_any_or_all_conditions_of_a_filter(house: House) -> None:
    """RFC 6352 §10.5, test: anyof unless said otherwise."""
    anna, tel = prop("FN", match("anna")), prop("TEL")
    assert ask(house, anna, tel) == ask(house, anna, tel, test="anyof") == {"mueller", "schmidt", "nick"}
    assert ask(house, anna, tel, test="allof") == {"mueller", "schmidt"}
    assert ask(house, anna, tel, prop("EMAIL"), test="allof") == {"mueller"}
    assert ask(house, prop("TEL"), prop("TEL", NOT_DEFINED), test="allof") == set()
    assert ask(house, prop("FN"), prop("TEL"), test="allof") == {"mueller", "schmidt"}
    assert ask(house, prop("X-NEVER"), prop("FN")) == EVERYBODY


def test_any_or_all_conditions_of_a_property(house: House) -> None:
    """RFC 6352 §10.5.1, test: all must hold for one and the same instance."""
    both = [match("170"), match("30 222")]
    assert ask(house, prop("TEL", *both)) == {"mueller", "schmidt"}
    assert ask(house, prop("TEL", *both, test="allof")) == set(), "schmidt has both, but in two numbers"
    cell, work = param("TYPE", match("cell", match_type="equals")), param("TYPE", match("work"))
    assert ask(house, prop("TEL", match("170 333"), cell, test="allof")) == {"schmidt"}
    assert ask(house, prop("TEL", match("170 333"), work, test="allof")) == set()
    assert ask(house, prop("TEL", match("999"), work)) == {"schmidt"}


def test_a_negated_text_stands_in_no_instance(house: House) -> None:
    """RFC 6352 §10.5.4; the property itself must be there."""
    without = match("222", negate_condition="yes")
    assert ask(house, prop("TEL", without)) == {"mueller"}
    assert ask(house, prop("TEL", match("170"), without, test="allof")) == {"mueller"}
    assert ask(house, prop("TEL", match("222", negate_condition="no"))) == {"schmidt"}


def test_a_parameter_is_there_or_is_not_or_matches(house: House) -> None:
    """RFC 6352 §10.5.2."""
    assert ask(house, prop("EMAIL", param("TYPE"))) == {"mueller"}
    assert ask(house, prop("EMAIL", param("type", NOT_DEFINED))) == {"strasse"}
    assert ask(house, prop("TEL", param("TYPE", match("WORK")))) == {"schmidt"}
    assert ask(house, prop("TEL", param("TYPE", match("work", negate_condition="yes")))) == {"mueller", "schmidt"}
    assert ask(house, prop("TEL", param("X-NEVER", match("")))) == set()
    assert ask(house, prop("NOTE", param("TYPE", NOT_DEFINED))) == {"mueller", "xml"}


def test_a_group_narrows_a_property(house: House) -> None:
    """RFC 6352 §10.5.1: without a group all instances count."""
    assert ask(house, prop("item1.TEL")) == {"schmidt"}
    assert ask(house, prop("ITEM1.tel", match("333"))) == {"schmidt"}
    assert ask(house, prop("item1.TEL", match("222"))) == set()
    assert ask(house, prop("item2.TEL")) == set()
    assert ask(house, prop("item1.TEL", NOT_DEFINED)) == EVERYBODY - {"schmidt"}
    assert ask(house, prop("X-ABLabel", match("Notruf"))) == {"schmidt"}


def test_values_are_compared_as_they_read(house: House) -> None:
    """Unescaped (RFC 6350 §3.4), as a whole and, of a list, each entry; markup is text."""
    assert ask(house, prop("NOTE", match("Zählt; Wasser, Strom", match_type="equals"))) == {"mueller"}
    assert ask(house, prop("NICKNAME", match("biene", match_type="equals"))) <= {"nick"}
    assert ask(house, prop("NICKNAME", match("bär,biene", match_type="equals"))) == {"nick"}
    assert ask(house, prop("FN", match("&lt;b&gt;&amp;amp;]]&gt;"))) == {"xml"}
    assert ask(house, prop("FN", match("<![CDATA[<b>&amp;]]]]>&gt;"))) == {"xml"}
    assert ask(house, prop("NOTE", match("😀"))) == ask(house, prop("NOTE", match("&#x1F600; &#x1D518;"))) == {"xml"}
    assert ask(house, prop("URL", match("?a=1&amp;b"))) == {"nick"}
    assert ask(house, prop("FN", match("%")), prop("FN", match("_"))) == set(), "no pattern of SQL"
    assert ask(house, prop("N", match("müller;anna", match_type="starts-with"))) == {"mueller"}


def test_a_masked_viewer_finds_by_what_it_sees_alone(house: House) -> None:
    """Security E8: else a hidden field could be asked letter by letter."""
    seen = {"mueller", "schmidt", "strasse", "xml", "nick", "bare"}
    for name in ("EMAIL", "NOTE", "URL", "TITLE", "item1.EMAIL", "CATEGORIES", "X-PROPMGMT-OBJEKT"):
        assert ask(house, prop(name), login="horst") == set()
        assert ask(house, prop(name, NOT_DEFINED), login="horst") == seen
        assert ask(house, prop(name, match("a")), prop(name, match("")), login="horst") == set()
        assert ask(house, prop(name, match("zz", negate_condition="yes")), login="horst") == set()
    assert ask(house, prop("FN", match("müller")), login="horst") == {"mueller"}
    assert ask(house, prop("FN", match("müller")), login="stumm") == set()
    assert ask(house, prop("N", match("müller")), login="stumm") == set()
    assert ask(house, prop("TEL", match("111")), login="stumm") == {"mueller"}


def test_who_is_hidden_is_found_by_nothing(house: House) -> None:
    for condition in (
        prop("FN", match("Sperrmann")),
        prop("TEL", match("999")),
        prop("EMAIL", match("weg")),
        prop("FN"),
    ):
        assert ask(house, condition) <= EVERYBODY
    assert ask(house, prop("UID", match(house.name("blocked").removesuffix(".vcf")))) == set()


@pytest.mark.parametrize(
    "condition", ["", prop("FN"), prop("FN", match("")), prop("FN", match("a")), prop("X-N", NOT_DEFINED)]
)
def test_a_limit_cuts_and_says_so(house: House, condition: str) -> None:
    """RFC 6352 §8.6.2: 507 with DAV:number-of-matches-within-limits on the collection."""
    everything = house.client("chef").query(BOOK, filters(condition)).statuses
    for limit in (0, 1, 3, len(everything), len(everything) + 1, 10**20):
        answer = house.client("chef").query(BOOK, filters(condition), limit=limit)
        statuses = answer.statuses
        cut = statuses.pop(BOOK, None)
        assert len(statuses) == min(limit, len(everything))
        assert statuses.items() <= everything.items()
        assert (cut == "507") == (limit < len(everything))
        assert answer.has("D:number-of-matches-within-limits") == (limit < len(everything))


def test_a_match_brings_what_was_asked_of_it(house: House) -> None:
    condition = filters(prop("FN", match("müller")))
    answer = house.client("chef").query(
        BOOK, condition, '<D:getetag/><D:x/><CR:address-data version="4.0"><CR:prop name="FN"/></CR:address-data>'
    )
    href = house.href("mueller")
    assert answer.prop(href, "D:getetag").text == house.client("chef").sync(BOOK).texts("D:getetag")[href]
    data = answer.prop(href, "CR:address-data").text
    assert data == "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Anna Müller\r\nEND:VCARD\r\n"
    assert answer.prop(href, "D:x", "404") is not None


@pytest.mark.parametrize(
    ("condition", "status"),
    [
        ('<CR:filter test="oneof"/>', 403),
        ("<CR:filter><CR:comp-filter name='x'/></CR:filter>", 403),
        ("<CR:filter><D:prop-filter name='x'/></CR:filter>", 403),
        (filters(prop("FN", match("x", match_type="regex"))), 403),
        (filters(prop("FN", match("x", negate_condition="maybe"))), 403),
        (filters(prop("FN", "<CR:time-range/>")), 403),
        (filters(prop("FN", match("<CR:x/>"))), 403),
        (filters(prop("FN", match("x"), test="none")), 403),
        (filters("<CR:prop-filter/>"), 400),
        (filters(prop(" ")), 400),
        (filters(prop("FN", NOT_DEFINED, match("x"))), 400),
        (filters(prop("FN", param("TYPE", NOT_DEFINED + match("x")))), 400),
        (filters(prop("FN", param(""))), 400),
        (filters(prop("FN", match("x" * 70_000))), 400),
        (filters(*[prop("FN", match(str(n))) for n in range(51)]), 403),
        (filters(prop("FN", *[match(str(n)) for n in range(100)])), 403),
    ],
)
def test_a_filter_we_do_not_understand_is_refused(house: House, condition: str, status: int) -> None:
    """RFC 6352 §8.6: CARDDAV:supported-filter; what the DTD forbids is malformed."""
    answer = house.client("chef").query(BOOK, condition)
    assert answer.status == status
    assert status == 400 or answer.has("CR:supported-filter")


def test_a_filter_of_a_thousand_words_is_answered(house: House) -> None:
    """Its words become a condition of SQL, whose depth is bounded (SQLite: 1,000)."""
    text = " ".join(f"w{number}" for number in range(5000))
    assert ask(house, prop("FN", match(text))) == set()
    assert ask(house, *[prop("FN", match(f"{number} {text[:1000]}")) for number in range(40)], test="allof") == set()


def test_the_largest_filter_is_quick(house: House) -> None:
    conditions = [prop("FN", match("q" * 1000, negate_condition="yes", match_type="ends-with")) for _ in range(50)]
    started = time.perf_counter()
    assert ask(house, *conditions, test="allof") == EVERYBODY
    assert time.perf_counter() - started < 2
