"""Who may do what: policies by oslo.policy."""
