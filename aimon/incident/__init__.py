"""Causes. In: findings (records that alarm). Out: incidents, events and notices."""
