"""What the platform owes to rules: data is deleted when its time is over. In: policies, an instant. Out: evidence."""
