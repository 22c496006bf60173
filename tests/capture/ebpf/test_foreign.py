import pytest

from hexr_autoinst.capture.ebpf.elf import Elf
from hexr_autoinst.capture.ebpf.foreign import by_content, by_name, label
from hexr_autoinst.capture.ebpf.symbols import survey


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/usr/lib/libgnutls.so.30", "GnuTLS"), ("/usr/lib/libssl3.so", "NSS"), ("/x/libnspr4.so", "NSS"),
        ("/x/libmbedtls.so.14", "Mbed TLS"), ("/x/_awscrt.abi3.so", "s2n-tls"), ("/x/libwolfssl.so.42", "wolfSSL"),
        ("/usr/lib/libssl.so.3", ""), ("/usr/lib/libssl.so.1.1", ""), ("/usr/bin/node", ""),
    ],
)  # fmt: skip
def test_libraries_are_known_by_their_file_names(path, expected):
    assert by_name(path) == expected


def test_a_bundled_library_loses_its_hash_and_a_deleted_one_its_mark():
    assert label("/site-packages/x.libs/libssl-3e69114b.so.1.1 (deleted)") == "libssl.so.1.1"
    assert label("/usr/bin/node") == "node"


def test_a_go_program_that_speaks_tls_is_named(built):
    source = """
    __attribute__((section(".go.buildinfo"), used)) static const char info[] = "go";
    const char *f(void) { return "crypto/tls.(*Conn).Read"; }
    """
    found = survey(built(source=source, name="agent"))
    assert (found.label, found.advice) == ("Go crypto/tls", "use the proxy: `hexr-autoinst run -- COMMAND`")


def test_a_go_program_without_tls_is_not_named(built):
    source = '__attribute__((section(".go.buildinfo"), used)) static const char info[] = "go"; int f(void) { return 1; }'
    assert survey(built(source=source, name="agent")).label == ""


def test_a_rust_program_with_rustls_is_named(built):
    source = '__asm__(".section .comment\\n.asciz \\"rustc version 1.80\\"\\n.text"); const char *f(void) { return "/rustls-0.23/src"; }'
    assert survey(built(source=source, name="codex")).label == "rustls"


def test_a_program_with_a_stripped_boringssl_is_named_with_its_own_name(built):
    found = survey(built(source='const char *f(void) { return "BoringSSL"; }', name="bun"))
    assert (found.label, "symbols" in found.reason) == ("BoringSSL in bun", True)


def test_a_program_that_only_speaks_of_openssl_is_not_one_that_carries_it(built):
    path = built(source='const char *f(void) { return "needs OpenSSL 3.0"; }', name="tool")
    with Elf.open(path) as elf:
        assert by_content(elf, str(path)) is None
