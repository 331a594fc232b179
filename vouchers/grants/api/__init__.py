"""API of schemes, applications and vouchers."""
