"""What command lines mean as typed calls, and where a sentence says the values: for labelling people's sentences."""
