"""I1, I2, I3 on random histories: a device that syncs incrementally always equals one that lists afresh."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.projection.machine import ProjectionMachine

#: (histories, steps) per profile, on SQLite; PostgreSQL answers more slowly and gets fewer histories.
SIZES = {"dev": (15, 25), "ci": (50, 18), "nightly": (3000, 50)}
SHARE_OF_POSTGRES = 0.4
#: Where only the verdict counts (the mutants), the failing history is not made smaller.
PHASES = (Phase.generate,) if os.environ.get("PROPMGMT_MUTANT") else tuple(Phase)


def test_a_device_that_syncs_always_equals_a_device_that_lists_afresh(new_database) -> None:
    """RFC 6578: whatever happened between, the delta leads to the listing; the books are exactly what rules say."""

    histories, steps = SIZES.get(settings.get_current_profile_name(), SIZES["dev"])

    class Machine(ProjectionMachine):
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
