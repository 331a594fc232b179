"""One-command start on one machine: PostgreSQL, Valkey, web, worker and beat, under `.run/`."""
