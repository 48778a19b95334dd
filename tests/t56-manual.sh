#!/bin/bash
# SPDX-License-Identifier: MIT
# t56-manual: the manual pages say what the programs say of themselves, and what can be configured
. "${srcdir:-$(dirname "$0")/..}/tests/lib.sh"
command -v mandoc >/dev/null || skip 'mandoc is missing; ./bootstrap check installs it.'

# same WHAT: $work/is and $work/should.
same() {
	diff -u "$work/should" "$work/is" >"$work/diff" || fail "$1: $(cat "$work/diff")"
}

note 'They are well made'
manuals=$(cd "$builddir/app" && echo slotguard-courier.8 slotguard-operations.7 slotguard-worker.8 slotguard.conf.5 slotguardctl.8)
for manual in $manuals; do
	page=$builddir/app/$manual
	[ -s "$page" ] || fail "$manual was not made."
	mandoc -Tlint -W warning "$page" >"$work/lint" 2>&1 || :
	[ ! -s "$work/lint" ] || fail "mandoc: $(cat "$work/lint")"
	! grep -n '@[a-z]*@' "$page" || fail "A folder's name is left open in $manual."
	mandoc -Tutf8 -O width=100 "$page" | col -bx >"$work/${manual%.*}.txt"
	# Whom it names among ours is there.
	sed -n 's/^\.Xr \(slotguard[a-z.-]*\) \([0-9]\).*/\1.\2/p' "$page" | while read -r other; do
		[ -s "$builddir/app/$other" ] || fail "$manual names $other."
	done
done

note 'slotguardctl(8) has every command with its arguments and options, and no other'
ctl_bare() { "$builddir/slotguardctl" "$@"; }
ctl_bare --help | sed -n 's/^  \([a-z][a-z-]\{1,\}\) .*/\1/p' | while read -r command; do
	ctl_bare "$command" --help >"$work/help"
	words=$(sed -n "1s/^usage: slotguardctl \\[-c FILE\\] $command *\\(.*\\) *\\[OPTION ...\\]\$/\\1/p" "$work/help")
	echo "$command ${words% }" | sed 's/ *$//'
	sed -n 's/^  --\([a-z-]*\)\( \([A-Z]\{1,\}\)\)\{0,1\} .*/\1 \3/p' "$work/help" | sed 's/ *$//' |
		grep -vxE 'json|help' | sed "s/^/$command --/" || :
done | sort >"$work/should"
awk '
	/^\.Sh / { command = "" }
	/^\.Ss / { command = $2; sub(/^\.Ss /, ""); sub(/ Ar /, " "); print }
	/^\.It Fl -/ && command { print command, "-" $3 ($5 ? " " $5 : "") }' "$builddir/app/slotguardctl.8" | sort >"$work/is"
same 'Commands and options'
[ "$(grep -c -- -- "$work/is")" -ge 10 ] && [ "$(grep -vc -- -- "$work/is")" -ge 12 ] || fail 'There are too few of them.'
ctl_bare --help | tr '\n' ' ' | grep -o 'Exit status:.*' | grep -oE '[0-9] ' | sort -u >"$work/should"
sed -n '/^EXIT STATUS/,/^EXAMPLES/s/^ *\([0-9]\)  .*/\1 /p' "$work/slotguardctl.txt" | sort -u >"$work/is"
same 'The exit status'
for option in $("$builddir/slotguard-worker" --help | sed -n 's/^  -\([a-z]\) .*/\1/p'); do
	grep -q "^\.It Fl $option" "$builddir/app/slotguard-worker.8" || fail "slotguard-worker(8) lacks -$option."
done

note 'Each program says its version and that of the schema, and a word that was mistyped is guessed'
schema=$(sed -n 's/^#define SCHEMA_VERSION //p' "$srcdir/app/store/schema.h")
for program in slotguard-worker slotguard-courier slotguardctl; do
	expect_equal "$("$builddir/$program" --version)" "$program $(sed -n 's/^AC_INIT(\[slotguard\], \[\([^]]*\)\].*/\1/p' "$srcdir/configure.ac"), schema $schema" \
		"the version of $program"
done
guesses() { # WORD SHOULD
	! ctl_bare "$1" 2>"$work/said" || fail "There is a command $1."
	expect_equal "$(sed -n 's/.*did you mean \(.*\)?$/\1/p' "$work/said")" "$2" "what is guessed for $1"
}
guesses lst list
guesses exprot export
guesses mig migrate
guesses block-adress block-address
guesses open ''
! ctl_bare show a b 2>"$work/said" || fail 'Two words are taken for one.'
grep -q '^slotguardctl: show: b is one word too many$' "$work/said" || fail "It does not name the word: $(cat "$work/said")"

