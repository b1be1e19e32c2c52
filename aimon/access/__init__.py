"""Who may do what. In: passwords, keys, tokens, cookies as they are shown. Out: a principal with rights, or a refusal.

No HTTP here, and no tables: those are in `aimon.service` and `aimon.store`. Every change is a line of the audit log.
"""
