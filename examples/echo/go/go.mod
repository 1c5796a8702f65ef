module echo

go 1.23.0

require github.com/ursiform/sleuth v1.0.2

require (
	github.com/armen/goviral v0.0.0-20150416020909-5ca05b524b2b // indirect
	github.com/jtacoma/go-zpl v0.3.0 // indirect
	github.com/mattn/go-colorable v0.1.14 // indirect
	github.com/mattn/go-isatty v0.0.20 // indirect
	github.com/mgutz/ansi v0.0.0-20170206155736-9520e82c474b // indirect
	github.com/pebbe/zmq4 v1.4.0 // indirect
	github.com/ursiform/logger v0.0.0-20160611213435-d99d80e097bb // indirect
	github.com/zeromq/gyre v0.0.0-20180708015545-f03685a6fad2 // indirect
	golang.org/x/net v0.38.0 // indirect
	golang.org/x/sys v0.31.0 // indirect
)
