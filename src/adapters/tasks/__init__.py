"""Queues of tasks."""
