"""How Python programs speak to Tintype's parts without its HTTP interface."""
