"""What every analysis shares: statistics with their influences, intervals and what they generalise to."""
