"""A tiny Graph for faults that are awkward to ask of the sandbox: a directory, inboxes, and refusals by choice."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

PAGE = 2


@dataclass(frozen=True)
class Refusal:
    status: int
    code: str
    message: str = ""


class FakeGraph:
    """`refusals` by what is asked: "users", "organization", or an object id for its inbox."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.people = {f"00000000-0000-4000-8000-00000000000{n}": f"p{n}@contoso.example" for n in range(1, 6)}
        self.refusals: dict[str, Refusal] = {}
        self.calls: list[str] = []
        self.tokens: set[str] = set()
        self.foreign_next = False

    def add_to(self, app: web.Application) -> None:
        for prefix in ("", "/cloud/{cloud}"):
            app.router.add_get(f"{prefix}/v1.0/users", self._users)
            app.router.add_get(f"{prefix}/v1.0/users/{{name}}", self._user)
            app.router.add_get(f"{prefix}/v1.0/users/{{name}}/mailFolders/inbox/messages", self._inbox)
            app.router.add_get(f"{prefix}/v1.0/organization", self._organization)

    async def _users(self, request: web.Request) -> web.Response:
        if refused := self._asked(request, "users"):
            return refused
        wanted = request.query.get("$filter", "")
        found = [oid for oid, address in self.people.items() if not wanted or _matches(wanted, address)]
        start = int(request.query.get("$skiptoken", "0"))
        body: dict[str, object] = {"value": [self._shown(oid) for oid in found[start : start + PAGE]]}
        if start + PAGE < len(found):
            host = "https://evil.example" if self.foreign_next else str(request.url.origin())
            body["@odata.nextLink"] = f"{host}{request.path}?$skiptoken={start + PAGE}"
        return web.json_response(body)

    async def _user(self, request: web.Request) -> web.Response:
        if refused := self._asked(request, "users"):
            return refused
        name = request.match_info["name"]
        for oid, address in self.people.items():
            if name in {oid, address}:
                return web.json_response(self._shown(oid))
        return _refuse(Refusal(404, "Request_ResourceNotFound"))

    async def _inbox(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if refused := self._asked(request, name):
            return refused
        if name not in self.people:
            return _refuse(Refusal(404, "ErrorInvalidUser"))
        return web.json_response({"value": []})

    async def _organization(self, request: web.Request) -> web.Response:
        return self._asked(request, "organization") or web.json_response({"value": [{"displayName": "Contoso"}]})

    def _asked(self, request: web.Request, what: str) -> web.Response | None:
        self.calls.append(request.path_qs)
        self.tokens.add(request.headers.get("Authorization", ""))
        refusal = self.refusals.get(what)
        return _refuse(refusal) if refusal else None

    def _shown(self, oid: str) -> dict[str, str]:
        address = self.people[oid]
        return {"id": oid, "displayName": address.partition("@")[0], "mail": address, "userPrincipalName": address}


def _matches(wanted: str, address: str) -> bool:
    """The two filters that are asked: startswith(field,'x') or …, and mail eq 'x'."""
    text = wanted.partition("'")[2].partition("'")[0].lower()
    return address == text if " eq " in wanted else address.startswith(text)


def _refuse(refusal: Refusal) -> web.Response:
    error = {"code": refusal.code, "message": refusal.message}
    return web.json_response({"error": error}, status=refusal.status, headers={"request-id": "graph-request-1"})
