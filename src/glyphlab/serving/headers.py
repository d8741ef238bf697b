"""What every answer of a server tells the browser to beware of."""


def security_headers(policy: str) -> dict[str, str]:
    """The headers of every answer.

    Parameters
    ----------
    policy : str
        Content security policy of the pages; that none of them is shown in another's frame is
        added.
    """
    return {
        "Content-Security-Policy": f"{policy}; frame-ancestors 'none'",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "no-store",
    }
