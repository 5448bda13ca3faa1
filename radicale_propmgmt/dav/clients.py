"""What single client programs need that no RFC says, by user agent."""

from __future__ import annotations


def never_recovers_from_a_refused_token(user_agent: str) -> bool:
    """Tell whether a client stays broken after 403 valid-sync-token: Thunderbird repeats the refused token for ever."""
    return "Thunderbird/" in user_agent
