package runtime_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"os"

	"github.com/parley-rpc/parley/runtime"
)

// Mutual TLS: the server takes no client without a certificate of the team's authority, and its
// handler knows whose it is. The files were made by that authority.
func ExampleWithTLS() {
	server := runtime.NewServer(runtime.WithTLS(&tls.Config{
		Certificates: certificateOf("server"),
		ClientAuth:   tls.RequireAndVerifyClientCert,
		ClientCAs:    team(),
	}))
	RegisterDiary(server, Diary{write: func(ctx context.Context, text string) (uint16, error) {
		peer, ok := runtime.PeerFrom(ctx)
		if !ok || peer.TLS == nil {
			return 0, runtime.NewError(runtime.CodeUnauthenticated, "who writes?")
		}
		fmt.Println(peer.TLS.VerifiedChains[0][0].Subject.CommonName, "writes:", text)
		return 1, nil
	}})
	listener, err := net.Listen("tcp", ":4000")
	if err != nil {
		fmt.Println(err)
		return
	}
	go server.Serve(listener)

	client := runtime.Dial("diary.example:4000", runtime.WithTLS(&tls.Config{
		Certificates: certificateOf("alice"),
		RootCAs:      team(),
	}))
	defer client.Close()
	fmt.Println(NewDiaryClient(client).Write(context.Background(), "dear diary"))
}

func certificateOf(name string) []tls.Certificate {
	certificate, err := tls.LoadX509KeyPair(name+".pem", name+".key")
	if err != nil {
		panic(err)
	}
	return []tls.Certificate{certificate}
}

func team() *x509.CertPool {
	certificates, err := os.ReadFile("team.pem")
	if err != nil {
		panic(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(certificates)
	return pool
}
