"""All queries on contacts, accounts and records; rows stay here, snapshots leave."""
