#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Runs a plan on the other nodes over ssh, from within the cluster: in virtual time nothing may come in from the host
# once the clock runs. The plan lies beside the identity, in /etc/testbed:
#
#   plan-nodes            names of the nodes
#   plan-NNN.step         variables of step NNN, see below
#   plan-NNN.command      what its node's shell is given
#
#   node          where it runs
#   delay         seconds before it
#   deadline      seconds for it
#   on_failure    `stop` or `go-on`
#   until_line    for a step that goes on running: text of a line that shows it at work
#   until_port    the same: a port on which its node listens, as /proc/net/tcp writes it (":1F90")
#
# What comes of it goes out by the second serial port, a line each; NNN is without leading zeros:
#
#   ready                 every node has answered
#   begin NNN
#   end NNN HOW           exit status, `expired` or `running`
#   out NNN BASE64        standard output; err: standard error; sockets: /proc/net/tcp, of a step that is seen by a port
#   over

PATH=/usr/sbin:/usr/bin
HOME=/root
export HOME
PLAN=/etc/testbed
WORK=/run/operator
KEY=/root/.ssh/id_dropbear
LISTEN=0A

say() {
	echo "$*" >&3
}

# remote NODE COMMAND
remote() {
	dbclient -i $KEY "root@$1" "$2" </dev/null
}

await_nodes() {
	while read -r one; do
		until remote "$one" true >/dev/null 2>&1; do sleep 0.1; done
	done <$PLAN/plan-nodes
}

# tell NNN STREAM FILE
tell() {
	base64 "$3" | sed "s/^/$2 $1 /" >&3
}

at_work() {
	if [ -n "$until_line" ]; then
		grep -qF -e "$until_line" "$out" "$err"
	else
		remote "$node" 'cat /proc/net/tcp /proc/net/tcp6' >"$WORK/sockets" 2>/dev/null
		awk -v port="$until_port" -v state=$LISTEN \
			'substr($2, length($2) - 4) == port && $4 == state { found = 1 } END { exit !found }' "$WORK/sockets"
	fi
}

# Until it is over, or seen at work, or out of time.
await_step() {
	if [ -z "$until_line$until_port" ]; then
		wait "$pid"
		how=$?
	else
		how=running
		until at_work; do
			if [ -e "$expired" ] || ! kill -0 "$pid" 2>/dev/null; then
				wait "$pid"
				how=$?
				break
			fi
			sleep 0.1
		done
	fi
	[ ! -e "$expired" ] || how=expired
}

# step FILE
step() {
	number=${1#"$PLAN"/plan-}
	number=${number%.step}
	number=${number#"${number%%[!0]*}"}
	out=$WORK/$number.out err=$WORK/$number.err expired=$WORK/$number.expired
	node='' delay=0 deadline=0 on_failure='' until_line='' until_port=''
	# shellcheck disable=SC1090
	. "$1"
	sleep "$delay"
	say "begin $number"
	remote "$node" "$(cat "${1%.step}.command")" >"$out" 2>"$err" &
	pid=$!
	(
		sleep "$deadline"
		: >"$expired"
		kill $pid
	) 2>/dev/null &
	watch=$!
	await_step
	kill $watch
	say "end $number $how"
	tell "$number" out "$out"
	tell "$number" err "$err"
	[ -z "$until_port" ] || tell "$number" sockets "$WORK/sockets"
	case $how in
	0 | running) ;;
	*) [ "$on_failure" = go-on ] ;;
	esac
}

exec 3>/dev/ttyS1
mkdir -p $WORK
await_nodes
say ready
for file in "$PLAN"/plan-*.step; do
	step "$file" || break
done
say over
