"""Numbers of the advisory locks that more than one layer takes, in the order in which they are taken."""

ERASURE_LOCK = 7_301_001
"""Shared by whoever takes in facts about people, alone by an erasure while it writes whom nothing is taken in of."""
IDENTITY_LOCK = 7_305_002
"""Whoever changes groups of records. Taken before any profile's lock."""
