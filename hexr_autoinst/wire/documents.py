"""Secrets of documents that come rarely: XML of a cloud, its keys in JSON, the codes of a login. Patterns, each with what a text must have to be worth it.

As in `tokens`, the first group is kept before the mark. STS: https://docs.aws.amazon.com/STS/latest/APIReference/API_Credentials.html;
the device grant: RFC 8628 section 3.2; PKCE: RFC 7636.
"""

import re
from typing import Final

from hexr_autoinst.wire.tokens import MEMBER, STRING

# An element whose name is a secret's, of whatever namespace.
XML: Final = re.compile(rb"(<(?:[\w.\-]{1,40}:)?" + MEMBER + rb"(?:\s[^<>]{0,256})?>)[^<]++")
# What a text must hold → the pattern. Beside a secret key a member called `Token` is no word of a model's.
RARE: Final = (
    (b"ecretAccessKey", re.compile(rb'("[Tt]oken"\s*+:\s*+")' + STRING, re.DOTALL)),
    (b"evice_code", re.compile(rb'("device_code"\s*+:\s*+")' + STRING)),
    (b"eviceCode", re.compile(rb'("deviceCode"\s*+:\s*+")' + STRING)),
)
# Parameters that only a form or a query has.
PARAMETERS: Final = re.compile(
    rb"(?i:((?:\A|[?&])(?:device_?code|user_?code|code_?verifier|saml_?(?:assertion|response)|webidentitytoken|tokencode|otp|mfa_?code"
    rb"|secret_?id)=))[^&\s\"'#<>\\]++"
)
