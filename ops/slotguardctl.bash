# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# slotguardctl.bash: what bash may complete: commands, and the options that a command's --help names

_slotguardctl() {
	local word=${COMP_WORDS[COMP_CWORD]} i command=''
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		-c) i=$((i + 1)) ;;
		-*) ;;
		*)
			command=${COMP_WORDS[i]}
			break
			;;
		esac
	done
	if [ "${COMP_WORDS[COMP_CWORD - 1]}" = -c ]; then
		mapfile -t COMPREPLY < <(compgen -f -- "$word")
	elif [ -z "$command" ]; then
		mapfile -t COMPREPLY < <(compgen -W "$("${COMP_WORDS[0]}" --help 2>/dev/null |
			sed -n 's/^  \([a-z][a-z-]*\) .*/\1/p')" -- "$word")
	elif [ "${word:0:1}" = - ]; then
		mapfile -t COMPREPLY < <(compgen -W "$("${COMP_WORDS[0]}" "$command" --help 2>/dev/null |
			sed -n 's/^ *\(--[a-z-]*\).*/\1/p')" -- "$word")
	fi
}
complete -F _slotguardctl slotguardctl
