"""Who may do what with custom properties."""
