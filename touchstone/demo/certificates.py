"""A certificate authority that lives as long as the demo, and one certificate for its hosts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    generate_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from resolver.instant import SECOND, Instant

_LIFETIME = timedelta(days=30)
_LEEWAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class HostCertificates:
    """What a TLS server and its clients need.

    Attributes:
        authority: the authority's certificate, PEM.
        chain: the hosts' certificate and its key, PEM.
    """

    authority: bytes
    chain: bytes


def make_certificates(hosts: Iterable[str], now: Instant) -> HostCertificates:
    """Make an authority that signs one certificate for all hosts, and forget its key.

    Args:
        hosts: DNS names.
        now: the present; the certificates hold from a day before it.
    """
    begin = datetime.fromtimestamp(now // SECOND, UTC)
    authority_key, host_key = generate_private_key(SECP256R1()), generate_private_key(SECP256R1())
    authority_name = _name("Touchstone demo authority (illustrative)")
    authority = (
        _builder(authority_name, authority_name, authority_key.public_key(), begin)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(_key_id(authority_key), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    certificate = (
        _builder(_name("Touchstone demo hosts"), authority_name, host_key.public_key(), begin)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName(host) for host in sorted(set(hosts))]),
            critical=False,
        )
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()),
            critical=False,
        )
        .sign(authority_key, hashes.SHA256())
    )
    private = host_key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    pem = serialization.Encoding.PEM
    return HostCertificates(authority.public_bytes(pem), certificate.public_bytes(pem) + private)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: EllipticCurvePublicKey, begin: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin - _LEEWAY)
        .not_valid_after(begin + _LIFETIME)
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _key_id(key: EllipticCurvePrivateKey) -> x509.SubjectKeyIdentifier:
    return x509.SubjectKeyIdentifier.from_public_key(key.public_key())


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
