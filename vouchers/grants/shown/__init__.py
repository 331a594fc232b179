"""What pages and papers of grants show: rows of the database and answers of the rules, laid out in words."""
