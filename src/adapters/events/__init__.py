"""Where events are passed on to."""
