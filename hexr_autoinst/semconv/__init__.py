"""OpenTelemetry's words for what was told, and ours beside them. `gen_ai.` is spelled in this room alone."""
