# Builds the hub and packs the binary with the libraries that it needs, and nothing else.
#   docker build -t lgsp-hub .
#   docker run --rm -v lgsp-config:/etc/lgsp:ro -v lgsp-data:/var/lib/lgsp -p 8443:8443 lgsp-hub
# In hub.yaml then: data: /var/lib/lgsp, https on 0.0.0.0:8443, and http on 127.0.0.1:8080 for the health check.

FROM swift:6.3-bookworm AS build
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        pkg-config libcurl4-openssl-dev libsqlite3-dev libjq-dev libxml2-dev libxslt1-dev \
        libvalijson-dev nlohmann-json3-dev zlib1g-dev libssl-dev \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY Package.* ./
RUN swift package resolve
COPY Plugins Plugins
COPY Sources Sources
COPY Tests Tests
RUN swift build -c release --product lgsp \
    && install -Ds .build/release/lgsp /out/lgsp \
    && mkdir -p /out/lib \
    && ldd .build/release/lgsp | awk '$3 ~ "/usr/lib/swift/" { print $3 }' | xargs -r cp -t /out/lib

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        ca-certificates curl libcurl4 libjq1 libsqlite3-0 libssl3 libstdc++6 libxml2 libxslt1.1 openssl poppler-utils tzdata \
        zlib1g \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --home-dir /var/lib/lgsp --create-home --shell /usr/sbin/nologin lgsp \
    && mkdir -p /etc/lgsp
COPY --from=build /out/lgsp /usr/bin/lgsp
COPY --from=build /out/lib/ /usr/lib/lgsp/
RUN echo /usr/lib/lgsp > /etc/ld.so.conf.d/lgsp.conf && ldconfig && lgsp --help > /dev/null
USER lgsp
WORKDIR /var/lib/lgsp
VOLUME /var/lib/lgsp
EXPOSE 8080 8443
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
    CMD ["curl", "-fsS", "-o", "/dev/null", "http://127.0.0.1:8080/ready"]
ENTRYPOINT ["lgsp"]
CMD ["run", "--config", "/etc/lgsp"]
