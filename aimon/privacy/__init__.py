"""What must not be kept in the clear. In: texts and names. Out: texts without personal data, keyed hashes, scores."""
