"""The kernel's door: probes, rings, and the records that cross, turned into facts."""
