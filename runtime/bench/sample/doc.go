package sample

//go:generate go run github.com/parley-rpc/parley/cmd/parley gen -test=false .
