"""Settings: from `TOUCHSTONE_*` variables or one TOML file; what is misspelt is refused."""

import os
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from credentials.rdf.canonicalise import DEFAULT_GRAPH_LIMITS, GraphLimits
from credentials.rdf.pool import DEFAULT_POLICY, PoolPolicy
from credentials.sources import DEFAULT_LIMITS, Limits
from credentials.status.policy import ListPolicy
from link_resolver.resolving import Profile
from resolver.fetch import FetchPolicy
from resolver.keeping import CachePolicy
from resolver.methods.webvh import LogPolicy
from touchstone.service.errors import SettingsError
from touchstone.service.upstreams import MethodName, UpstreamUrl

PREFIX = "TOUCHSTONE_"
CONFIG_VARIABLE = "TOUCHSTONE_CONFIG"
_MAX_PORT = 65535


def _address(text: str) -> str:
    host, colon, port = text.rpartition(":")
    if not colon or not host or not port.isdecimal() or int(port) > _MAX_PORT:
        raise ValueError("must be host:port, such as 127.0.0.1:8080")
    return text


def _origin(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.netloc or text.endswith("/"):
        raise ValueError("must be an http or https origin without a path or a final slash")
    if parts.path or parts.query or parts.fragment:
        raise ValueError("must be an origin alone, without path, query or fragment")
    return text


def _watcher(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("must be an https URL without query, such as https://watcher.example")
    return url


def _redis(url: SecretStr) -> SecretStr:
    parts = urlsplit(url.get_secret_value())
    if parts.scheme not in {"redis", "rediss", "unix"} or not (parts.netloc or parts.path):
        raise ValueError("must be a URL such as redis://127.0.0.1:6379/0")
    return url


def _proxy(url: SecretStr) -> SecretStr:
    parts = urlsplit(url.get_secret_value())
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path.strip("/"):
        raise ValueError("must be a URL such as http://proxy.internal:4750")
    return url


Address = Annotated[str, AfterValidator(_address)]
Origin = Annotated[str, AfterValidator(_origin)]
Seconds = Annotated[float, Field(gt=0, le=3600)]
NamespacePrefix = Annotated[str, Field(pattern="^[A-Za-z_][A-Za-z0-9_-]{0,31}$")]
Namespace = Annotated[str, Field(pattern="^https?://[!-~]+[/#]$")]
KeyPrefix = Annotated[str, Field(pattern="^[a-z][a-z0-9-]*:[!-~]+$")]
Bytes = Annotated[int, Field(ge=1024, le=1024**3)]
StaleSeconds = Annotated[float, Field(ge=0, le=7 * 86_400)]
KeyDid = Annotated[str, Field(pattern="^did:key:z[1-9A-HJ-NP-Za-km-z]{20,300}$")]
WatcherUrl = Annotated[str, AfterValidator(_watcher)]
LogParameter = Annotated[str, Field(pattern="^[A-Za-z_][A-Za-z0-9_]{0,63}$")]
RedisUrl = Annotated[SecretStr, AfterValidator(_redis)]
ProxyUrl = Annotated[SecretStr, AfterValidator(_proxy)]


class Settings(BaseSettings):
    """Everything that can be set; each field is the variable `TOUCHSTONE_` and its name.

    Attributes:
        listen: address and port that are served; port 0 takes a free one.
        data: the file of the journal; its folder is made where it is absent.
        origin: the registry's own origin, which every act names as its audience; default: `http://`
            and `listen`.
        framework: the digest of the governance framework that alone may begin an empty journal.
        log_key_file: a file of the keys that sign the log's checkpoints, as `touchstone keys log`
            writes it; without a key no checkpoint is signed.
        log_key: the same text as a secret of the environment.
        log_pkcs11: the address of an Ed25519 key in a token or HSM (RFC 7512), which signs before
            the keys of the file: `pkcs11:token=…;object=…?module-path=…&pin-source=…`.
        log_policy: a file that names the witnesses to ask, and their quorum (C2SP tlog-policy).
        log_cosign_every_s: seconds after which witnesses cosign an unchanged checkpoint again.
        answer_key_file: a file of the key that answers are signed with for those who ask, as
            `touchstone keys new` writes it; without one no answer is signed.
        snapshots: the folder that `touchstone snapshot publish` fills, served at `/snapshots/`.
        access_log: whether each request writes one JSON line to standard output.
        max_body_bytes: the longest request body; a credential with a proof has some 10 kB.
        max_json_depth: how many arrays and objects of a body may be nested in each other.
        max_claims: the most single claims of one question; each costs a decision.
        body_timeout_s: seconds in which a request body must have arrived.
        header_timeout_s: seconds in which the next request's headers must have arrived on a
            connection; an idle connection is closed after them. Longer than clients keep one for
            another request (often 15), or what they send meets a closed connection.
        fetch_allow_loopback: whether addresses of this machine may be fetched; for development.
        fetch_hosts: host name to `address:port`, instead of asking DNS; for development.
        fetch_ca_file: a PEM file of authorities trusted besides the system's; for development.
        fetch_timeout_s: seconds for one outside document.
        fetch_max_bytes: the longest outside document, after decompression.
        fetch_concurrency: how many outside documents are fetched at once.
        fetch_proxy: the URL of an egress proxy (CONNECT) that alone connects to the outside; it
            looks names up, and has to refuse private addresses.
        resolver_fresh_s: seconds that a DID document stays fresh where its host is silent.
        resolver_most_fresh_s: the most seconds, whatever its host says; so late may a change be
            seen.
        resolver_most_stale_s: seconds past its freshness in which a DID document is still given
            while its host is out of reach; 0 for never.
        resolver_cache_bytes: memory for the DID documents of one method, roughly.
        resolver_redis: the URL of a Redis that several processes share DID documents through.
        resolver_redis_secret_file: a file of at least 32 bytes, the same for all of them, by which
            they know what they wrote there.
        resolver_heads: the file of the verified heads of DID logs; default: `heads.sqlite` beside
            `data`.
        resolver_watchers: the URLs of watchers that are asked for a did:webvh log besides its host.
        resolver_watchers_compare: whether they are asked too where the host answers, for what it
            may hide; each costs the reading of the whole log.
        resolver_tolerated: parameters of did:webvh profiles that are passed over, such as
            `profile_version`; any other that is unknown is refused.
        resolver_purgers: the did:keys whose signed requests purge DID documents.
        resolver_socket: a local socket on which its owner purges without a signature.
        max_data_uri_depth: how many `data:` URIs of enveloped documents lie in each other.
        max_proofs: proofs inside one credential; each costs a resolution and a signature check.
        max_disclosures: disclosures of one SD-JWT.
        max_credentials: credentials of one presentation.
        credential_timeout_s: seconds for one credential in all, other hosts included.
        key_binding_age_s: seconds that a holder's key binding may be old, or its clock ahead.
        max_status_entries: entries of a credential's status; each may cost a fetch.
        max_list_bytes: the longest status list as fetched, in bytes.
        max_inflated_bytes: the longest status list after decompression, in bytes.
        min_list_entries: the fewest entries that a status list may have, so that none singles out
            its holder.
        status_fresh_s: seconds that a status list stays fresh where neither it nor its host says.
        status_most_fresh_s: the most seconds, whatever they say; so late may a revocation be seen.
        status_cache_bytes: memory for status lists, roughly.
        schemas: a folder of JSON Schemas that credentials are held against, such as UNTP's.
        contexts: a folder of JSON-LD contexts, and maybe `contexts.json`, a list of those that are
            admitted besides our own: URL to SHA-256 digests.
        graph_processes: processes that make the graphs which some proofs sign.
        graph_timeout_s: seconds for one graph, after which its process is killed.
        max_quads: quads of one graph.
        max_blank_nodes: blank nodes of one graph.
        max_graph_steps: steps of telling apart blank nodes that look alike.
        upstreams: by DID method, the https URL of another resolver that is asked about it, with
            `{did}` or `{id}` where the DID belongs. Its word is never verified, and the framework
            says whether a decision may rest on it.
        links_data: the file of the links; default: `links.sqlite` beside `data`.
        links_roots: the origins under which identifiers resolve, such as `https://id.example`; the
            first one also for any other host; default: the registry's own origin.
        links_profile: whose rules hold where GS1 and UNTP contradict each other: `gs1` or `untp`.
        links_schemes: a YAML file of identifier schemes, instead of those of the package.
        links_namespaces: prefix to namespace, for link types beside `gs1` and `untp`.
        links_handovers: `scheme:prefix` to the root of the resolver that handles those keys, such
            as `gs1:9506000` to `https://id.example`.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True)

    listen: Address = "127.0.0.1:8080"
    data: Path = Path("var/registry.sqlite")
    origin: Origin | None = None
    framework: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] | None = None
    log_key_file: Path | None = None
    log_key: SecretStr | None = None
    log_pkcs11: str | None = None
    log_policy: Path | None = None
    log_cosign_every_s: Seconds = 300.0
    answer_key_file: Path | None = None
    snapshots: Path | None = None
    access_log: bool = True
    max_body_bytes: Bytes = 1_000_000
    max_json_depth: Annotated[int, Field(ge=4, le=256)] = 64
    max_claims: Annotated[int, Field(ge=1, le=1000)] = 100
    body_timeout_s: Seconds = 10.0
    header_timeout_s: Seconds = 20.0
    fetch_allow_loopback: bool = False
    fetch_hosts: dict[str, Address] = {}
    fetch_ca_file: Path | None = None
    fetch_timeout_s: Seconds = 10.0
    fetch_max_bytes: Bytes = 5 * 1024 * 1024
    fetch_concurrency: Annotated[int, Field(ge=1, le=1024)] = 32
    fetch_proxy: ProxyUrl | None = None
    resolver_fresh_s: Seconds = 300.0
    resolver_most_fresh_s: Seconds = 3600.0
    resolver_most_stale_s: StaleSeconds = 86_400.0
    resolver_cache_bytes: Bytes = 64 * 1024 * 1024
    resolver_redis: RedisUrl | None = None
    resolver_redis_secret_file: Path | None = None
    resolver_heads: Path | None = None
    resolver_watchers: tuple[WatcherUrl, ...] = ()
    resolver_watchers_compare: bool = False
    resolver_tolerated: frozenset[LogParameter] = frozenset()
    resolver_purgers: tuple[KeyDid, ...] = ()
    resolver_socket: Path | None = None
    max_data_uri_depth: Annotated[int, Field(ge=0, le=2)] = DEFAULT_LIMITS.max_data_uri_depth
    max_proofs: Annotated[int, Field(ge=1, le=100)] = DEFAULT_LIMITS.max_proofs
    max_disclosures: Annotated[int, Field(ge=0, le=10_000)] = DEFAULT_LIMITS.max_disclosures
    max_credentials: Annotated[int, Field(ge=1, le=1000)] = DEFAULT_LIMITS.max_credentials
    credential_timeout_s: Seconds = DEFAULT_LIMITS.max_seconds
    key_binding_age_s: Seconds = DEFAULT_LIMITS.max_key_binding_age_seconds
    max_status_entries: Annotated[int, Field(ge=1, le=100)] = DEFAULT_LIMITS.max_status_entries
    max_list_bytes: Bytes = DEFAULT_LIMITS.max_list_bytes
    max_inflated_bytes: Bytes = DEFAULT_LIMITS.max_inflated_bytes
    min_list_entries: Annotated[int, Field(ge=1, le=2**40)] = DEFAULT_LIMITS.min_list_entries
    status_fresh_s: Seconds = 300.0
    status_most_fresh_s: Annotated[float, Field(ge=0, le=86_400)] = 3600.0
    status_cache_bytes: Bytes = 64 * 1024 * 1024
    schemas: Path | None = None
    contexts: Path | None = None
    graph_processes: Annotated[int, Field(ge=1, le=64)] = DEFAULT_POLICY.processes
    graph_timeout_s: Seconds = DEFAULT_POLICY.seconds
    max_quads: Annotated[int, Field(ge=1, le=10**6)] = DEFAULT_GRAPH_LIMITS.max_quads
    max_blank_nodes: Annotated[int, Field(ge=1, le=10**6)] = DEFAULT_GRAPH_LIMITS.max_blank_nodes
    max_graph_steps: Annotated[int, Field(ge=1, le=10**6)] = DEFAULT_GRAPH_LIMITS.max_steps
    upstreams: dict[MethodName, UpstreamUrl] = {}
    links_data: Path | None = None
    links_roots: tuple[Origin, ...] = ()
    links_profile: Profile = Profile.GS1
    links_schemes: Path | None = None
    links_namespaces: dict[NamespacePrefix, Namespace] = {}
    links_handovers: dict[KeyPrefix, Origin] = {}

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - pydantic names it so
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - pydantic names it so
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read arguments first, then variables, then the file that `TOUCHSTONE_CONFIG` names."""
        file = os.environ.get(CONFIG_VARIABLE)
        if file is None:
            return init_settings, env_settings
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, Path(file))

    @classmethod
    def load(cls, **given: object) -> Self:
        """Read the settings; `given` ones win over variables, and variables over the file.

        Raises:
            SettingsError: a setting is misspelt or has a value it cannot have, or the file named
                by `TOUCHSTONE_CONFIG` cannot be read.
        """
        problems = list(_misspelt(os.environ))
        file = os.environ.get(CONFIG_VARIABLE)
        if file is not None and not Path(file).is_file():
            problems.append(f"{CONFIG_VARIABLE}: {file} is no file")
        if problems:
            raise SettingsError("; ".join(problems))
        try:
            return cls.model_validate(cls(**given))  # type: ignore[arg-type] # pydantic checks them
        except ValidationError as error:
            raise SettingsError("; ".join(_explain(error))) from None
        except (ValueError, OSError) as error:  # TOML syntax, or JSON of a mapping, or the file
            raise SettingsError(f"the settings cannot be read: {error}") from None

    @property
    def host(self) -> str:
        """The address that is listened on."""
        return self.listen.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        """The port that is listened on."""
        return int(self.listen.rpartition(":")[2])

    @property
    def audience(self) -> str:
        """The origin that acts must name."""
        return self.origin or f"http://{self.listen}"

    @property
    def links_file(self) -> Path:
        """The file of the links."""
        return self.links_data or self.data.with_name("links.sqlite")

    @property
    def resolver_heads_file(self) -> Path:
        """The file of the heads of DID logs."""
        return self.resolver_heads or self.data.with_name("heads.sqlite")

    @property
    def cache_policy(self) -> CachePolicy:
        """How long DID documents are kept."""
        return CachePolicy(
            default_s=self.resolver_fresh_s,
            most_s=self.resolver_most_fresh_s,
            most_stale_s=self.resolver_most_stale_s,
            bytes=self.resolver_cache_bytes,
        )

    @property
    def credential_limits(self) -> Limits:
        """How much of a credential, and of what it names, is looked at."""
        return Limits(
            max_bytes=self.max_body_bytes,
            max_depth=self.max_json_depth,
            max_data_uri_depth=self.max_data_uri_depth,
            max_proofs=self.max_proofs,
            max_disclosures=self.max_disclosures,
            max_credentials=self.max_credentials,
            max_seconds=self.credential_timeout_s,
            max_key_binding_age_seconds=self.key_binding_age_s,
            max_status_entries=self.max_status_entries,
            max_list_bytes=self.max_list_bytes,
            max_inflated_bytes=self.max_inflated_bytes,
            min_list_entries=self.min_list_entries,
        )

    @property
    def graph_policy(self) -> PoolPolicy:
        """How the graphs that some proofs sign are made."""
        return PoolPolicy(
            processes=self.graph_processes,
            seconds=self.graph_timeout_s,
            limits=GraphLimits(self.max_quads, self.max_blank_nodes, self.max_graph_steps),
        )

    @property
    def list_policy(self) -> ListPolicy:
        """How long status lists are kept."""
        return ListPolicy(
            default_s=self.status_fresh_s,
            most_s=self.status_most_fresh_s,
            bytes=self.status_cache_bytes,
        )

    @property
    def did_logs(self) -> LogPolicy:
        """How did:webvh logs are read."""
        return LogPolicy(
            self.resolver_watchers, self.resolver_watchers_compare, self.resolver_tolerated
        )

    @property
    def fetch_policy(self) -> FetchPolicy:
        """What the guarded fetcher may do."""
        hosts = {}
        for name, address in self.fetch_hosts.items():
            host, _, port = address.rpartition(":")
            hosts[name] = (host, int(port))
        return FetchPolicy(
            allow_loopback=self.fetch_allow_loopback,
            hosts=hosts,
            ca_file=self.fetch_ca_file,
            max_bytes=self.fetch_max_bytes,
            timeout_s=self.fetch_timeout_s,
            concurrency=self.fetch_concurrency,
            proxy=self.fetch_proxy.get_secret_value() if self.fetch_proxy else None,
        )


def _misspelt(names: Iterable[str]) -> Iterable[str]:
    known = [PREFIX + name.upper() for name in Settings.model_fields] + [CONFIG_VARIABLE]
    for name in sorted(names):
        if name.upper().startswith(PREFIX) and name.upper() not in known:
            yield f"{name} is no setting{_nearest(name.upper(), known)}"


def _nearest(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f"; did you mean {near[0]}?" if near else ""


def _explain(error: ValidationError) -> Iterable[str]:
    for each in error.errors():
        name = ".".join(str(part) for part in each["loc"])
        if each["type"] == "extra_forbidden":
            yield f"{name} is no setting{_nearest(name, Settings.model_fields)}"
        else:
            yield f"{PREFIX}{name.upper()}: {each['msg']}"
