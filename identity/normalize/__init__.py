"""One form of a value for comparing, by kind. Empty if the value says nothing."""
