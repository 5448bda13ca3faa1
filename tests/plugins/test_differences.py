"""The table of differences is true."""

from __future__ import annotations

import pytest

from tests.plugins.client import Client
from tests.plugins.differences import DIFFERENCES, Difference


@pytest.mark.parametrize("difference", DIFFERENCES, ids=lambda difference: difference.what)
def test_stock_radicale_does_as_the_table_says(stock: dict[str, Client], difference: Difference) -> None:
    assert difference.ask(stock["chef"]) == difference.stock, difference.why


@pytest.mark.parametrize("difference", DIFFERENCES, ids=lambda difference: difference.what)
def test_our_application_does_as_the_table_says(ours: dict[str, Client], difference: Difference) -> None:
    assert difference.ask(ours["chef"]) == difference.ours, difference.why


def test_every_row_is_a_difference() -> None:
    assert [row.what for row in DIFFERENCES if row.stock == row.ours] == []
