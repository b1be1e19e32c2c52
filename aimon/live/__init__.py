"""What models are doing now. In: facts of accepted predictions. Out: counts of the last half hour, health, messages.

Memory does not grow with the predictions: minutes, steps and classes are bounded. Counts of several workers add up.
"""
