"""The invented world: fake names and numbers, people behind phone numbers, the content of a new sandbox."""
