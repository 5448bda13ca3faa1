"""The database: typed tables, the engine, the unit of work and the repositories that hold all queries."""
