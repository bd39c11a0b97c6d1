//go:build !race

package client

import (
	"crypto/tls"
	"io"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// benchmarkSize is how large the file is that travels.
const benchmarkSize = 256 << 20

// BenchmarkPrivateFile sends a file from one client to another, directly and over a server, from the answer to the file under
// its name: with its hash, and on the disk for good. BenchmarkPlainTLS is what to compare it with.
func BenchmarkPrivateFile(b *testing.B) {
	for name, how := range map[string]func(*Config){"direct": direct, "relayed": nil} {
		b.Run(name, func(b *testing.B) {
			w := newWorld(b)
			lb := w.balancer("lb1")
			w.server("s1").keepsFiles()
			tony, robert := w.enter("Tony", how, lb), w.enter("Robert", downloads(b, how), lb)
			path := aFile(b, "x", benchmarkSize)
			b.SetBytes(benchmarkSize)
			b.ResetTimer()
			for b.Loop() {
				b.StopTimer()
				id := tony.sendsPrivate("Robert", path)
				w.wait("it is offered", func() bool { return len(robert.Offers()) > 0 })
				b.StartTimer()
				if err := robert.Accept(0); err != nil {
					b.Fatal(err)
				}
				tony.ends(id, Finished)
				b.StopTimer()
				os.Remove(filepath.Join(robert.Downloads, "x"))
				b.StartTimer()
			}
		})
	}
}

// BenchmarkPlainTLS copies a file over a TLS connection, and has the disk keep it.
func BenchmarkPlainTLS(b *testing.B) {
	w := newWorld(b)
	from, to := w.person("Tony", nil, w.balancer("lb1")), w.person("Robert", nil, w.balancer("lb2"))
	listener, err := tls.Listen("tcp", "127.0.0.1:0", to.Key.ListenTLS())
	if err != nil {
		b.Fatal(err)
	}
	defer listener.Close()
	path, target := aFile(b, "x", benchmarkSize), filepath.Join(b.TempDir(), "y")
	b.SetBytes(benchmarkSize)
	for b.Loop() {
		received := make(chan error, 1)
		go func() { received <- receivePlain(listener, target) }()
		conn, err := tls.Dial("tcp", listener.Addr().String(), from.Key.PeerTLS(to.Key.Public))
		if err != nil {
			b.Fatal(err)
		}
		file, err := os.Open(path)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := io.Copy(conn, file); err != nil {
			b.Fatal(err)
		}
		file.Close()
		conn.Close()
		if err := <-received; err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		os.Remove(target)
		b.StartTimer()
	}
}

func receivePlain(listener net.Listener, path string) error {
	conn, err := listener.Accept()
	if err != nil {
		return err
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(time.Minute))
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer file.Close()
	if _, err := io.Copy(file, conn); err != nil {
		return err
	}
	return file.Sync()
}
