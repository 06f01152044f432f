"""How things stand, read from the database in a few milliseconds however much it holds: counts stop at a limit, sizes
and connections are PostgreSQL's own figures, everything else is kept by whoever did it."""
