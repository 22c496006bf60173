"""IO in: each plane turns what it senses into facts, stamps their time, and understands nothing."""
