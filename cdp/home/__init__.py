"""The first pages: what is going on (the dashboard), what is left to set up, and the search over all parts."""
