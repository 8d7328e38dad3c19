# SPDX-License-Identifier: GPL-2.0
# Completion of fwimg(8) for bash.

_fwimg()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
	local tables='raw mangle nat filter security' words=

	COMPREPLY=()
	if [ "$COMP_CWORD" -eq 1 ]; then
		mapfile -t COMPREPLY < <(compgen -W 'compile push restore save info zero flush --help --version' -- "$cur")
		return
	fi
	case $prev in
	-t | --table)
		if [ "${COMP_WORDS[1]}" = save ] || [ "${COMP_WORDS[1]}" = zero ]; then
			mapfile -t COMPREPLY < <(compgen -W "$tables" -- "$cur")
			return
		fi
		;;
	esac
	case ${COMP_WORDS[1]} in
	compile) words='-4 --ipv4 -6 --ipv6 -D --define --vars --resolve-names -o --output --help' ;;
	push) words='-t --test --costly --help' ;;
	restore) words='-4 --ipv4 -6 --ipv6 -D --define --vars --resolve-names -n --noflush -c --counters -t --test -v --verbose -T --table --help' ;;
	save) words='-4 --ipv4 -6 --ipv6 -c --counters -r --resolved -t --table --help' ;;
	info) words='--help' ;;
	zero) words='-4 --ipv4 -6 --ipv6 -t --table --help' ;;
	flush) words='--help' ;;
	esac
	if [[ $cur == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
	elif [ "${COMP_WORDS[1]}" != flush ]; then
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
	fi
}

complete -F _fwimg fwimg
