"""The catalogue kept in memory: for tests, and for services that may forget."""
