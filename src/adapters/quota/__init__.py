"""How much projects may have, as configured or as Keystone says."""
