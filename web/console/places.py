"""The addresses of the console's pages, and the pages one may be sent back to after signing in."""

from __future__ import annotations

import re

LIST_PAGE = "/console/leads"
FOUND_PAGE = f"{LIST_PAGE}/found"
SIGN_IN_PAGE = "/console/sign-in"
SECOND_STEP_PAGE = "/console/second-step"
ACCOUNT_PAGE = "/console/account"
PEOPLE_PAGE = "/console/people"
NOTICES_PAGE = "/console/notices"
CONVERSATIONS_PAGE = "/console/conversations"
NUMBERS_PAGE = "/console/numbers"
INBOX_PAGE = "/console/studio/inbox"
RETURN_PATH = re.compile(
    r"/console/(?:account|people|notices|numbers|studio(?:/[a-z0-9_/-]{1,100})?|(?:leads|conversations)(?:/[A-Za-z0-9_-]{1,40})?)"
)
