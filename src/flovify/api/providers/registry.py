"""The providers this installation has, by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from flovify.api.auth_client import TenantToken
from flovify.api.errors import ProviderNotSupported
from flovify.api.providers.protocol import MailProvider


class ProviderRegistry:
    """Finds the provider of a token or of a row."""

    def __init__(self, providers: Iterable[MailProvider]) -> None:
        self._by_name = {provider.name: provider for provider in providers}

    def of(self, token: TenantToken) -> MailProvider:
        """The provider a token is for. Raises ProviderNotSupported."""
        return self.named(token.provider)

    def named(self, name: str) -> MailProvider:
        """Raises ProviderNotSupported."""
        found = self._by_name.get(name)
        if found is None:
            raise ProviderNotSupported(
                f"This version of the api has no provider {name[:50]!r}; are auth and api the same version?"
            )
        return found

    @property
    def all(self) -> Mapping[str, MailProvider]:
        return self._by_name
