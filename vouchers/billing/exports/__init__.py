"""Statements of bills as files: PDF, XLSX, CSV, and the FinOps specification's cost and usage."""
