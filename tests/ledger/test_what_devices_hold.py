"""What a device really received is in the ledger; what the ledger takes for a device's base, the device holds."""

from __future__ import annotations

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.ledger.machine import LedgerMachine

#: (histories, steps) per profile, on SQLite; PostgreSQL answers more slowly and gets fewer.
SIZES = {"dev": (6, 20), "ci": (15, 20), "nightly": (1000, 40)}
SHARE_OF_POSTGRES = 0.4


def test_the_ledger_knows_what_devices_hold(new_database) -> None:
    """M7, and DESIGN §7: a confirmation may be lost, a delivery never."""
    histories, steps = SIZES.get(settings.get_current_profile_name(), SIZES["dev"])

    class Machine(LedgerMachine):
        def make_database(self):
            return new_database()

    if not new_database().is_sqlite:
        histories = max(1, round(histories * SHARE_OF_POSTGRES))
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=histories,
            stateful_step_count=steps,
            suppress_health_check=list(HealthCheck),
            print_blob=False,
            report_multiple_bugs=False,
        ),
    )
