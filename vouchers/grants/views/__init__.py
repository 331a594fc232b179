"""Pages of schemes, applications and vouchers."""
