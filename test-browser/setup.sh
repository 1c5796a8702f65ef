#!/usr/bin/env bash
# Installs what the tests need on Debian and Ubuntu, unless it is there: Chromium, and fonts for the pictures.
set -euo pipefail

[ -n "${CHROMIUM:-}" ] && exit 0
for name in chromium chromium-browser google-chrome; do
  [ -x "/usr/bin/$name" ] && exit 0
done
sudo=$([ "$(id -u)" = 0 ] || echo sudo)
$sudo apt-get update -qq
$sudo apt-get install -y -qq --no-install-recommends chromium fonts-inter
