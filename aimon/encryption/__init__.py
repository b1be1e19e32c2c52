"""Encryption at rest: rows and bytes in, sealed ones out, and back.

What holds rows is unreadable without its model's key. The keys lie in the operations database, wrapped by a key that
the platform's secret makes.
"""
