#!/bin/bash
# SPDX-License-Identifier: MIT
# t68-mails: every mail in every language is the one that was agreed on, says what it has to, and holds in Outlook, Chromium and Firefox
. "${srcdir:-$(dirname "$0")/..}/tests/lib.sh"
. "$srcdir/tests/owner.sh"
[ -x "$builddir/tests/check_mails" ] || skip 'tests/check_mails is not built: the check package is missing.'
sent=$work/sent
mkdir "$sent"
for language in en de es he; do
	sed -i 's/^place =$/place = 12 Mill Lane, Burwick/' "$owner_folder/templates/$language/messages.ini"
done
srcdir=$owner_folder SLOTGUARD_MAILS=$sent "$builddir/tests/check_mails"
node "$srcdir/tests/browser/mails.mjs" "$sent" "$srcdir/tests/golden/mails" ${UPDATE_GOLDEN:+--update}
