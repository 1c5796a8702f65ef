#!/bin/sh
# Installs what the tests with the real Go sleuth and the tests with network namespaces need from Debian or Ubuntu,
# as root, and for those of the command line: Python, which opens pseudo-terminals, and shells that complete. Run by .ci/run.
# Go itself (1.23 or later) has to be there.
set -eu

missing=''
command -v ip >/dev/null || missing="$missing iproute2"
command -v cc >/dev/null || missing="$missing gcc libc6-dev"
command -v pkg-config >/dev/null || missing="$missing pkg-config"
command -v python3 >/dev/null || missing="$missing python3"
command -v zsh >/dev/null || missing="$missing zsh"
command -v fish >/dev/null || missing="$missing fish"
pkg-config --exists libzmq 2>/dev/null || missing="$missing libzmq3-dev"

if [ -n "$missing" ]; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get update
  # shellcheck disable=SC2086 # a list of packages
  apt-get install --yes --no-install-recommends $missing
fi
