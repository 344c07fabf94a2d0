"""deploy/docker-compose.engine.yml: its very command, as a plain process, is a Redis that the product accepts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml

from flovify.api.intake_log.redis_streams import RedisEngine
from tests.conftest import ROOT
from tests.support.engines import RedisServer, running

COMMAND = yaml.safe_load((ROOT / "deploy/docker-compose.engine.yml").read_text())["services"]["redis"]["command"]


class ComposedRedis(RedisServer):
    """Only the program, the folder and the address are of this machine."""

    def command(self) -> tuple[Sequence[str], Mapping[str, str]]:
        (program, *_), environment = super().command()
        assert COMMAND[0] == Path(program).name
        words = [str(self.folder) if word == "/data" else word for word in COMMAND[1:]]
        return [program, *words, "--port", str(self.port), "--bind", self.host], environment


async def test_the_file_s_redis_keeps_what_the_product_demands(tmp_path: Path) -> None:
    with running(ComposedRedis(tmp_path / "redis")) as server:
        engine = RedisEngine(server.url)
        try:
            await engine.check()
        finally:
            await engine.close()
        assert (server.folder / "appendonlydir").is_dir()
