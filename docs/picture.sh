#!/usr/bin/env bash
# Takes the README's picture of a running demo: docs/picture.sh [ADDRESS] [FILE]
# The address may name who looks at what: http://127.0.0.1:8421/#/PERSON/CHANNEL/THREAD
set -euo pipefail

address=${1:-http://127.0.0.1:8421/}
file=${2:-"$(dirname "${BASH_SOURCE[0]}")/demo.png"}
size=${PICTURE_SIZE:-1280,860}
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome) ||
    { echo "picture: Chromium is missing" >&2; exit 1; }

home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
# `?still` keeps the page from listening on: the browser waits until nothing is left to do.
place=${address#"${address%%#*}"}
base=${address%%#*}
"$browser" --headless --no-sandbox --disable-gpu --force-prefers-reduced-motion --disable-quic --no-first-run --disable-background-networking \
    --disable-component-update --disable-sync --hide-scrollbars --user-data-dir="$home" --force-device-scale-factor=2 \
    --blink-settings=preferredColorScheme="${PICTURE_SCHEME:-1}" --window-size="$size" --virtual-time-budget=4000 \
    --screenshot="$file" "${base%/}/?still$place" >"$home/log" 2>&1 || { cat "$home/log" >&2; exit 1; }
echo "picture: $file"
