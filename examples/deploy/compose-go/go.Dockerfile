# Build from the root of the repository:
#   docker build -f examples/deploy/compose-go/go.Dockerfile -t sleuth-echo-go .
# build-go.js corrects one line of gyre, which does not start when it is built with a current Go.
FROM node:22-bookworm AS build
COPY --from=golang:1.23-bookworm /usr/local/go /usr/local/go
ENV PATH=/usr/local/go/bin:$PATH
RUN apt-get update && apt-get install -y --no-install-recommends libzmq3-dev pkg-config gcc libc6-dev
WORKDIR /sleuth
COPY examples/echo/go examples/echo/go
COPY examples/mixed/build-go.js examples/mixed/
RUN node examples/mixed/build-go.js

FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends libzmq5 && rm -rf /var/lib/apt/lists/*
COPY --from=build /sleuth/examples/mixed/build/service /usr/local/bin/echo-service
USER nobody
CMD ["echo-service"]
