"""The filter of an addressbook-query as values (RFC 6352 §10.5)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from radicale_propmgmt.domain.errors import BadRequestError, UnsupportedCollationError, UnsupportedFilterError

from .names import CARDDAV, carddav
from .xml_tree import Element

#: Conditions of one filter. Each is tested on every card that the others leave; address books send about ten.
CONDITIONS = 100


class Collation(StrEnum):
    """How texts are compared (RFC 4790, RFC 5051)."""

    ASCII = "i;ascii-casemap"
    OCTET = "i;octet"
    UNICODE = "i;unicode-casemap"


class MatchType(StrEnum):
    """Where the text has to stand."""

    EQUALS = "equals"
    CONTAINS = "contains"
    STARTS_WITH = "starts-with"
    ENDS_WITH = "ends-with"


@dataclass(frozen=True, slots=True)
class TextMatch:
    """One comparison."""

    text: str
    collation: Collation = Collation.UNICODE
    match_type: MatchType = MatchType.CONTAINS
    negated: bool = False


@dataclass(frozen=True, slots=True)
class ParamFilter:
    """A condition on a parameter: it is there (no match given), is not, or its value matches."""

    name: str
    match: TextMatch | None = None
    is_not_defined: bool = False


@dataclass(frozen=True, slots=True)
class PropFilter:
    """A condition on a property; ``group`` is None where the filter names none."""

    name: str
    group: str | None = None
    is_not_defined: bool = False
    conditions: tuple[TextMatch | ParamFilter, ...] = ()
    all_of: bool = False


@dataclass(frozen=True, slots=True)
class Filter:
    """Conditions on a card; none = every card."""

    props: tuple[PropFilter, ...] = ()
    all_of: bool = False


def read_filter(root: Element | None) -> Filter:
    """Read a filter.

    <!ELEMENT filter (prop-filter*)>  test (anyof | allof) "anyof"

    Raises:
        BadRequestError: A part that must be there is missing.
        UnsupportedFilterError: An element or value we do not know, or more conditions than one filter may have.
        UnsupportedCollationError: A collation we do not offer.
    """
    if root is None:
        return Filter()
    _check_children(root, {"prop-filter"})
    if sum(1 + len(child.children) for child in root.children) > CONDITIONS:
        raise UnsupportedFilterError
    return Filter(tuple(_read_prop_filter(child) for child in root.children), _is_all_of(root))


def _check_children(parent: Element, known: set[str]) -> None:
    if any(child.name.namespace != CARDDAV or child.name.local not in known for child in parent.children):
        raise UnsupportedFilterError


def _is_all_of(element: Element) -> bool:
    test = element.attributes.get("test", "anyof")
    if test not in {"anyof", "allof"}:
        raise UnsupportedFilterError
    return test == "allof"


def _name_of(element: Element) -> str:
    name = element.attributes.get("name", "").strip().upper()
    if not name:
        raise BadRequestError("a filter without a name")
    return name


def _read_prop_filter(element: Element) -> PropFilter:
    """Read <!ELEMENT prop-filter (is-not-defined | (text-match*, param-filter*))>."""
    _check_children(element, {"is-not-defined", "text-match", "param-filter"})
    group, dot, name = _name_of(element).rpartition(".")
    is_not_defined = element.find(carddav("is-not-defined")) is not None
    if is_not_defined and len(element.children) > 1:
        raise BadRequestError("is-not-defined stands alone")
    conditions = tuple(
        _read_text_match(child) if child.name.local == "text-match" else _read_param_filter(child)
        for child in element.children
        if child.name.local != "is-not-defined"
    )
    return PropFilter(name, group if dot else None, is_not_defined, conditions, _is_all_of(element))


def _read_param_filter(element: Element) -> ParamFilter:
    """Read <!ELEMENT param-filter (is-not-defined | text-match)?>."""
    _check_children(element, {"is-not-defined", "text-match"})
    if len(element.children) > 1:
        raise BadRequestError("a param-filter has one condition")
    match = element.find(carddav("text-match"))
    return ParamFilter(
        _name_of(element),
        None if match is None else _read_text_match(match),
        element.find(carddav("is-not-defined")) is not None,
    )


def _read_text_match(element: Element) -> TextMatch:
    """Read <!ELEMENT text-match (#PCDATA)>; the default collation is i;unicode-casemap."""
    collation = element.attributes.get("collation", "default")
    negated = element.attributes.get("negate-condition", "no")
    match_type = element.attributes.get("match-type", "contains")
    if element.children or negated not in {"yes", "no"} or match_type not in set(MatchType):
        raise UnsupportedFilterError
    if collation != "default" and collation not in set(Collation):
        raise UnsupportedCollationError
    return TextMatch(
        element.text,
        Collation.UNICODE if collation == "default" else Collation(collation),
        MatchType(match_type),
        negated == "yes",
    )
