# Shared by the scripts beside it: what the hub and its tests need from Debian, and how it is installed.
# Sourced, not run.

# Libraries with headers, to build; and openssl, to make the demo's certificate.
BUILD_PACKAGES=(
  pkg-config libcurl4-openssl-dev libsqlite3-dev libjq-dev libxml2-dev libxslt1-dev
  libvalijson-dev nlohmann-json3-dev zlib1g-dev libssl-dev openssl curl ca-certificates
)
# Real servers and suites that tests run against.
TEST_PACKAGES=(json-schema-test-suite nginx-light openssh-server openssl poppler-utils python3 vsftpd)

say() { printf '\n\033[1m%s\033[0m\n' "$*" >&2; }

# Installs those of the packages given that are missing.
install_packages() {
  local missing=() package
  for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  say "Cài gói hệ thống / installing system packages: ${missing[*]}"
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "Cần quyền root / run as root, or install: apt-get install ${missing[*]}" >&2; exit 1; }
    as_root=(sudo)
  fi
  "${as_root[@]}" apt-get update -qq
  # No server that comes along may start by itself: tests start their own on loopback.
  printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee /usr/sbin/policy-rc.d >/dev/null
  "${as_root[@]}" chmod +x /usr/sbin/policy-rc.d
  local status=0
  DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" || status=$?
  "${as_root[@]}" rm -f /usr/sbin/policy-rc.d
  return $status
}

require_swift() {
  command -v swift >/dev/null || {
    echo "Cần Swift 6.3 / Swift 6.3 is needed: https://www.swift.org/install/linux/" >&2
    exit 1
  }
}
