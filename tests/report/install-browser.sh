#!/bin/sh
# Installs the browser that tests/report looks at pages with (Debian, Ubuntu with its packages).
set -eu
if command -v chromium >/dev/null; then exit 0; fi
apt-get update
DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends chromium fonts-dejavu-core
