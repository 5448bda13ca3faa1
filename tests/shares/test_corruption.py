"""A damaged rule file shows nobody much more: it is refused, or waits for a person, or shows less.

The loader refuses what is no sentence of the language. A damage that happens to be one (a lost ``[[deny]]``) may give
some account more; more than a tenth of its cards is held back by ``exceeds_gain``.
"""

from __future__ import annotations

import contextlib
import re

from hypothesis import given, settings
from hypothesis import strategies as st

from radicale_propmgmt.domain.errors import ConfigError
from radicale_propmgmt.domain.rules import RuleSet
from radicale_propmgmt.shares.diff import diff, exceeds_gain
from tests.shares.fixture import AUDIENCES, SUBJECTS, TEXT, TODAY, access, demo_rules

RULES = demo_rules()
ACCESS = access(RULES)
LINES = TEXT.split("\n")
CHARACTERS = st.sampled_from("aehr019*#\"'[]{}=,.-_ \n\x00ä")
PLACES = st.integers(0, len(TEXT) - 1)
ROWS = st.integers(0, len(LINES) - 1)


def without_lines(first: int, count: int) -> str:
    return "\n".join(LINES[:first] + LINES[first + count :])


def moved(source: int, target: int) -> str:
    rest = LINES[:source] + LINES[source + 1 :]
    return "\n".join([*rest[:target], LINES[source], *rest[target:]])


def read(text: str) -> tuple[tuple[str, ...], RuleSet]:
    """The problems of a file, or its rules; a refused file leaves what holds."""
    try:
        return (), demo_rules(text)
    except ConfigError as error:
        return error.problems, RULES


DAMAGES = st.one_of(
    st.builds(lambda at, c: TEXT[:at] + c + TEXT[at:], PLACES, CHARACTERS),
    st.builds(lambda at, c: TEXT[:at] + c + TEXT[at + 1 :], PLACES, CHARACTERS),
    st.builds(lambda at, n: TEXT[:at] + TEXT[at + n :], PLACES, st.integers(1, 40)),
    st.builds(lambda at, bit: TEXT[:at] + chr(ord(TEXT[at]) ^ 1 << bit) + TEXT[at + 1 :], PLACES, st.integers(0, 7)),
    st.builds(lambda at: TEXT[:at], PLACES),
    st.builds(without_lines, ROWS, st.integers(1, 6)),
    st.builds(moved, ROWS, ROWS),
    st.builds(lambda row: "\n".join([*LINES[:row], LINES[row], *LINES[row:]]), ROWS),
)


@settings(max_examples=1000)
@given(DAMAGES)
def test_a_damaged_file_is_refused_or_waits_or_shows_at_most_a_tenth_more(text: str) -> None:
    problems, rules = read(text)
    assert all(re.match(r"shares\.toml:[1-9][0-9]*: \S+: .", problem) for problem in problems)
    held_back = {found.login for found in exceeds_gain(diff(RULES, rules, AUDIENCES, SUBJECTS.values(), TODAY))}
    grown = {(login, contact) for login, contact, _ in access(rules) - ACCESS}
    for login in {login for login, _ in grown} - held_back:
        before = {contact for who, contact, _ in ACCESS if who == login}
        assert sum(1 for who, _ in grown if who == login) <= 0.10 * len(before)


#: Words that mean something: keys, and texts that are no free text. Dates, numbers and tags are left out, since
#: another one of them is as good a sentence.
WORDS = [
    match.span()
    for match in re.finditer(r'^[a-z_]+(?= =)|(?<=")[a-z_:*]{3,}[a-z0-9]*(?=")', TEXT, re.MULTILINE)
    if match[0] != "vip" and not TEXT[: match.start()].rsplit("\n", 1)[-1].startswith(("#", "name", "purpose"))
]


@settings(max_examples=1000)
@given(st.sampled_from(WORDS), st.data())
def test_a_typing_error_in_a_word_of_the_language_is_refused_or_shows_no_more(
    word: tuple[int, int], data: st.DataObject
) -> None:
    begin, end = word
    at = data.draw(st.integers(begin, end - 1))
    letter = data.draw(st.sampled_from("abehrtxyz_*"))
    cut = data.draw(st.integers(0, 1))
    text = TEXT[:at] + data.draw(st.sampled_from(["", letter])) + TEXT[at + cut :]
    with contextlib.suppress(ConfigError):
        assert access(demo_rules(text)) <= ACCESS
