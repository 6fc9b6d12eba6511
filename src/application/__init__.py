"""Use cases: the order of steps, who may take them, when to commit and whom to tell."""
