"""Bytes to exchanges, sans-IO: framing, decoding, redaction and limits are written here once, for every plane."""
