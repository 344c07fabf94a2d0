"""File attachments in JSON (graph/api/resources/fileattachment): content and Content-ID in one answer."""

from __future__ import annotations

import base64
import binascii

from flovify.api.providers.errors import ProviderNotFound, ProviderUnavailable
from flovify.api.providers.models import InlineContent, JsonObject


def inline_content(attachment: JsonObject) -> InlineContent:
    """The file of an attachment. Raises ProviderNotFound for an attached item or a link, which have no bytes here."""
    encoded = attachment.get("contentBytes")
    if not isinstance(encoded, str):
        raise ProviderNotFound("this attachment is no file", code="not_a_file")
    try:
        content = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise ProviderUnavailable("Graph's attachment is no base64", code="not_base64") from None
    texts = {key: value for key, value in attachment.items() if isinstance(value, str)}
    return InlineContent(texts.get("contentId", ""), texts.get("contentType", "").split(";")[0].strip(), content)
