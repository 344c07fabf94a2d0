"""`flovify admin`: the vault's keys, and those that sign access tokens."""

from __future__ import annotations

import typer

from flovify.cli.auth_parts import run_with

app = typer.Typer()


@app.command("rewrap-keys")
def rewrap_keys() -> None:
    """Wrap every data key with OAUTH_ENCRYPTION_KEY, so that OAUTH_ENCRYPTION_OLD_KEYS can be dropped.

    The last step of a change of that key: first every auth process must run with the new key and the old ones. Tokens
    and secrets stay as they are; breaking off and repeating do no harm. Settings are found as by `flovify apps`.
    """
    from flovify.auth.parts import Records  # noqa: PLC0415
    from flovify.auth.settings import AuthVaultSettings  # noqa: PLC0415

    count = run_with(AuthVaultSettings, Records.open, lambda records: records.vault.rewrap())
    typer.echo(f"{count} data keys wrapped anew; OAUTH_ENCRYPTION_OLD_KEYS can be dropped everywhere now")


@app.command("reseal-secrets")
def reseal_secrets(
    resume: bool = typer.Option(False, "--resume", help="Go on with the last run, which did not come to its end."),
) -> None:
    """Give every owner a new data key and seal all secrets anew, while everything runs; the old keys are deleted.

    After a leak of the database together with its key, or of a data key. First replace OAUTH_ENCRYPTION_KEY in every
    auth process; what else to do: docs/security.md, "After a leak". Breaking off and repeating do no harm: without
    --resume it begins from the beginning. Settings are found as by `flovify apps`.
    """
    from flovify.auth.parts import Records  # noqa: PLC0415
    from flovify.auth.resealing.service import Resealed, Resealing  # noqa: PLC0415
    from flovify.auth.resealing.store import ResealStore  # noqa: PLC0415
    from flovify.auth.settings import AuthVaultSettings  # noqa: PLC0415

    async def work(records: Records) -> Resealed:
        resealing = Resealing(ResealStore(records.pool), records.vault, records.audit)
        return await resealing.run(lambda done, owners: typer.echo(f"{done} of {owners} owners"), resume=resume)

    state = run_with(AuthVaultSettings, Records.open, work)
    for owner in state.left_out:
        typer.echo(f"left as it is: {owner} has a secret that cannot be opened; connect the account again", err=True)
    if state.left_out:
        typer.echo("then go on with: flovify admin reseal-secrets --resume", err=True)
        raise typer.Exit(1)
    typer.echo("all secrets are sealed with new data keys; OAUTH_ENCRYPTION_OLD_KEYS can be dropped everywhere now")


@app.command("rotate-signing-key")
def rotate_signing_key(
    now: bool = typer.Option(False, "--now", help="The key has leaked: every access token ends at once."),
) -> None:
    """Let a new key sign access tokens; no process has to be restarted, and nobody has to sign in again.

    It is published at once and signs two minutes later, when every verifier can know it; the old one is published until
    no token of it is left, and deleted. Settings are found as by `flovify apps`.
    """
    from flovify.auth.parts import Records  # noqa: PLC0415
    from flovify.auth.settings import AuthVaultSettings  # noqa: PLC0415
    from flovify.auth.users.signing_keys import Rotation, SigningKeys  # noqa: PLC0415
    from flovify.auth.users.store import UserStore  # noqa: PLC0415

    async def work(records: Records) -> Rotation:
        return await SigningKeys(UserStore(records.pool), records.vault).rotate(records.audit, now=now)

    done = run_with(AuthVaultSettings, Records.open, work)
    if now:
        typer.echo(f"key {done.key_id} signs; {len(done.ended)} deleted, and every access token with them")
    else:
        typer.echo(f"key {done.key_id} signs in {done.in_seconds:.0f} seconds; the one before it ends by itself")
