"""Who may open each route, written by hand; tests/test_routes.py holds the product to it.

`public`, `member` (anybody signed in), a permission of cdp/accounts/roles.py, or for the API the scopes of
cdp/accounts/scopes.py that its methods ask for, sorted, with a space between.
"""

ACCESS: dict[str, dict[str, str]] = {
    "": {
        "home": "member",
    },
    "accounts": {
        "login": "public",
        "code": "public",
        "logout": "public",
        "join": "public",
        "reset": "public",
        "reset_sent": "public",
        "reset_done": "public",
        "reset_confirm": "public",
        "profile": "member",
        "password": "member",
        "security": "member",
        "second_factor_on": "member",
        "second_factor_off": "member",
        "recovery_codes": "member",
        "end_other_sessions": "member",
        "end_session": "member",
        "team": "manage_team",
        "invite": "manage_team",
        "withdraw": "manage_team",
        "change_role": "manage_team",
        "deactivate": "manage_team",
        "reactivate": "manage_team",
        "remove_second_factor": "manage_team",
        "sources": "view_data",
        "source_new": "manage_sources",
        "source": "view_data",
        "source_change": "manage_sources",
        "key_add": "manage_sources",
        "key_revoke": "manage_sources",
        "tokens": "manage_tokens",
        "token_new": "manage_tokens",
        "token_revoke": "manage_tokens",
        "audit": "view_audit",
    },
    "segments": {
        "segments": "view_segments",
        "new": "edit_segments",
        "preview": "view_segments",
        "segment": "view_segments",
        "edit": "edit_segments",
        "why": "view_segments",
        "archive": "edit_segments",
    },
    "scoring": {
        "predictors": "view_predictions",
        "new": "edit_predictions",
        "train": "edit_predictions",
        "progress": "view_predictions",
    },
    "campaigns": {
        "campaigns": "view_campaigns",
        "new": "edit_campaigns",
        "campaign": "view_campaigns",
        "edit": "edit_campaigns",
        "send": "send_campaigns",
        "mailbox": "view_campaigns",
        "mail": "view_campaigns",
        "mail_html": "view_campaigns",
        "click": "public",
        "unsubscribe": "public",
    },
}

WITHOUT_CSRF: set[str] = {
    # What stands in mails is posted by mail programs, without cookies; the link itself is signed.
    "campaigns:unsubscribe",
}
