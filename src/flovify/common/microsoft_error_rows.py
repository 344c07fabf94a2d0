"""What Microsoft's refusals mean to the people concerned: the rows behind `microsoft_errors`.

Sources: reference-error-codes, v2-oauth2-auth-code-flow, v2-admin-consent (Entra); concepts/errors, the Outlook pages
and subscription-post-subscriptions (Graph).

`who_must_act` decides, with the words, what an error of Entra's token endpoint does to an account: see
`microsoft_errors.entra_kind`. Numbers and Graph's texts may change at any time, so one that stands in no row changes
nothing: then Entra's `error` alone has its row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Who = Literal["user", "administrator", "operator", "nobody"]
# How a connection stands when it fails so: app_refused is the registration's matter, whatever the mailbox.
Standing = Literal["reconnect_required", "not_connected", "app_refused", "mailbox_refused", "waiting", "settled"]

RECONNECT = "/auth/oauth/ms365/authorize"
CONSENT = "/auth/oauth/ms365/adminconsent"
REGISTRATIONS = "https://entra.microsoft.com/#view/Microsoft_AAD_RegisteredApps/ApplicationsListBlade"
ENTERPRISE_APPS = "https://entra.microsoft.com/#view/Microsoft_AAD_IAM/StartboardApplicationsMenuBlade"
CONDITIONAL_ACCESS = "https://entra.microsoft.com/#view/Microsoft_AAD_ConditionalAccess/ConditionalAccessBlade"
SIGN_INS = "https://entra.microsoft.com/#view/Microsoft_AAD_IAM/SignInLogsMenuBlade"
USERS = "https://admin.microsoft.com/#/users"
RBAC = "https://learn.microsoft.com/exchange/permissions-exo/application-rbac"
HEALTH = "https://status.cloud.microsoft/"


@dataclass(frozen=True)
class Row:
    """One cause.

    `errors` and `numbers`: the AADSTS numbers it is for, and Entra's `error` they must come with; `alone`: each `error`
    it is for whatever the number; `graph`: Graph's codes in lower case.
    """

    code: str
    status: Standing
    who_must_act: Who
    cause: str
    action: str
    link: str = ""
    errors: tuple[str, ...] = ()
    numbers: tuple[int, ...] = ()
    alone: tuple[str, ...] = ()
    graph: tuple[str, ...] = ()


_GRANT = ("invalid_grant", "interaction_required", "login_required", "consent_required", "access_denied")
_CREDENTIAL = ("invalid_client", "unauthorized_client")
_REQUEST = ("invalid_request", "invalid_scope", "invalid_resource", "unsupported_grant_type", "unauthorized_client")
_ANY = (*_GRANT, *_REQUEST, "invalid_client", "server_error", "temporarily_unavailable", "permission_denied")
# What may be said of an account: never by an answer about our credential, or one that says Microsoft's server failed.
_ACCOUNT = (*_GRANT, *(error for error in _REQUEST if error not in _CREDENTIAL), "permission_denied")

# A sign-in that no longer holds, or that asks for its owner.
SIGN_IN = (
    Row(
        "sign_in_revoked",
        "reconnect_required",
        "user",
        "The sign-in was revoked: the password was reset, or an administrator ended all sessions.",
        "Connect the account again.",
        RECONNECT,
        _GRANT,
        (50173, 50133),
    ),
    Row(
        "sign_in_idle",
        "reconnect_required",
        "user",
        "The sign-in was not used for so long (90 days by default) that Microsoft ended it.",
        "Connect the account again.",
        RECONNECT,
        _GRANT,
        (700082, 70008),
    ),
    Row(
        "sign_in_frequency",
        "reconnect_required",
        "administrator",
        "A sign-in frequency rule of the organisation (Conditional Access) ended the sign-in.",
        "Exclude this app from the rule, or use application permissions; then connect the account again.",
        CONDITIONAL_ACCESS,
        _GRANT,
        (70043,),
    ),
    Row(
        "redirect_uri_is_spa",
        "reconnect_required",
        "user",
        "The sign-in ended after 24 hours, because the redirect URI is registered as a single-page application.",
        "Connect the account again; so that it lasts, have the operator register the URI under the platform Web first.",
        RECONNECT,
        _GRANT,
        (700084,),
    ),
    Row(
        "second_factor_required",
        "reconnect_required",
        "user",
        "The organisation asks for a second factor, or for its set-up, at this sign-in.",
        "Connect the account again and complete the second factor.",
        RECONNECT,
        _GRANT,
        (50072, 50074, 50076, 50078, 50079, 50158),
    ),
    Row(
        "conditional_access",
        "reconnect_required",
        "administrator",
        "A Conditional Access policy of the organisation does not let this sign-in through.",
        "Let the policy admit this app (it asks for a managed device, a place or another condition), then connect the "
        "account again.",
        CONDITIONAL_ACCESS,
        _GRANT,
        (53000, 53001, 53002, 53003, 530032, 530035),
    ),
    Row(
        "sign_in_ended",
        "reconnect_required",
        "user",
        "Microsoft no longer accepts this sign-in.",
        "Connect the account again.",
        RECONNECT,
        alone=("invalid_grant", "no_refresh_token"),
    ),
    Row(
        "interaction_required",
        "reconnect_required",
        "user",
        "Microsoft wants the owner of the account to answer a question at sign-in.",
        "Connect the account again.",
        RECONNECT,
        alone=("interaction_required",),
    ),
    Row(
        "login_required",
        "reconnect_required",
        "user",
        "Microsoft wants the owner of the account to sign in.",
        "Connect the account again.",
        RECONNECT,
        alone=("login_required",),
    ),
    Row(
        "access_denied",
        "not_connected",
        "user",
        "The sign-in was cancelled, or Microsoft did not let it through.",
        "Try again; if an administrator's approval was asked for, have one approve the app.",
        RECONNECT,
        alone=("access_denied",),
    ),
    Row(
        "account_unknown",
        "not_connected",
        "user",
        "There is no such account in this organisation.",
        "Sign in with the address of an existing account.",
        RECONNECT,
        _ACCOUNT,
        (50034,),
    ),
    Row(
        "account_locked",
        "reconnect_required",
        "administrator",
        "The account is locked after failed sign-ins.",
        "Wait, or unlock it in the Microsoft 365 admin center; then connect it again.",
        USERS,
        _ACCOUNT,
        (50053,),
    ),
    Row(
        "password_expired",
        "reconnect_required",
        "user",
        "The account's password has expired.",
        "Set a new password at Microsoft, then connect the account again.",
        RECONNECT,
        _ACCOUNT,
        (50055,),
    ),
    Row(
        "account_disabled",
        "reconnect_required",
        "administrator",
        "The account is disabled in its organisation.",
        "Enable it in the Microsoft 365 admin center and connect it again, or disconnect it here.",
        USERS,
        _ACCOUNT,
        (50057,),
    ),
    Row(
        "account_kind_wrong",
        "not_connected",
        "user",
        "This kind of account cannot sign in here: it is a personal account, or it belongs to another organisation.",
        "Sign in with a work account of an organisation this app registration accepts.",
        RECONNECT,
        _ACCOUNT,
        (50020, 500208),
    ),
    Row(
        "account_not_assigned",
        "not_connected",
        "administrator",
        "The organisation lets only assigned people use this app, and this account is not one of them.",
        "Assign the account under Enterprise applications, Users and groups, then connect it again.",
        ENTERPRISE_APPS,
        _ACCOUNT,
        (50105,),
    ),
)

# Consent: who has allowed the app what.
CONSENT_ROWS = (
    Row(
        "consent_missing",
        "not_connected",
        "administrator",
        "Nobody has approved the permissions this app asks for, or the approval was withdrawn.",
        "Have an administrator of the organisation approve the app, then connect the account again.",
        CONSENT,
        _GRANT,
        (65001,),
    ),
    Row(
        "consent_declined",
        "not_connected",
        "user",
        "The permissions were declined on Microsoft's page.",
        "Connect the account again and accept them.",
        RECONNECT,
        _ACCOUNT,
        (65004,),
    ),
    Row(
        "admin_consent_required",
        "not_connected",
        "administrator",
        "The organisation lets only its administrators approve access to mail. This is Microsoft's default.",
        "Send the link for admin consent to an administrator of the organisation, then connect the account again.",
        CONSENT,
        _ACCOUNT,
        (90094, 90095, 90008),
        ("consent_required",),
    ),
    Row(
        "admin_consent_refused",
        "not_connected",
        "administrator",
        "The administrator did not approve, or the account that signed in may not approve for the organisation.",
        "Try again with an account that is Privileged Role, Cloud Application or Application Administrator.",
        CONSENT,
        alone=("permission_denied",),
    ),
    Row(
        "admin_consent_unconfirmed",
        "not_connected",
        "administrator",
        "The browser says that an administrator approved, but Microsoft gives no token for the organisation yet.",
        "Wait a minute and check again; if it stays so, approve again with an administrator of that organisation.",
        CONSENT,
    ),
)

# The installation's own app registration.
REGISTRATION = (
    Row(
        "client_secret_wrong",
        "app_refused",
        "operator",
        "Microsoft does not know the client secret of this app registration.",
        "Give the secret's value, not its id: flovify apps rotate.",
        REGISTRATIONS,
        _CREDENTIAL,
        (7000215,),
    ),
    Row(
        "client_secret_expired",
        "app_refused",
        "operator",
        "The client secret of this app registration has expired.",
        "Make a new one in Entra and give it with: flovify apps rotate. No mailbox has to be connected again.",
        REGISTRATIONS,
        _CREDENTIAL,
        (7000222,),
    ),
    Row(
        "client_secret_missing",
        "app_refused",
        "operator",
        "Microsoft wants a secret or certificate for this app registration and got none.",
        "Give one with: flovify apps rotate. The redirect URI must be of the platform Web.",
        REGISTRATIONS,
        (*_CREDENTIAL, "invalid_request"),
        (7000218,),
    ),
    Row(
        "client_certificate_wrong",
        "app_refused",
        "operator",
        "Microsoft does not know the certificate of this app registration, or the key does not go with it.",
        "Upload the certificate shown by `flovify apps list` in Entra, or give another with: flovify apps rotate.",
        REGISTRATIONS,
        _CREDENTIAL,
        (700027, 700024, 7000272),
    ),
    Row(
        "app_not_in_organization",
        "app_refused",
        "administrator",
        "The organisation does not have this app: it was never approved there, or was removed.",
        "Have an administrator of the organisation approve the app.",
        CONSENT,
        _ANY,
        (700016, 700011, 7000229),
    ),
    Row(
        "app_disabled",
        "app_refused",
        "administrator",
        "The app is disabled, in its own registration or in the organisation.",
        "Enable sign-in for it under Enterprise applications, Properties.",
        ENTERPRISE_APPS,
        _ANY,
        (7000112, 70001),
    ),
    Row(
        "app_single_tenant",
        "app_refused",
        "operator",
        "The app registration serves one organisation only, and another one, or the shared sign-in page, was asked.",
        "Make it multi-tenant in Entra, or name its organisation as its authority.",
        REGISTRATIONS,
        _ANY,
        (50194, 9001023),
    ),
    Row(
        "redirect_uri_unknown",
        "app_refused",
        "operator",
        "The redirect URI of this installation is not registered for the app.",
        "Add it, letter by letter, under Authentication, platform Web: `flovify apps list` shows it.",
        REGISTRATIONS,
        _ANY,
        (50011, 500112),
    ),
    Row(
        "graph_not_in_organization",
        "app_refused",
        "administrator",
        "The organisation has no subscription that offers what the app asks for.",
        "An Exchange Online plan is needed; see Billing, Licences.",
        "https://admin.microsoft.com/#/licenses",
        _ANY,
        (500011, 650052),
    ),
    Row(
        "permissions_not_registered",
        "app_refused",
        "operator",
        "The app registration does not list the permissions that are asked for.",
        "Add them under API permissions, Microsoft Graph, and have them approved.",
        REGISTRATIONS,
        _ANY,
        (650056, 650057),
    ),
    Row(
        "app_credential_invalid",
        "app_refused",
        "operator",
        "Microsoft refuses this installation's app registration or its credential.",
        "Check client id and secret or certificate in Entra, and give new ones with: flovify apps rotate.",
        REGISTRATIONS,
        alone=(*_CREDENTIAL, "no_credential"),
    ),
)

# What was asked wrongly, or of the wrong place.
REQUESTS = (
    Row(
        "code_used",
        "not_connected",
        "user",
        "The sign-in was completed before: its code works once.",
        "Begin again.",
        RECONNECT,
        _GRANT,
        (54005,),
    ),
    Row(
        "code_of_another_organization",
        "not_connected",
        "user",
        "The sign-in was begun at another organisation than it ended at.",
        "Begin again.",
        RECONNECT,
        _GRANT,
        (700005,),
    ),
    Row(
        "code_of_another_flow",
        "not_connected",
        "user",
        "The code that came back belongs to another sign-in.",
        "Begin again; if nobody mixed up two windows, somebody may have tried to slip in a foreign account.",
        RECONNECT,
        (*_GRANT, "invalid_request"),
        (501481, 501491, 50147),
    ),
    Row(
        "scope_unknown",
        "app_refused",
        "operator",
        "A permission that was asked for does not exist.",
        "Look at MICROSOFT_SCOPES; names are separated by spaces, such as Mail.Send.",
        REGISTRATIONS,
        (*_REQUEST, "invalid_grant"),
        (70011, 28002, 28003),
    ),
    Row(
        "scope_of_several_services",
        "app_refused",
        "operator",
        "Permissions of several services were asked for at once.",
        "MICROSOFT_SCOPES may name permissions of Microsoft Graph only.",
        REGISTRATIONS,
        _REQUEST,
        (700022,),
    ),
    Row(
        "organization_unknown",
        "not_connected",
        "user",
        "Microsoft knows no organisation of this name or id in this cloud.",
        "Check the tenant id or domain, and whether the organisation is in another cloud.",
        "",
        _ACCOUNT,
        (90002, 900023),
    ),
    Row(
        "organization_in_another_cloud",
        "not_connected",
        "operator",
        "The organisation belongs to another Microsoft cloud (US Government, DoD or China).",
        "Add an app registration of that cloud with: flovify apps add --cloud …",
        "",
        _ANY,
        (90038, 900382),
    ),
    Row(
        "refresh_loop",
        "waiting",
        "nobody",
        "Microsoft saw the same request too often in a short time.",
        "It is asked again later by itself.",
        "",
        _ANY,
        (50196,),
    ),
    Row(
        "sign_in_throttled",
        "waiting",
        "nobody",
        "Microsoft's sign-in service asks to slow down.",
        "It is asked again later by itself.",
        HEALTH,
        _ANY,
        (90055,),
    ),
    Row(
        "request_refused",
        "app_refused",
        "operator",
        "Microsoft does not accept how it was asked.",
        "Look at the app registration and MICROSOFT_SCOPES; if both are right, report this with the ids below.",
        REGISTRATIONS,
        alone=(
            "invalid_request",
            "invalid_scope",
            "invalid_resource",
            "unsupported_grant_type",
            "unsupported_response_type",
        ),
    ),
    Row(
        "temporarily_unavailable",
        "waiting",
        "nobody",
        "Microsoft's sign-in service is not available at this moment.",
        "It is asked again by itself; a sign-in can be begun again in a minute.",
        HEALTH,
        alone=("temporarily_unavailable",),
    ),
    Row(
        "server_error",
        "waiting",
        "nobody",
        "Microsoft's sign-in service failed.",
        "It is asked again by itself; a sign-in can be begun again in a minute.",
        HEALTH,
        alone=("server_error",),
    ),
)

# Our own findings at the end of a flow.
FINDINGS = (
    Row(
        "registration_removed",
        "reconnect_required",
        "user",
        "The app registration that the account was connected with was removed here.",
        "Connect the account again, with another app registration.",
        RECONNECT,
    ),
    Row(
        "vault_locked",
        "app_refused",
        "operator",
        "A secret stored here cannot be opened: it was changed, moved, or its key is missing.",
        "Look at auth's log; connecting the account again replaces the secret.",
    ),
    Row(
        "authorization_failed",
        "not_connected",
        "user",
        "Microsoft ended the sign-in without saying a reason that is known here.",
        "Try again.",
        RECONNECT,
    ),
    Row(
        "exchange_failed",
        "not_connected",
        "user",
        "Microsoft did not accept the code of this sign-in.",
        "Begin again.",
        RECONNECT,
    ),
    Row(
        "microsoft_unavailable",
        "waiting",
        "nobody",
        "Microsoft gave no usable answer.",
        "Try again in a minute.",
        HEALTH,
    ),
    Row(
        "proxy_login_refused",
        "waiting",
        "operator",
        "The proxy between here and Microsoft refuses the user name or password of FLOVIFY_HTTPS_PROXY.",
        "Mend FLOVIFY_HTTPS_PROXY of auth, api and worker and start them again; what waits then goes on by itself.",
        alone=("proxy_login_refused",),
        graph=("proxy_login_refused",),
    ),
    Row(
        "proxy_refused",
        "waiting",
        "operator",
        "The proxy of FLOVIFY_HTTPS_PROXY does not let calls through to Microsoft.",
        "Have CONNECT to Microsoft's login and Graph hosts, port 443, allowed there; what waits goes on by itself.",
        alone=("proxy_refused",),
        graph=("proxy_refused",),
    ),
    Row(
        "proxy_unreachable",
        "waiting",
        "operator",
        "The proxy of FLOVIFY_HTTPS_PROXY cannot be reached.",
        "See that it runs and that FLOVIFY_HTTPS_PROXY names it; what waits goes on by itself.",
        alone=("proxy_unreachable",),
        graph=("proxy_unreachable",),
    ),
    Row(
        "identity_not_proven",
        "not_connected",
        "operator",
        "What Microsoft answered does not prove who signed in.",
        "Begin again; if it stays so, look at auth's log and at this machine's clock.",
        RECONNECT,
    ),
    Row(
        "issuer_mismatch",
        "not_connected",
        "user",
        "The answer came from another sign-in service than the one that was asked.",
        "Begin again. If it happens twice, somebody may be trying to mix up two sign-ins.",
        RECONNECT,
    ),
    Row(
        "account_mismatch",
        "not_connected",
        "user",
        "Another account signed in than the one to be connected again. Nothing was changed.",
        "Begin again and choose the account by its address, or connect the other one as a new account.",
        RECONNECT,
    ),
    Row(
        "missing_scope",
        "not_connected",
        "administrator",
        "A permission that is needed was not granted.",
        "Connect again and accept all permissions, or have an administrator approve the app.",
        CONSENT,
    ),
    Row(
        "no_refresh_token",
        "not_connected",
        "operator",
        "Microsoft gave no lasting sign-in (offline_access was not granted).",
        "Add offline_access under API permissions of the app registration and connect again.",
        REGISTRATIONS,
    ),
    Row(
        "organization_not_allowed",
        "not_connected",
        "operator",
        "This app registration accepts one organisation, and another one's account signed in.",
        "Sign in with an account of that organisation, or add a multi-tenant registration.",
    ),
    Row(
        "connecting_off",
        "not_connected",
        "operator",
        "The operator has switched the connecting of new accounts off (FLOVIFY_CONNECTING=off).",
        "Set it to on and restart auth; accounts that are connected go on and can be reconnected.",
    ),
    Row(
        "mailbox_is_own",
        "not_connected",
        "user",
        "The mailbox is the own one of whoever signed in, and not one that is shared with them.",
        "Connect it as one mailbox by its owner: then Microsoft announces its mail.",
    ),
    Row(
        "mailbox_not_found",
        "not_connected",
        "user",
        "The organisation has no mailbox of this address.",
        "Look at the address, and connect again; an alias is found only if it is the main address.",
    ),
    Row(
        "mailbox_not_shared",
        "not_connected",
        "administrator",
        "Whoever signed in may not read that mailbox.",
        "Give them full access to it in the Exchange admin centre (Mailbox delegation, Read and manage), wait an hour, "
        "and connect again; or connect it with application permissions.",
        CONSENT,
    ),
    Row(
        "shared_mailbox_no_push",
        "mailbox_refused",
        "administrator",
        "Microsoft sends no notifications for another person's or a shared mailbox under a personal sign-in.",
        "Connect it as a shared mailbox, which is polled, or with application permissions (admin consent).",
        CONSENT,
    ),
)

# Graph.
GRAPH = (
    Row(
        "graph_token_refused",
        "reconnect_required",
        "user",
        "Microsoft no longer takes this account's token, also after it was refreshed.",
        "Connect the account again.",
        RECONNECT,
        graph=("invalidauthenticationtoken", "unauthenticated", "tokenexpired"),
    ),
    Row(
        "mailbox_policy_refuses",
        "mailbox_refused",
        "administrator",
        "An application access policy of the organisation keeps this app out of the mailbox.",
        "Add the mailbox to the policy's group, then test: Test-ApplicationAccessPolicy -AppId <client id> -Identity "
        "<address>",
        RBAC,
    ),
    Row(
        "mailbox_access_denied",
        "mailbox_refused",
        "administrator",
        "The app may not read this mailbox: the permission is missing, or the mailbox is outside the app's scope.",
        "Grant it with New-ManagementRoleAssignment -App <object id> -Role 'Application Mail.Read' "
        "-CustomResourceScope <scope>, then test: Test-ServicePrincipalAuthorization -Identity <object id> -Resource "
        "<address>. A change takes up to two hours.",
        RBAC,
        graph=("erroraccessdenied", "accessdenied", "forbidden"),
    ),
    Row(
        "directory_access_denied",
        "app_refused",
        "administrator",
        "The app may not read the organisation's directory.",
        "Approve User.Read.All (application) for the app, or type the mailboxes' addresses.",
        CONSENT,
        graph=("authorization_requestdenied", "authorization_identitydisabled"),
    ),
    Row(
        "mailbox_unsupported",
        "mailbox_refused",
        "administrator",
        "The mailbox cannot be reached through Graph: inactive, unlicensed, deleted, or on a server of the "
        "organisation's own.",
        "Give it an Exchange Online licence or move it there; it is looked at again daily.",
        USERS,
        graph=("mailboxnotenabledforrestapi", "mailboxnotsupportedforrestapi", "mailboxnothostedinexchangeonline"),
    ),
    Row(
        "mailbox_unknown",
        "mailbox_refused",
        "user",
        "There is no such mailbox in the organisation.",
        "Check the address or object id.",
        graph=("request_resourcenotfound", "errorinvaliduser", "resourcenotfound", "errornonexistentmailbox"),
    ),
    Row(
        "item_gone",
        "settled",
        "nobody",
        "The message was deleted or moved before it was read.",
        "Nothing has to be done.",
        graph=("erroritemnotfound", "itemnotfound"),
    ),
    Row(
        "sync_state_lost",
        "waiting",
        "nobody",
        "Microsoft dropped the place up to which changes were read.",
        "The folder is read again by itself.",
        graph=("syncstatenotfound", "resyncrequired", "syncstateinvalid"),
    ),
    Row(
        "graph_throttled",
        "waiting",
        "nobody",
        "Microsoft Graph asks to slow down.",
        "It is asked again after the time Microsoft names.",
        graph=("toomanyrequests", "applicationthrottled", "activitylimitreached", "errorexceededconnectioncount"),
    ),
    Row(
        "graph_unavailable",
        "waiting",
        "nobody",
        "Microsoft Graph does not answer properly at this moment.",
        "It is asked again by itself; Microsoft's health page tells of wider trouble.",
        HEALTH,
        graph=("serviceunavailable", "servicenotavailable", "internalservererror", "generalexception"),
    ),
    Row(
        "mailbox_full",
        "mailbox_refused",
        "user",
        "The mailbox's storage, or its allowance of traffic, is used up.",
        "Make room in the mailbox, or wait.",
        graph=("errorquotaexceeded", "quotalimitreached", "insufficientstorage", "bandwidthlimitexceeded"),
    ),
    Row(
        "webhook_unreachable",
        "app_refused",
        "operator",
        "Microsoft could not reach this installation's webhook, or got a wrong answer from it.",
        "MS365_WEBHOOK_URL must be reachable from the internet by https, with a certificate of a public authority.",
        graph=("validationerror", "subscriptionvalidationfailed"),
    ),
    Row(
        "subscription_exists",
        "settled",
        "nobody",
        "Microsoft has this subscription already.",
        "It is taken over by itself.",
        graph=("conflict",),
    ),
    Row(
        "subscription_limit",
        "mailbox_refused",
        "operator",
        "Microsoft's limit of subscriptions for this app and mailbox or organisation is reached.",
        "Remove subscriptions that are not needed.",
        graph=("subscriptionlimitreached", "errorsubscriptionlimitexceeded", "quotaexceeded"),
    ),
    Row(
        "graph_request_refused",
        "mailbox_refused",
        "operator",
        "Microsoft Graph does not accept the request.",
        "Report this with the ids below.",
        graph=("badrequest", "invalidrequest", "errorinvalidparameter", "inefficientfilter", "errorinvalididmalformed"),
    ),
)

ROWS: tuple[Row, ...] = (*SIGN_IN, *CONSENT_ROWS, *REGISTRATION, *REQUESTS, *FINDINGS, *GRAPH)
