"""Protocols of a connection, one file each, behind one interface (`wire.talker`): chunks in, what was heard out."""
