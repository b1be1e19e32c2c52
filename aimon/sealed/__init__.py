"""Counts that nobody here can read. In: profiles on a coarse grid, a public key. Out: ciphertexts that add.

Whoever encrypts holds the public key; whoever adds holds no key at all; only the owner's gate holds the secret one.
"""
