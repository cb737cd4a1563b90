"""Speed, as a ratio against what one would otherwise run, side by side in one process run."""
