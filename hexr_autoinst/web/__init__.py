"""The local page over the store: reads, shows, and changes nothing. Sees neither captures nor bodies of messages."""
