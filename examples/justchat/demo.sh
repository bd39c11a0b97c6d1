#!/bin/sh
# What `make demo` runs: builds JustChat, starts a whole cluster on free ports of
# this machine, and a client for you. Where there is no terminal to type at, Elon
# and Tony hold a short conversation instead, in which a file goes to all and one
# to Elon alone, and the exit code says whether it went well. All that is written is in a folder that is removed at the end.
set -eu
cd "$(dirname "$0")/../.."
GO=${GO:-go}
command -v "$GO" >/dev/null || { echo "demo: Go 1.26 or newer is needed, see https://go.dev/dl" >&2; exit 2; }

echo "building; the first time takes a minute or two" >&2
"$GO" build -o bin/justchat ./cmd/justchat
dir=$(mktemp -d)
running=
cleanup() {
	for pid in $running; do kill "$pid" 2>/dev/null || true; done
	for pid in $running; do wait "$pid" 2>/dev/null || true; done
	rm -rf "$dir"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

# await FILE TEXT: wait until FILE holds TEXT, thirty seconds at most.
await() {
	tries=0
	until grep -q -- "$2" "$1" 2>/dev/null; do
		tries=$((tries + 1))
		[ "$tries" -le 300 ] || { echo "demo: no $2 after thirty seconds; there is:" >&2; cat "$1" "$dir/log" >&2; exit 1; }
		sleep 0.1
	done
}

bin/justchat up -data "$dir/data" -port 0 >"$dir/up" 2>"$dir/log" &
running=$!
await "$dir/up" 'justchat client'
balancers=$(sed -n 's/.*justchat client //p' "$dir/up")

if [ -t 0 ] && [ -t 1 ]; then
	user=$(id -un | tr -cd '[:alnum:]' | cut -c 1-20)
	user=${user:-guest}
	echo "A registry, three load balancers and two servers run. You are $user; any password does, it ends with the demo."
	echo "To talk to somebody, run this in a second terminal:"
	echo
	echo "	$PWD/bin/justchat client -pins $dir/clusters -downloads $dir/Tony -user Tony $balancers"
	echo
	trap '' INT # Ctrl-C is the client's
	# shellcheck disable=SC2086 # three arguments
	bin/justchat client -pins "$dir/clusters" -downloads "$dir/files" -user "$user" $balancers
	exit
fi

# talk USER: start a client that reads what is written to the pipe USER.
talk() {
	mkfifo "$dir/$1"
	echo "the password of $1" >"$dir/$1.password"
	# shellcheck disable=SC2086 # three arguments
	bin/justchat client -pins "$dir/$1.clusters" -downloads "$dir/$1.files" -user "$1" -password-file "$dir/$1.password" $balancers \
		<"$dir/$1" >"$dir/$1.out" 2>&1 &
	running="$running $!"
}
talk Elon; elon=$!
exec 3>"$dir/Elon"
await "$dir/Elon.out" 'connected to'
talk Tony; tony=$!
exec 4>"$dir/Tony"
await "$dir/Tony.out" 'connected to'
echo 'Welcome, Tony' >&3
await "$dir/Tony.out" 'Elon: Welcome, Tony'
echo '#message #Elon #I have a surprise for Robert' >&4
await "$dir/Elon.out" 'Tony #private: I have a surprise for Robert'
echo '#users' >&3
await "$dir/Elon.out" '^Tony$'
echo 'a picture of SELDOM' >"$dir/SELDOM_2016.txt"
echo "#share #$dir/SELDOM_2016.txt" >&3
await "$dir/Tony.out" 'Elon offers SELDOM_2016.txt'
echo '#accept' >&4
await "$dir/Tony.out" 'received SELDOM_2016.txt'
cmp "$dir/SELDOM_2016.txt" "$dir/Tony.files/SELDOM_2016.txt"
echo 'a surprise' >"$dir/surprise.txt"
echo "#share #Elon #$dir/surprise.txt" >&4
await "$dir/Elon.out" 'Tony offers surprise.txt'
echo '#accept' >&3
await "$dir/Tony.out" 'Received by Elon: surprise.txt'
cmp "$dir/surprise.txt" "$dir/Elon.files/surprise.txt"
echo '#quit' >&4
exec 4>&-
wait "$tony"
echo '#quit' >&3
exec 3>&-
wait "$elon"

for name in Elon Tony; do
	echo "== what $name saw"
	cat "$dir/$name.out"
done
