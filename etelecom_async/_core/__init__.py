"""Make calls: the code for the common form of the API, with nothing about a single operation."""
