"""Labels that come later, or from somebody else. In: records and labels, sealed apart. Out: confusion by group.

Slot i is record i. A record's slot holds a digit in base 2^7 that names its group and its decision, a label's slot
holds 0 or 1: one product of the two counts the confusion matrix of every group at once.
"""
