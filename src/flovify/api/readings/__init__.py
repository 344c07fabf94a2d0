"""The api's figures for metrics and alerts: counted by one worker for all."""
