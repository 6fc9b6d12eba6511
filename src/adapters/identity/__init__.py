"""Who asks: one adapter a way of proving it."""
