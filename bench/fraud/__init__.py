"""A generator of clean redemptions and of planted fraud.

Written from the list of risks alone, before the rules and apart from them: it shares the shape of
the records with them (`facts`) and nothing else. A test holds that.
"""
