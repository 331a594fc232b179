"""Django's PostgreSQL backend, but for how it tells that a kept connection is gone."""
