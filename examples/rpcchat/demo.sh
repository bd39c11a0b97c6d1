#!/bin/sh
# Builds rpcchat, starts a server on a free port of this machine, and a client
# for you. Where there is no terminal to type at, alice, with the classic client,
# and bob, with a session, hold a short conversation instead, and the exit code
# says whether it went well.
set -eu
cd "$(dirname "$0")/../.."
GO=${GO:-go}
command -v "$GO" >/dev/null || { echo "demo: Go 1.26 or newer is needed, see https://go.dev/dl" >&2; exit 2; }

"$GO" build -o bin/rpcchat ./cmd/rpcchat
dir=$(mktemp -d)
server=
cleanup() {
	[ -z "$server" ] || kill "$server" 2>/dev/null || true
	rm -rf "$dir"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

# await FILE TEXT: wait until FILE holds TEXT, ten seconds at most.
await() {
	tries=0
	until grep -q -- "$2" "$1" 2>/dev/null; do
		tries=$((tries + 1))
		[ "$tries" -le 100 ] || { echo "demo: no $2 after ten seconds; there is:" >&2; cat "$1" >&2; exit 1; }
		sleep 0.1
	done
}

bin/rpcchat 0 2>"$dir/server" &
server=$!
await "$dir/server" 'listening on'
port=$(sed -n 's/.*listening on .*:\([0-9]*\).*/\1/p' "$dir/server" | head -n 1)

if [ -t 0 ] && [ -t 1 ]; then
	user=$(id -un | tr -cd '[:alnum:]' | cut -c 1-20)
	echo "You are ${user:-guest}. Type help for the commands, quit to leave."
	echo "To talk to somebody, run this in a second terminal: $PWD/bin/rpcchat -session :$port bob"
	trap '' INT # Ctrl-C is the client's
	bin/rpcchat -session ":$port" "${user:-guest}"
	exit
fi

# talk USER [FLAG]: start a client that reads what is written to the pipe USER.
talk() {
	mkfifo "$dir/$1"
	bin/rpcchat ${2-} ":$port" "$1" <"$dir/$1" >"$dir/$1.out" 2>&1 &
}
talk alice; alice=$!
exec 3>"$dir/alice"
await "$dir/server" 'alice has logged in'
talk bob -session; bob=$!
exec 4>"$dir/bob"
await "$dir/alice.out" 'bob has logged in'
echo 'say hello, bob' >&3
await "$dir/bob.out" 'alice says hello, bob'
echo 'tell alice hello yourself' >&4
await "$dir/alice.out" 'bob tells you hello yourself'
echo 'list' >&3
await "$dir/alice.out" 'bob$'
echo 'quit' >&4
exec 4>&-
wait "$bob"
await "$dir/alice.out" 'bob has logged out'
echo 'shutdown' >&3
exec 3>&-
wait "$alice"
wait "$server"
server=

for name in alice bob server; do
	file=$dir/$name.out
	[ "$name" != server ] || file=$dir/server
	echo "== what $name saw"
	cat "$file"
done
