"""Channels. In: a notice. Out: a message in the form of its receiver, handed over. One small class each."""
