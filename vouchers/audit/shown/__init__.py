"""What pages of the audit show, read in sets and put into words."""
