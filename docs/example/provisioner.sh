#!/bin/sh
# A provisioner of kind "command", whole: access is a file in the directory DOORS, named by account and entitlement.
# What it must do for its verbs, and what its exit codes mean, is in docs/command.md.
set -eu
cd "$DOORS" || { echo "the doors don't answer" >&2; exit 75; }
input=$(cat)

# The value of a key of the JSON on stdin. Good enough for names without quotes; a real one would use jq or Python.
text() { printf '%s' "$input" | sed -n "s/.*\"$1\":\"\([^\"\\\\]*\)\".*/\1/p"; }
number() { printf '%s' "$input" | sed -n "s/.*\"$1\":\([0-9]*\).*/\1/p"; }

# All of ours, and the standing keys: the files.
list() {
    ours= foreign=
    for door in *:*; do
        [ -e "$door" ] || continue
        place=${door%:standing}
        one="{\"account\":\"${place%%:*}\",\"entitlement\":\"${place#*:}\""
        if [ "$place" = "$door" ]; then ours="$ours,$one}"; else foreign="$foreign,$one,\"how\":\"a standing key\"}"; fi
    done
    printf '{"ours":[%s],"foreign":[%s]}\n' "${ours#,}" "${foreign#,}"
}
[ "$1" != list ] || { list; exit; }

account=$(text account) entitlement=$(text entitlement)
for name in "$account" "$entitlement"; do
    case "$name" in
    "" | *[!A-Za-z0-9_.@-]*) echo "account and entitlement are plain names here" >&2; exit 20 ;;
    esac
done
ours="$account:$entitlement"

case "$1" in
provision)
    if [ -e "$ours:standing" ]; then echo "a standing key"; exit 10; fi
    [ "$(date +%s%3N)" -lt "$(number begin_by_ms)" ] || exit 30
    : >"$ours"
    ;;
deprovision)
    rm -f "$ours"
    ;;
inspect)
    here=absent foreign=
    [ ! -e "$ours" ] || here=present
    [ ! -e "$ours:standing" ] || foreign='"a standing key"'
    printf '{"ours":"%s","foreign":[%s]}\n' "$here" "$foreign"
    ;;
*) exit 64 ;;
esac
