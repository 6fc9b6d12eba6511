"""Definitions of the properties that are most in use, to begin a catalogue with.

One JSON file a namespace, in the form of all definition files (metadefs §6, §7).
"""
