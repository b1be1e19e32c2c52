"""A demo model whose rows stay in two hospitals: envelopes to the server, verdicts back from the owner of the key."""
