"""Alerts from Flovify itself, by webhook and mail, for those without Prometheus."""
