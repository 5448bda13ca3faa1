"""Radicale's rights: an account reads its own home and what is in it, and nothing else."""

from __future__ import annotations

from radicale.rights import BaseRights


class Rights(BaseRights):
    """Answers from the path alone, without a look-up: Radicale asks once per listed card.

    Foreign homes are refused whether or not they exist; inside the own home an unknown book is readable, so that it is
    404 and not 403. Which cards there are is decided by what storage yields.
    """

    def authorization(self, user: str, user_groups: set[str], path: str) -> str:  # noqa: ARG002 - Radicale's signature
        """Return ``R`` for the root and the own home, ``r`` for anything below, nothing for anything else."""
        segments = path.strip("/").split("/")
        if not user:
            return ""
        if segments in ([""], [user]):
            return "R"
        return "r" if segments[0] == user else ""
