"""The invented world: fake names and numbers, the owners of phone numbers, the content of a new sandbox."""
