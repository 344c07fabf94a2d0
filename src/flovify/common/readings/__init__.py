"""Figures that are counted once for all processes and shown by each of them."""
