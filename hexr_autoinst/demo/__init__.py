"""What `hexr-autoinst demo` runs: a local model server and a small agent on the vendors' own SDKs."""
