"""How each technology is spoken to: every package here implements one port."""
