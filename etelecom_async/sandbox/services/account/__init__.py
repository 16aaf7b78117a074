"""Accounts: the partner, its shops and their keys."""
