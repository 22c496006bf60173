"""Protocols that cut a byte stream into messages. Sans-IO; each file one protocol."""