note 'slotguard.conf(5) has every key with its default, as the example has, and no other'
# The example is held to the table of keys by tests/check_conf. What it gives by itself has no default.
awk '
	/^\[/ { section = $1 }
	/^;?[a-z_]+ =/ {
		is_default = sub(/^;/, "")
		name = $1
		sub(/^[a-z_]+ = */, "")
		print section, name, is_default && $0 !~ "^/" ? $0 : ""
	}' "$srcdir/slotguard.conf.example" | sed 's/ *$//' | sort >"$work/should"
awk '
	/^\.Ss / { section = $2 }
	/^\.Sh / { section = "" }
	/^\.It Ic / && section {
		name = $3
		if (!sub(/^.* Pq Ql /, ""))
			$0 = ""
		gsub(/"/, "")
		print section, name, $0
	}' "$builddir/app/slotguard.conf.5" | sed 's/ *$//' | sort >"$work/is"
same 'The keys'
[ "$(wc -l <"$work/is")" -ge 40 ] || fail 'There are too few of them.'
secrets=$(sed -n 's/^    {"\([a-z0-9-]*\)", offsetof.*/\1/p' "$srcdir/app/base/credentials.c")
[ "$(wc -w <<<"$secrets")" = 12 ] || fail 'The table of secrets is not where it was.'
for secret in $secrets; do
	grep -q "^\.It Pa .*$secret" "$builddir/app/slotguard.conf.5" || fail "slotguard.conf(5) lacks the secret $secret."
done

note 'What the operator is told to look at is there'
for name in $(grep -oE 'slotguard_[a-z_]+' "$builddir/app/slotguard-operations.7" | grep -vxE 'slotguard_(admin|courier|web)'); do
	grep -qE "\"${name#slotguard_}\"|$name" "$srcdir/app/base/counters.c" "$srcdir/app/desk/metrics.c" || fail "There is no $name."
done
for word in $(sed -n '/^\.Sh DIAGNOSTICS/,/^\.Sh SEE/s/^\.It Ql //p' "$builddir/app/slotguard-worker.8" "$builddir/app/slotguard-courier.8" | tr -d ,); do
	grep -rqE --include='*.c' "\"$word[ %\"]" "$srcdir/app" || fail "No program logs $word."
done

note 'They are installed'
make -s -C "$builddir" install-man DESTDIR="$work/root" >"$work/make" 2>&1 || fail "$(cat "$work/make")"
for manual in $manuals; do
	[ -n "$(find "$work/root" -path "*/man${manual##*.}/$manual")" ] || fail "$manual is not installed."
done

note "README's commands for those who change it are there"
# target NAME: make knows how to make it.
target() { make -n -C "$builddir" "$1" >"$work/make" 2>&1 || ! grep -q 'No rule to make target' "$work/make"; }
# takes MAKES NAME: after make it is a variable of the Makefile's, and before it, of a test's environment.
takes() {
	if [ -n "$1" ]; then
		grep -qF "\$($2)" "$builddir/Makefile"
	else
		grep -rqw --exclude-dir=node_modules "$2" "$srcdir/tests"
	fi
}
commands=0
while read -r command; do
	mapfile -t words < <(xargs -n 1 <<<"$command")
	makes=''
	for word in "${words[@]}"; do
		case $word in
		'&&') makes='' ;;
		make) makes=yes ;;
		TESTS=* | CC=*) ;;
		CK_RUN_CASE=*) grep -q "tcase_create(\"${word#*=}\")" "$srcdir/${command##* }.c" || fail "There is no case ${word#*=}." ;;
		[A-Z]*=*) takes "$makes" "${word%%=*}" || fail "Nothing takes the name ${word%%=*}." ;;
		--*) "$srcdir/configure" --help | shows -- "$word" || fail "configure has no $word." ;;
		corpus/ | CK_FORK=no | gdb) ;;
		*/*) [ -e "$srcdir/$word" ] || [ -e "$builddir/$word" ] || target "$word" || fail "There is no $word." ;;
		*) [ -n "$makes" ] && target "$word" || fail "There is no $word to be made." ;;
		esac
	done
	commands=$((commands + 1))
done < <(sed -n '/^Hacking$/,/^A new page/s/^    \([^ ].*\)/\1/p' "$srcdir/README" | sed 's/  .*//')
[ $commands -ge 12 ] || fail "README has $commands commands."
