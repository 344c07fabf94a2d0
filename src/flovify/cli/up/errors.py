"""What can go wrong while `flovify up` starts or keeps its processes.

UpError                  expected: shown as one line, never as a traceback
├── ConfigurationError   the user's settings or files must change first (exit 78)
├── PostgresError        the embedded PostgreSQL could not be made, started or stopped
└── StartError           a process of the installation did not become ready
"""

from __future__ import annotations

EXIT_CONFIGURATION = 78  # EX_CONFIG of sysexits.h


class UpError(Exception):
    """An expected failure; ``str(error)`` is one line that says what to do."""

    exit_code = 1


class ConfigurationError(UpError):
    """A setting, a file mode or a taken port that only the user can change."""

    exit_code = EXIT_CONFIGURATION


class PostgresError(UpError):
    """The embedded PostgreSQL refuses; the message ends with what its log says."""


class StartError(UpError):
    """A process did not become ready in time, or ended before it was."""
