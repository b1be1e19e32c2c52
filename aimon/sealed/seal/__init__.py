"""Microsoft SEAL through TenSEAL: the only modules that import it. Bytes go in and out, never its objects.

`parameters` and `adding` know no key, `public` encrypts, `secret` makes keys and decrypts; the first three never import
the last.
"""
