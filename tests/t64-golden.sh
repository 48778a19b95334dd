#!/bin/bash
# SPDX-License-Identifier: MIT
# t64-golden: every page that a prospect may meet is, byte by byte, the one that was agreed on; so is what a screen reader is told
#
# The workers' clock stands at a Tuesday morning. UPDATE_GOLDEN=1 agrees on the pages as they are now.
. "${srcdir:-$(dirname "$0")/..}/tests/lib.sh"
. "$srcdir/tests/owner.sh"

library=$(find /usr/lib -path '*/faketime/libfaketime.so.1' 2>/dev/null | sed -n 1p)
[ -n "$library" ] || skip 'The faketime package is missing.'
! ldd "$builddir/slotguard-worker" | shows libasan || skip 'The sanitizers do not go with faketime.'
fake=$work/fake
mkdir -p "$fake/build"
ln -s "$builddir"/slotguard* "$fake/build/"
rm "$fake/build/slotguard-worker"
cat >"$fake/build/slotguard-worker" <<END
#!/bin/sh
export LD_PRELOAD='$library' FAKETIME='2026-03-03 10:10:00' TZ=UTC FAKETIME_DONT_FAKE_MONOTONIC=1
exec '$builddir/slotguard-worker' "\$@"
END
chmod +x "$fake/build/slotguard-worker"
export SLOTGUARD_BUILD=$fake/build
stand_start "${owner[@]}" --set 'site.base_url=https://book.example.com'
expects_worker_faults '^clocks_differ from='
code=0
node "$srcdir/tests/browser/tree.mjs" "$srcdir/tests/golden/trees" ${UPDATE_GOLDEN:+--update} || code=$?
SLOTGUARD_TODAY=2026-03-03 node "$srcdir/tests/browser/golden.mjs" "$srcdir/tests/golden/pages" ${UPDATE_GOLDEN:+--update} || code=$?
exit $code
