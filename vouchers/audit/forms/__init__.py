"""Forms of the audit. They check shape; the actions decide."""
