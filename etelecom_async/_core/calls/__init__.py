"""Make a call: encode, wait for the limiter, send, decode, retry. This package contains no operation."""
