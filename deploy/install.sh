#!/bin/sh
# Installs or upgrades the Flotilla agent on this host, from a folder that `npm run package:agent` made.
#
#   curl -fsSL https://example.com/agent/install.sh | sudo sh -s -- --from https://example.com/agent \
#     --server example.com:50051 --token flt_enroll_…
#
#   --from url      where SHA256SUMS and the files lie (FLOTILLA_DOWNLOAD_URL)
#   --sums hash     SHA-256 of SHA256SUMS itself: then nothing is taken from a server that was tampered with
#   --method name   deb, executable or bundle (needs Node 20.19 or newer); default: the first that this host can use
#   --root folder   install below this folder and start nothing (images)
#   --download-only verify, and print where the file lies
#   anything else   goes to `flotilla-agent install` (see its --help)
#
# Called again it upgrades. Exit codes: 0 done, 1 it did not work, 2 it was called wrongly.
set -eu

say() { printf '%s\n' "$*"; }
die() { printf 'install.sh: %s\n' "$1" >&2; exit "${2:-1}"; }
has() { command -v "$1" >/dev/null 2>&1; }

fetch() { # url file
  if has curl; then curl -fsSL --retry 3 --connect-timeout 15 -o "$2" "$1"
  elif has wget; then wget -q -T 30 -O "$2" "$1"
  else die 'neither curl nor wget is here'
  fi || die "$1 cannot be fetched"
}

sha256() { # file
  if has sha256sum; then sha256sum "$1" | cut -d ' ' -f 1
  elif has shasum; then shasum -a 256 "$1" | cut -d ' ' -f 1
  elif has openssl; then openssl dgst -sha256 -r "$1" | cut -d ' ' -f 1
  else die 'no tool here computes SHA-256 (sha256sum, shasum or openssl)'
  fi
}

listed() { # name: its sum in SHA256SUMS, or nothing
  awk -v name="$1" '$2 == name && length($1) == 64 { print $1; exit }' "$work/SHA256SUMS"
}

node_fits() {
  has node && node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)'
}

# everything is in a function: a download that breaks off runs nothing
main() {
  from=${FLOTILLA_DOWNLOAD_URL:-} sums='' method='' root='' only=''
  while [ $# -gt 0 ]; do
    case $1 in
      --from | --sums | --method | --root)
        [ $# -ge 2 ] || die "$1 needs a value" 2
        case $1 in --from) from=$2 ;; --sums) sums=$2 ;; --method) method=$2 ;; --root) root=$2 ;; esac
        shift 2
        ;;
      --download-only) only=yes; shift ;;
      *) break ;;
    esac
  done
  [ -n "$from" ] || die 'say --from and the address where the files lie' 2
  from=${from%/}
  case $from in https://* | http://*) ;; *) die "--from $from is no http or https address" 2 ;; esac
  case $method in '' | deb | executable | bundle) ;; *) die "--method $method: must be deb, executable or bundle" 2 ;; esac
  [ "$(uname -s)" = Linux ] || die "the agent runs on Linux; this is $(uname -s)"
  case $(uname -m) in
    x86_64 | amd64) arch=amd64 ;;
    aarch64 | arm64) arch=arm64 ;;
    *) die "there is no agent for $(uname -m)" ;;
  esac
  [ -n "$only" ] || [ "$(id -u)" = 0 ] || die 'this needs root: sudo sh -s -- …'

  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  trap 'exit 1' INT TERM
  fetch "$from/SHA256SUMS" "$work/SHA256SUMS"
  if [ -n "$sums" ] && [ "$(sha256 "$work/SHA256SUMS")" != "$sums" ]; then
    die "SHA256SUMS at $from is not the one that --sums names; nothing was installed"
  fi

  deb=$(awk -v arch="_$arch.deb" 'index($2, "flotilla-agent_") == 1 && substr($2, length($2) - length(arch) + 1) == arch { print $2; exit }' "$work/SHA256SUMS")
  executable=flotilla-agent-linux-$arch
  if [ -z "$method" ]; then
    if [ -z "$root" ] && has dpkg && [ -n "$deb" ]; then method=deb
    elif [ -n "$(listed "$executable")" ]; then method=executable
    elif node_fits; then method=bundle
    else die "$from has no agent for $arch, and there is no Node 20.19 here to run the one file"
    fi
  fi
  case $method in
    deb) file=$deb; [ -z "$root" ] || die '--method deb does not go with --root' 2 ;;
    executable) file=$executable ;;
    bundle) file=flotilla-agent.mjs; node_fits || die 'the one file needs Node 20.19 or newer' ;;
  esac
  wanted=$(listed "$file")
  [ -n "$wanted" ] || die "SHA256SUMS at $from does not list ${file:-a package for $arch}"

  fetch "$from/$file" "$work/$file"
  found=$(sha256 "$work/$file")
  [ "$found" = "$wanted" ] || die "$file has the SHA-256 $found and not $wanted; nothing was installed"
  say "verified $file ($wanted)"
  # the reader nvml needs it; the package brings its own
  koffi=koffi-linux-$arch.node
  if [ "$method" != deb ] && [ -n "$(listed "$koffi")" ]; then
    fetch "$from/$koffi" "$work/koffi.node"
    [ "$(sha256 "$work/koffi.node")" = "$(listed "$koffi")" ] || die "$koffi is not the file that SHA256SUMS lists; nothing was installed"
    say "verified $koffi"
  fi

  if [ -n "$only" ]; then
    mv "$work/$file" "./$file"
    [ ! -f "$work/koffi.node" ] || mv "$work/koffi.node" ./koffi.node
    say "./$file"
    return
  fi
  case $method in
    deb)
      dpkg -i "$work/$file" || die "dpkg cannot install $file"
      set -- /usr/bin/flotilla-agent install "$@"
      ;;
    executable)
      chmod 0755 "$work/$file"
      set -- "$work/$file" install ${root:+--root "$root"} "$@"
      ;;
    bundle) set -- node "$work/$file" install ${root:+--root "$root"} "$@" ;;
  esac
  "$@"
}

main "$@"
