"""Checks of the project that no library offers."""
