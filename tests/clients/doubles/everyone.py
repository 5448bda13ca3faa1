"""All client programs that have a double."""

from __future__ import annotations

import pytest

from .apple import IosContacts, MacContacts
from .davx5 import Davx5
from .evolution import Evolution
from .fritzbox import FritzBox
from .outlook import Outlook, OutlookWithCollectionSync
from .thunderbird import Thunderbird

DOUBLES = [Thunderbird, Evolution, Davx5, IosContacts, MacContacts, Outlook, OutlookWithCollectionSync, FritzBox]
#: macOS takes the first book of a home, a FRITZ!Box the one whose address was typed.
TAKE_ONE_BOOK = {MacContacts, FritzBox}

every_double = pytest.mark.parametrize("kind", DOUBLES, ids=[kind.__name__ for kind in DOUBLES])
