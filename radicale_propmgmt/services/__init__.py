"""Use cases: functions of a unit of work. No SQL of their own beyond repositories, no HTTP, no printing."""
