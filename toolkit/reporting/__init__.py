"""Reports: notebooks executed, rendered, and published so that a report never half-exists."""
