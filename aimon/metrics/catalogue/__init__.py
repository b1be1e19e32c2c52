"""Every metric's declaration, by family. Joined in `aimon.metrics.registry`, which is what the rest reads."""
