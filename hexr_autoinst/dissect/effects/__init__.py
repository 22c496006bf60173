"""What an agent does in the world besides asking models, tool servers and other agents. Each module with an `EFFECT` is a dissector."""
