"""From the one source of a lecture to its notebooks, its release and its slides."""
