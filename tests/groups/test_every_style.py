"""I1, I2, I3 on random histories for all styles of groups at once."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.groups.machine import StyledMachine

#: (histories, steps) per profile, on SQLite; PostgreSQL answers more slowly and gets fewer histories.
SIZES = {"dev": (6, 20), "ci": (20, 25), "nightly": (1000, 40)}
SHARE_OF_POSTGRES = 0.4
#: Where only the verdict counts (a fault planted by hand), the failing history is not made smaller.
PHASES = (Phase.generate,) if os.environ.get("PROPMGMT_MUTANT") else tuple(Phase)


def test_in_every_style_a_device_that_syncs_equals_one_that_lists_afresh(new_database) -> None:
    """RFC 6578, for contacts and groups alike; a device may even change its style between two syncs."""
    histories, steps = SIZES.get(settings.get_current_profile_name(), SIZES["dev"])

    class Machine(StyledMachine):
        def make_database(self):
            return new_database()

    if not new_database().is_sqlite:
        histories = round(histories * SHARE_OF_POSTGRES)
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=histories,
            stateful_step_count=steps,
            suppress_health_check=list(HealthCheck),
            print_blob=False,
            phases=PHASES,
            report_multiple_bugs=False,
        ),
    )
