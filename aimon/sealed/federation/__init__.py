"""One key that several sites hold together. In: each site's messages, as files. Out: sums that no site opens alone.

A session has three rounds: every site *commits* to its key share, *reveals* it, and *combines* what all revealed into
the public key. Sums are opened by *parts*, of all sites or of as many as the charter says, which anybody of them
*fuses*. It protects against sites that follow the protocol and are curious; it has had no external audit.
"""
