# syntax=docker/dockerfile:1
FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /src
RUN python -m venv /opt/touchstone
COPY requirements.lock ./
RUN /opt/touchstone/bin/pip install --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY resolver resolver
COPY credentials credentials
COPY policies policies
COPY trust_registry trust_registry
COPY link_resolver link_resolver
COPY touchstone touchstone
RUN /opt/touchstone/bin/pip install --no-deps .

FROM python:3.11-slim-bookworm
LABEL org.opencontainers.image.title="touchstone" \
      org.opencontainers.image.description="Is this issuer authorised for this claim?" \
      org.opencontainers.image.licenses="Apache-2.0"
RUN groupadd --gid 10001 touchstone \
    && useradd --uid 10001 --gid touchstone --no-create-home --shell /usr/sbin/nologin touchstone \
    && install -d -o touchstone -g touchstone -m 0700 /var/lib/touchstone
COPY --from=build /opt/touchstone /opt/touchstone
ENV PATH=/opt/touchstone/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    TOUCHSTONE_LISTEN=0.0.0.0:8080 \
    TOUCHSTONE_DATA=/var/lib/touchstone/registry.sqlite
USER 10001:10001
VOLUME ["/var/lib/touchstone"]
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/ready', timeout=2)"]
ENTRYPOINT ["touchstone"]
CMD ["serve"]
