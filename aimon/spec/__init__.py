"""What the user declares. In: aimon.yaml, models/*.yaml, AIMON_ variables. Out: checked, immutable settings."""
