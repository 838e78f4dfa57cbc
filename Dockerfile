# One image for all programs: the command says which (`docker run waybill payment`). `--target sns-sqs` is the emulator.
FROM node:24-trixie-slim AS node
WORKDIR /app

# Only what npm reads, so that packages are installed again when they change, not whenever a source does.
FROM node AS manifests
COPY . .
RUN mkdir /manifests && find . \( -name 'package*.json' -o -name .npmrc \) -exec cp --parents {} /manifests \;

FROM node AS build
COPY --from=manifests /manifests .
RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev --ignore-scripts
COPY . .
RUN node tools/bundle.mjs && node tools/build-web.mjs && rm dist/*.map dist/all-in-one.js dist/processes.js

# The packages that the bundle leaves in node_modules.
FROM node AS packages
COPY --from=manifests /manifests .
RUN --mount=type=cache,target=/root/.npm \
    npm ci --omit=dev --workspace=docker --include-workspace-root=false \
 && rm -r node_modules/@waybill node_modules/.package-lock.json \
 && find node_modules \( -name '*.map' -o -name '*.d.*ts' -o -name '*.md' \) -delete

FROM node AS sns-sqs-packages
COPY docker/sns-sqs .
RUN --mount=type=cache,target=/root/.npm \
    npm ci --omit=dev \
 && find node_modules \( -name '*.map' -o -name '*.d.*ts' -o -name '*.md' \) -delete

# What runs: an init that hands on signals, a user without rights, and a folder that is the user's for a volume to begin as.
FROM node AS run
RUN apt-get update \
 && apt-get install --yes --no-install-recommends tini \
 && rm -rf /var/lib/apt/lists/* /var/cache/* /var/log/* \
 && install --directory --owner=1000 --group=1000 /data
COPY docker/entrypoint docker/healthcheck /usr/local/bin/
USER 1000:1000
ARG VERSION=0.1.0
ARG REVISION=
LABEL org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.base.name="docker.io/library/node:24-trixie-slim"

FROM run AS sns-sqs
LABEL org.opencontainers.image.title="waybill-sns-sqs" \
      org.opencontainers.image.description="An emulator of SNS, SQS and S3 that keeps what it is sent"
COPY --from=sns-sqs-packages /app .
ENV PORT=4566
EXPOSE 4566
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["healthcheck", "/health"]
ENTRYPOINT ["tini", "--", "node", "--disable-warning=ExperimentalWarning", "server.js"]

FROM run AS waybill
LABEL org.opencontainers.image.title="waybill" \
      org.opencontainers.image.description="The services, the gateway and the sandboxes of Waybill"
COPY --from=packages /app/node_modules node_modules
COPY --from=build /app/package.json .
COPY --from=build /app/libs/contracts/topology.json /app/libs/contracts/asyncapi.json libs/contracts/
COPY --from=build /app/libs/grpc/proto libs/grpc/proto
COPY --from=build /app/libs/contracts/proto libs/contracts/proto
COPY --from=build /app/dist dist
# Small heaps, as for the processes of one machine, and one pool of the allocator.
ENV NODE_FLAGS="--max-semi-space-size=4 --heap-growing-percent=30 --v8-pool-size=1" \
    MALLOC_ARENA_MAX=1 \
    WAYBILL_DATA=/data \
    HOST=0.0.0.0 \
    PORT=8080
EXPOSE 8080
# On a busy machine servers answer late; a start that is called unhealthy ends `docker compose up --wait`.
HEALTHCHECK --interval=10s --timeout=5s --start-period=300s CMD ["healthcheck"]
ENTRYPOINT ["tini", "--", "entrypoint"]
