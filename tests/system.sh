#!/bin/sh
# Install what the tests need from outside Python, where it is missing and apt is there.
missing=""
command -v chromium >/dev/null || command -v google-chrome >/dev/null || missing="$missing chromium"
command -v bwrap >/dev/null || missing="$missing bubblewrap"
command -v node >/dev/null || missing="$missing nodejs"
[ -z "$missing" ] && exit 0

as_root=""
[ "$(id -u)" = 0 ] || as_root="sudo -n"
if command -v apt-get >/dev/null &&
   $as_root env DEBIAN_FRONTEND=noninteractive sh -c \
     "apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing" >/dev/null
then
  exit 0
fi
echo "Missing and not installable from here:$missing. On Debian: sudo apt-get install$missing" >&2
[ -z "$CI" ]   # on CI a missing part is a failure; elsewhere its tests say that they are skipped
