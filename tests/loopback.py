"""Real HTTPS on loopback, for any host name: a test authority, and servers under its certificates."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from resolver.fetch import FetchPolicy

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Site = Handler | Mapping[str, bytes | Handler]
Stream = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True)
class TestCa:
    """An authority that lives as long as the tests."""

    __test__ = False

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey
    folder: Path

    @property
    def file(self) -> Path:
        return self.folder / "ca.pem"

    def context(self, *hosts: str, days: int = 1) -> ssl.SSLContext:
        """A server's TLS context with one certificate for these hosts, ended where days are < 0."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = (
            _builder(_name("loopback"), self.certificate.subject, key.public_key(), days)
            .add_extension(
                x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts]), critical=False
            )
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()),
                critical=False,
            )
            .sign(self.key, hashes.SHA256())
        )
        pem = serialization.Encoding.PEM
        file = self.folder / f"{certificate.serial_number}.pem"
        file.write_bytes(
            certificate.public_bytes(pem)
            + key.private_bytes(
                pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(file)
        return context


def make_ca(folder: Path) -> TestCa:
    key = ec.generate_private_key(ec.SECP256R1())
    usage = x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
    name = _name("Test authority")
    certificate = (
        _builder(name, name, key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    ca = TestCa(certificate, key, folder)
    ca.file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return ca


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, days: int = 1
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=9))
        .not_valid_after(now + timedelta(days=days))
    )


@asynccontextmanager
async def serve_tls(
    ca: TestCa, sites: Mapping[str, Site], **policy: object
) -> AsyncIterator[FetchPolicy]:
    """Serve hosts on one loopback port, and give the policy with which the fetcher finds them.

    Args:
        ca: the authority.
        sites: for each host a handler, or its pages by path (bytes, or a handler).
        policy: further members of the policy.
    """
    context = await asyncio.to_thread(ca.context, *sites)

    async def answer(request: web.Request) -> web.StreamResponse:
        site = sites.get(request.host.partition(":")[0])
        page = site.get(request.path) if isinstance(site, Mapping) else site
        if page is None:
            return web.Response(status=404)
        if isinstance(page, bytes):
            return web.Response(body=page, content_type="application/json")
        return await page(request)

    runner = web.ServerRunner(web.Server(answer), shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
        address = ("127.0.0.1", int(runner.addresses[0][1]))
        yield FetchPolicy(
            allow_loopback=True,
            hosts=dict.fromkeys(sites, address),
            ca_file=ca.file,
            **policy,
        )
    finally:
        await runner.cleanup()


@asynccontextmanager
async def serve_stream(
    ca: TestCa, host: str, stream: Stream, *, days: int = 1, tls: bool = True, **policy: object
) -> AsyncIterator[FetchPolicy]:
    """Serve a host that need not speak HTTP, and give the policy as `serve_tls` does.

    Args:
        ca: the authority.
        host: the only host.
        stream: what it does with a connection, which is ended afterwards.
        days: until its certificate ends.
        tls: whether it speaks TLS at all.
        policy: further members of the policy.
    """
    context = await asyncio.to_thread(lambda: ca.context(host, days=days)) if tls else None
    open_streams: set[asyncio.Task[None]] = set()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        open_streams.add(task)
        try:
            await stream(reader, writer)
        except (ConnectionError, ssl.SSLError, asyncio.CancelledError):
            pass  # the client went, or the test ends
        finally:
            open_streams.discard(task)
            writer.transport.abort()

    server = await asyncio.start_server(accept, "127.0.0.1", 0, ssl=context)
    try:
        address = ("127.0.0.1", int(server.sockets[0].getsockname()[1]))
        yield FetchPolicy(
            allow_loopback=True,
            hosts={host: address},
            ca_file=ca.file,
            **policy,
        )
    finally:
        server.close()
        for task in tuple(open_streams):
            task.cancel()
        await asyncio.gather(*open_streams, return_exceptions=True)
