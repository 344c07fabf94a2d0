"""Exchange Online PowerShell that shows or mends why an app cannot read a mailbox.

Sources: application-rbac (current), auth-limit-mailbox-access (application access policies, legacy). The commands are
for a person to read and run; names are quoted as PowerShell quotes them.
"""

from __future__ import annotations


def mending_command(code: str, client_id: str, mailbox: str) -> str:
    """Lines to run for a failure of this code; empty where no command helps."""
    app, resource = _quoted(client_id), _quoted(mailbox)
    if code == "mailbox_policy_refuses":
        return (
            f"Test-ApplicationAccessPolicy -AppId {app} -Identity {resource}\n"
            "Get-ApplicationAccessPolicy | Format-List AppId, ScopeName, AccessRight\n"
            f"Add-DistributionGroupMember -Identity '<group of the policy>' -Member {resource}"
        )
    if code == "mailbox_access_denied":
        wanted = _quoted(f"PrimarySmtpAddress -eq {resource}")
        return (
            f"Test-ServicePrincipalAuthorization -Identity {app} -Resource {resource}\n"
            f"New-ManagementScope -Name 'Flovify' -RecipientRestrictionFilter {wanted}\n"
            f"New-ManagementRoleAssignment -App {app} -Role 'Application Mail.Read' -CustomResourceScope 'Flovify'"
        )
    return ""


def _quoted(text: str) -> str:
    """A literal for PowerShell, in which a single quote is doubled; typographic ones count as quotes there."""
    for quote in "'\u2018\u2019\u201a\u201b":
        text = text.replace(quote, quote * 2)
    return f"'{text}'"
