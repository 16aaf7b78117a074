"""One call: encode, wait for a turn, send, decode, retry. Nothing here knows an operation."""
