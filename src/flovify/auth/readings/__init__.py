"""auth's figures for metrics and alerts: counted by one process for all."""
