"""What single client programs need that no RFC says, by user agent."""

from __future__ import annotations


def never_recovers_from_a_refused_token(user_agent: str) -> bool:
    """Tell whether a client stays broken after 403 valid-sync-token: Thunderbird repeats the refused token for ever."""
    return "Thunderbird/" in user_agent


def stops_syncing_at_a_refusal(user_agent: str) -> bool:
    """Tell whether a refused write may end the sync of a whole account: programs of iOS and macOS (Radicale #1112)."""
    return any(word in user_agent for word in _APPLE)


_APPLE = ("dataaccessd/", "iOS/", "AddressBook/", "AddressBookCore/", "AddressBookSourceSync/", "CFNetwork/")
