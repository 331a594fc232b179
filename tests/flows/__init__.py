"""Whole stories, through HTTP."""
