"""Filters against cards: what a query finds is decided on the masked card alone (RFC 6352 §10.5)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence

from radicale_propmgmt.domain.text import fold
from radicale_propmgmt.vcard.contentline import Property, parse_lines

from .filter_request import Collation, Filter, MatchType, ParamFilter, PropFilter, TextMatch

Needles = frozenset[str]

#: Every card has these, so that asking whether they are there asks nothing.
_ALWAYS = frozenset({"FN", "UID", "VERSION"})
_LISTS = frozenset({"CATEGORIES", "NICKNAME"})
#: Properties whose values are no part of the searched text (see ``vcard.search``).
_NOT_SEARCHED = frozenset({"PHOTO", "LOGO", "SOUND", "KEY", "BEGIN", "END", "VERSION"})
_BETWEEN_WORDS = re.compile(r"[\s,;:\\]+")
_ALTERNATIVES = 8
_WORDS = 16  # in one prefilter: the longest find as much as all, and SQLite bounds the depth of a condition


def matches_everything(wanted: Filter) -> bool:
    """Tell whether no card needs a look: no condition, or one that every card meets."""
    if not wanted.props:
        return True
    trivial = [_is_trivial(prop) for prop in wanted.props]
    return all(trivial) if wanted.all_of else any(trivial)


def _is_trivial(prop: PropFilter) -> bool:
    return prop.name in _ALWAYS and prop.group is None and not prop.is_not_defined and not prop.conditions


def find_needles(wanted: Filter) -> list[Needles] | None:
    """Derive folded texts of which every match holds all of at least one set; None = nothing can be derived.

    Returns:
        A few sets for the SQL prefilter, whose candidates are a superset of the matches.
    """
    found = _combine([_prop_needles(prop) for prop in wanted.props], all_of=wanted.all_of)
    if found is None or len(found) > _ALTERNATIVES:
        return None
    return sorted({frozenset(sorted(words, key=len)[-_WORDS:]) for words in found}, key=sorted)


def _combine(parts: Sequence[list[Needles] | None], *, all_of: bool) -> list[Needles] | None:
    if not all_of:
        found: list[Needles] = []
        for part in parts:
            if part is None:
                return None
            found += part
        return found or None
    single = [part[0] for part in parts if part is not None and len(part) == 1]
    if single:
        return [frozenset().union(*single)]
    return min((part for part in parts if part is not None), key=len, default=None)


def _prop_needles(prop: PropFilter) -> list[Needles] | None:
    if prop.is_not_defined or prop.name in _NOT_SEARCHED:
        return None
    return _combine([_condition_needles(condition) for condition in prop.conditions], all_of=prop.all_of)


def _condition_needles(condition: TextMatch | ParamFilter) -> list[Needles] | None:
    if isinstance(condition, ParamFilter) or condition.negated:
        return None
    words = frozenset(word for word in _BETWEEN_WORDS.split(fold(condition.text)) if word)
    return [words] if words else None


def matches(wanted: Filter, body: bytes) -> bool:
    """Test one card exactly."""
    if not wanted.props:
        return True
    by_name: dict[str, list[Property]] = {}
    for found in parse_lines(body):
        by_name.setdefault(found.name, []).append(found)
    results = (_prop_matches(prop, by_name.get(prop.name, ())) for prop in wanted.props)
    return all(results) if wanted.all_of else any(results)


def _prop_matches(prop: PropFilter, instances: Iterable[Property]) -> bool:
    if prop.group is not None:
        instances = [found for found in instances if found.group.upper() == prop.group]
    if prop.is_not_defined:
        return not instances
    if not prop.conditions:
        return bool(instances)
    if not prop.all_of:
        return bool(instances) and any(_condition_holds(condition, instances) for condition in prop.conditions)
    one = [c for c in prop.conditions if not (isinstance(c, TextMatch) and c.negated)]
    none = [c for c in prop.conditions if isinstance(c, TextMatch) and c.negated]
    return any(all(_condition_holds(c, (found,)) for c in one) for found in instances) and all(
        _condition_holds(c, instances) for c in none
    )


def _condition_holds(condition: TextMatch | ParamFilter, instances: Iterable[Property]) -> bool:
    """Tell whether some instance meets a condition; a negated text must stand in none of them."""
    if isinstance(condition, TextMatch):
        return _text_holds(condition, [value for found in instances for value in _values(found)])
    return any(_param_holds(condition, found) for found in instances)


def _values(found: Property) -> list[str]:
    return [found.text, *found.texts] if found.name in _LISTS else [found.text]


def _param_holds(wanted: ParamFilter, found: Property) -> bool:
    values = found.param(wanted.name) + (found.types if wanted.name == "TYPE" else ())
    if wanted.is_not_defined:
        return not values
    return bool(values) and (wanted.match is None or _text_holds(wanted.match, values))


def _text_holds(wanted: TextMatch, values: Iterable[str]) -> bool:
    key = _KEYS[wanted.collation]
    test, text = _TESTS[wanted.match_type], key(wanted.text)
    return any(test(key(value), text) for value in values) != wanted.negated


def _ascii_casemap(text: str) -> str:
    return text.lower() if text.isascii() else re.sub("[A-Z]+", lambda found: found[0].lower(), text)


def _unicode_casemap(text: str) -> str:
    """Map as i;unicode-casemap does (RFC 5051), with full case folding: ß is ss to a German.

    Folded twice: what a compatibility character is made of may be in upper case (℡ is TEL).
    """
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return unicodedata.normalize("NFKD", decomposed.casefold())


_KEYS: dict[Collation, Callable[[str], str]] = {
    Collation.ASCII: _ascii_casemap,
    Collation.OCTET: str,
    Collation.UNICODE: _unicode_casemap,
}
_TESTS: dict[MatchType, Callable[[str, str], bool]] = {
    MatchType.EQUALS: str.__eq__,
    MatchType.CONTAINS: str.__contains__,
    MatchType.STARTS_WITH: str.startswith,
    MatchType.ENDS_WITH: str.endswith,
}
