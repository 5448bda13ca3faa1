"""I1, I2, I3 on random histories: a device that syncs incrementally always equals one that lists afresh."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.projection.machine import ProjectionMachine

#: (histories, steps) per profile.
SIZES = {"dev": (15, 25), "ci": (60, 30), "nightly": (3000, 50)}


def test_a_device_that_syncs_always_equals_a_device_that_lists_afresh(new_database) -> None:
    """RFC 6578: whatever happened between, the delta leads to the listing; the books are exactly what rules say."""

    class Machine(ProjectionMachine):
        def make_database(self):
            return new_database()

    examples, steps = SIZES.get(os.environ.get("PROPMGMT_MACHINE", settings.get_current_profile_name()), SIZES["dev"])
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=False,
            phases=[Phase.explicit, Phase.generate] if os.environ.get("PROPMGMT_MUTANT") else list(Phase),
            report_multiple_bugs=False,
        ),
    )
