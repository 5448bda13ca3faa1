"""Named faults of the merge, each of which its tests must find: the source text it changes, and into what."""

from __future__ import annotations

from typing import NamedTuple

PROPERTIES, RULES, CLIENTS = "test_merge_properties.py", "test_merge.py", "test_merge_clients.py"


class Mutant(NamedTuple):
    """One fault: the text must stand exactly once in the file, and the tests of ``found_by`` must fail."""

    name: str
    file: str
    old: str
    new: str
    found_by: str = PROPERTIES


MUTANTS = [
    Mutant(
        "what may be seen may be written",
        "merge.py",
        "allowed=visible & writable,",
        "allowed=visible,",
    ),
    Mutant(
        "the current card is the base (M7)",
        "merge.py",
        "old = seen if base is None else read_served(base)",
        "old = seen",
    ),
    Mutant(
        "whatever is missing was deleted",
        "merge_terms.py",
        "return self.has_base and self.capabilities.can_show(name)",
        "return self.has_base",
        RULES,
    ),
    Mutant(
        "without a base things are deleted",
        "merge_terms.py",
        "return self.has_base and self.capabilities.can_show(name)",
        "return self.capabilities.can_show(name)",
        RULES,
    ),
    Mutant(
        "another row of the same name is deleted",
        "merge_rows.py",
        "self.edits.deleted.add(place)",
        "self.edits.deleted.add(self.group.places[0])",
    ),
    Mutant(
        "an FN that a phone wrote is a person's name",
        "merge_texts.py",
        'if current.kind is ContactKind.ORGANISATION:\n        old["formatted"]',
        'if True:\n        old["formatted"]',
    ),
    Mutant(
        "a text that somebody else changed is overwritten",
        "merge_texts.py",
        '_key(name, old.get(name, "")) != _key(name, now.get(name, ""))',
        "False",
        RULES,
    ),
    Mutant(
        "a number that somebody else changed is overwritten",
        "merge_rows.py",
        "elif now.meaning == base.meaning:\n            self.edits.replaced",
        "elif True:\n            self.edits.replaced",
        RULES,
    ),
    Mutant(
        "an edit brings back what somebody else deleted",
        "merge_rows.py",
        "self._missed(base)\n        elif now.meaning == base.meaning:\n            self.edits.replaced",
        "self.edits.added[self.end].append(sent.value)\n"
        "        elif now.meaning == base.meaning:\n            self.edits.replaced",
        RULES,
    ),
    Mutant(
        "what both added stands twice",
        "merge_rows.py",
        "if index in present.of:",
        "if False:",
        RULES,
    ),
    Mutant(
        "phone numbers are compared as texts",
        "meaning.py",
        "return phone_key(text, region)",
        "return text",
        CLIENTS,
    ),
    Mutant(
        "what a client has no room for was deleted",
        "capabilities.py",
        "if not slots:",
        "if slots is not None:",
        CLIENTS,
    ),
    Mutant(
        "an edited number loses the label its client does not know",
        "row_change.py",
        "_label(change.sent) if change.label else stored.label,",
        "_label(change.sent),",
        CLIENTS,
    ),
    Mutant(
        "lines made from links are taken as they come",
        "merge.py",
        "    _find_edits_of_made_lines(old, new, terms, found)\n    if",
        "    if",
        CLIENTS,
    ),
]
