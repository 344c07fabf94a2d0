"""The host names the sandbox may answer under, in one place: the CA's constraints, the leaves and the proxy agree."""

from __future__ import annotations

import ipaddress

# Microsoft's worldwide hosts (Entra: authentication-national-cloud.md; Graph: graph/deployments). No other is served.
MICROSOFT_HOSTS = ("login.microsoftonline.com", "graph.microsoft.com")
LOCAL_HOSTS = ("localhost",)
LOCAL_ADDRESSES = (ipaddress.ip_address("127.0.0.1"), ipaddress.ip_address("::1"))
