"""Connect the SDK to other packages, one module for each. They do not import one another."""
