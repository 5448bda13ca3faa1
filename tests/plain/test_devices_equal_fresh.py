"""I1 for collections of one's own: a device that syncs incrementally, in pages or whole, equals one that lists afresh."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.plain.client import Plain, card
from tests.support.world import World

NAMES = "abc"
BOOKS = ("/chef/eins/", "/chef/zwei/")
Held = dict[str, str]

step = st.one_of(
    st.tuples(st.just("put"), st.sampled_from(BOOKS), st.sampled_from(NAMES), st.sampled_from("xyz")),
    st.tuples(st.just("delete"), st.sampled_from(BOOKS), st.sampled_from(NAMES)),
    st.tuples(
        st.sampled_from(["COPY", "MOVE"]),
        st.sampled_from(BOOKS),
        st.sampled_from(NAMES),
        st.sampled_from(BOOKS),
        st.sampled_from(NAMES),
    ),
    st.tuples(st.just("sync"), st.integers(0, 1), st.sampled_from(BOOKS), st.sampled_from([None, 1, 2])),
    st.tuples(st.just("anew"), st.sampled_from(BOOKS)),
    st.tuples(st.just("rename")),
)


@dataclass
class Device:
    """What a client knows: hrefs, ETags and the last token of each book."""

    client: Plain
    tokens: dict[str, str] = field(default_factory=dict)
    held: dict[str, Held] = field(default_factory=dict)

    def sync(self, book: str, limit: int | None) -> None:
        answer = self.client.sync(book, self.tokens.get(book, ""), limit=limit)
        if answer.status == 403:  # made anew meanwhile: start afresh
            assert answer.has("D:valid-sync-token")
            self.tokens.pop(book)
            self.held.pop(book, None)
            answer = self.client.sync(book, limit=limit)
        held = self.held.setdefault(book, {})
        etags = answer.texts("D:getetag")
        for href, status in answer.statuses.items():
            if status == "404":
                held.pop(href, None)
            elif href != book:
                held[href] = etags[href]
        self.tokens[book] = answer.token


def _do(chef: Plain, devices: list[Device], action: tuple) -> None:
    match action:
        case ("put", book, name, text):
            assert chef.put(f"{book}{name}", card(f"{name}{text}", text)).status in {201, 204, 409}
        case ("delete", book, name):
            assert chef.request("DELETE", f"{book}{name}").status in {204, 404}
        case ("sync", number, book, limit):
            devices[number].sync(book, limit)
        case ("anew", book):
            assert chef.request("DELETE", book).status == 204
            chef.make_book(book)
        case ("rename",):
            assert chef.transfer("MOVE", BOOKS[0], "/chef/drei/").status == 201
            assert chef.transfer("MOVE", BOOKS[1], BOOKS[0]).status == 201
            assert chef.transfer("MOVE", "/chef/drei/", BOOKS[1]).status == 201
        case (method, book, name, other, new):
            assert chef.transfer(method, f"{book}{name}", f"{other}{new}").status in {201, 204, 403, 404, 409}


@settings(max_examples=15)
@given(actions=st.lists(step, min_size=5, max_size=25))
def test_whatever_happened_a_device_holds_what_is_there(new_database, actions: list[tuple]) -> None:
    world = World(new_database())
    world.add_account("chef")
    chef = Plain(world, "chef", personal_books=True)
    for book in BOOKS:
        chef.make_book(book)
        for name in NAMES:
            _do(chef, [], ("put", book, name, "x"))
    devices = [Device(chef), Device(chef)]
    for book in BOOKS:
        devices[0].sync(book, None)
    for action in actions:
        _do(chef, devices, action)
    for device in devices:
        for book in BOOKS:
            for _ in range(8):
                device.sync(book, 1)
            fresh = chef.sync(book)
            assert device.held[book] == fresh.texts("D:getetag")
            assert device.tokens[book] == fresh.token
