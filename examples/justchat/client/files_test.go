package client

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/parley-rpc/parley/generated/justchat"
	api "github.com/parley-rpc/parley/generated/justchat/client"
	"github.com/parley-rpc/parley/runtime"
)

const aSize = 1<<20 + 1

// sendsPrivate offers a file to one user.
func (p *person) sendsPrivate(to, path string) (id uint64) {
	p.t.Helper()
	id, err := p.SharePrivate(p.t.Context(), to, path)
	if err != nil {
		p.t.Fatal(err)
	}
	return id
}

func (p *person) accepts(id uint64) {
	p.t.Helper()
	if err := p.Accept(id); err != nil {
		p.t.Fatal(err)
	}
}

func TestPrivateFile(t *testing.T) {
	for name, test := range map[string]struct {
		sender, receiver func(*Config)
		relays           int
	}{
		"direct":               {direct, direct, 0},
		"receiver not dialled": {direct, nil, 1},
		"sender does not dial": {nil, direct, 1},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			b := w.balancer("lb1")
			w.server("s1").keepsFiles()
			tony, robert := w.enter("Tony", test.sender, b), w.enter("Robert", downloads(t, test.receiver), b)
			path := aFile(t, "a surprise.png", aSize)
			id := tony.sendsPrivate("Robert", path)
			offer := robert.isOffered("a surprise.png")
			robert.accepts(offer)
			if got := tony.ends(id, Finished); got.Done != aSize || got.With != "Robert" || !got.Sending {
				t.Errorf("got %+v", got)
			}
			got := robert.ends(offer, Finished)
			sameFile(t, got.Path, path)
			if w.files.relays != test.relays {
				t.Errorf("relayed %d offers, want %d", w.files.relays, test.relays)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			for _, p := range []*person{tony, robert} {
				if left := p.Settle(ctx); len(left) != 0 {
					t.Errorf("%s has %v left", p.User, left)
				}
			}
		})
	}
}

// TestPrivateFileDeclined: the sender hears it, and that who is not here cannot be asked.
func TestPrivateFileDeclined(t *testing.T) {
	w := newWorld(t)
	b := w.balancer("lb1")
	w.server("s1").keepsFiles()
	tony, robert := w.enter("Tony", direct, b), w.enter("Robert", direct, b)
	path := aFile(t, "x", 10)
	id := tony.sendsPrivate("Robert", path)
	offer := robert.isOffered("x")
	if err := robert.Accept(offer); err == nil || !strings.Contains(err.Error(), "folder for downloads") {
		t.Errorf("accepted without a folder: %v", err)
	}
	if err := robert.Decline(offer); err != nil {
		t.Error(err)
	}
	if got := tony.ends(id, Declined); got.Err == nil || !strings.Contains(got.Err.Error(), "Robert declined x") {
		t.Errorf("got %v", got.Err)
	}
	id = tony.sendsPrivate("Natasha", path)
	var away *justchat.NotHere
	if got := tony.ends(id, Broken); !errors.As(got.Err, &away) {
		t.Errorf("got %v, want NotHere", got.Err)
	}
	if _, err := tony.SharePrivate(t.Context(), "tony", path); err == nil {
		t.Error("shared with herself")
	}
}

// TestPrivateFileOverALostServer: the server dies in the middle, and it goes on from there at the next.
func TestPrivateFileOverALostServer(t *testing.T) {
	w := newWorld(t)
	b := w.balancer("lb1")
	s1, s2 := w.server("s1"), w.server("s2")
	s1.keepsFiles()
	s2.keepsFiles()
	tony, robert := w.enter("Tony", nil, b), w.enter("Robert", downloads(t, nil), b)
	const size = 32 << 20
	var once sync.Once
	killed := make(chan struct{})
	w.files.pass = func(passed int) {
		if passed >= size/2 {
			once.Do(func() {
				go func() { s1.kill(); close(killed) }()
			})
		}
	}
	path := aFile(t, "x", size)
	id := tony.sendsPrivate("Robert", path)
	offer := robert.isOffered("x")
	robert.accepts(offer)
	tony.ends(id, Finished)
	sameFile(t, robert.ends(offer, Finished).Path, path)
	<-killed
	last := w.files.pulls[len(w.files.pulls)-1]
	if w.files.relays < 2 || last < size/4 {
		t.Errorf("offered %d times and last asked for bytes from %d on, want at least 2 and about %d", w.files.relays, last, size/2)
	}
}

// TestPrivateFileOverABrokenConnection: the connection between the two breaks, and they make another. It is kept as long
// as the file needs it.
func TestPrivateFileOverABrokenConnection(t *testing.T) {
	w := newWorld(t)
	b := w.balancer("lb1")
	w.server("s1").keepsFiles()
	short := func(c *Config) { direct(c); c.Limits.KeepDialed = time.Millisecond }
	tony, robert := w.enter("Tony", short, b), w.enter("Robert", downloads(t, short), b)
	path := aFile(t, "x", 32<<20)
	id := tony.sendsPrivate("Robert", path)
	offer := robert.isOffered("x")
	tony.Client.mu.Lock()
	tony.forgetDialed("Robert")
	tony.Client.mu.Unlock()
	robert.accepts(offer)
	tony.waitFor("bytes", func(e Event) bool { f, ok := e.(*Transfer); return ok && (f.State == Moving || f.State.Ended()) })
	tony.Client.mu.Lock()
	tony.forgetDialed("Robert")
	tony.Client.mu.Unlock()
	tony.ends(id, Finished)
	sameFile(t, robert.ends(offer, Finished).Path, path)
}

// TestCancelledFile by either side, over a server, in the middle.
func TestCancelledFile(t *testing.T) {
	for _, by := range []string{"Tony", "Robert"} {
		t.Run(by, func(t *testing.T) {
			w := newWorld(t)
			b := w.balancer("lb1")
			w.server("s1").keepsFiles()
			tony, robert := w.enter("Tony", nil, b), w.enter("Robert", downloads(t, nil), b)
			half, goOn := make(chan struct{}), make(chan struct{})
			var once sync.Once
			w.files.pass = func(passed int) {
				if passed >= 1<<20 {
					once.Do(func() { close(half); <-goOn })
				}
			}
			id := tony.sendsPrivate("Robert", aFile(t, "x", 32<<20))
			offer := robert.isOffered("x")
			robert.accepts(offer)
			<-half
			person, number := tony, id
			if by == "Robert" {
				person, number = robert, offer
			}
			if err := person.Cancel(number); err != nil {
				t.Error(err)
			}
			close(goOn)
			for p, got := range map[string]Transfer{"Tony": tony.ends(id, Cancelled), "Robert": robert.ends(offer, Cancelled)} {
				want := "cancelled by " + by
				if p == by {
					want = "you have cancelled it"
				}
				if got.Err.Error() != want {
					t.Errorf("%s hears %q, want %q", p, got.Err, want)
				}
			}
		})
	}
}

// TestClosedInTheMiddle: a client that ends leaves nothing running, which TestMain sees.
func TestClosedInTheMiddle(t *testing.T) {
	for _, who := range []string{"Tony", "Robert"} {
		w := newWorld(t)
		b := w.balancer("lb1")
		w.server("s1").keepsFiles()
		tony, robert := w.enter("Tony", direct, b), w.enter("Robert", downloads(t, direct), b)
		tony.sendsPrivate("Robert", aFile(t, "x", 32<<20))
		robert.accepts(robert.isOffered("x"))
		tony.waitFor("bytes", func(e Event) bool { f, ok := e.(*Transfer); return ok && (f.State == Moving || f.State.Ended()) })
		if who == "Tony" {
			tony.Close()
		} else {
			robert.Close()
		}
	}
}

// TestPublicFile: shared, accepted, and got by who comes later; and removed.
func TestPublicFile(t *testing.T) {
	w := newWorld(t)
	b := w.balancer("lb1")
	b.listFiles()
	w.server("s1").keepsFiles()
	elon, tony := w.enter("Elon", nil, b), w.enter("Tony", downloads(t, nil), b)
	path := aFile(t, "SELDOM_2016.png", aSize)
	id, err := elon.Share(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	offer := tony.isOffered("SELDOM_2016.png")
	tony.accepts(offer)
	sameFile(t, tony.ends(offer, Finished).Path, path)
	if got := elon.ends(id, Finished); got.Copies != 2 {
		t.Errorf("got %d copies, want 2", got.Copies)
	}
	natasha := w.enter("Natasha", downloads(t, nil), b)
	got, err := natasha.Get(t.Context(), "SELDOM_2016.png")
	if err != nil {
		t.Fatal(err)
	}
	sameFile(t, natasha.ends(got, Finished).Path, path)
	b.kill()
	if _, err := natasha.Get(t.Context(), "SELDOM_2016.png"); err == nil {
		t.Error("she got it without a load balancer, and had never seen the offer")
	}
	again, err := tony.Get(t.Context(), "SELDOM_2016.png")
	if err != nil {
		t.Fatalf("he has seen the offer: %v", err)
	}
	if got := tony.ends(again, Finished); !strings.HasSuffix(got.Path, "SELDOM_2016 (1).png") {
		t.Errorf("got %q", got.Path)
	}
}

func TestGetWhatIsNotThere(t *testing.T) {
	w := newWorld(t)
	b := w.balancer("lb1")
	b.listFiles()
	w.server("s1").keepsFiles()
	tony := w.enter("Tony", downloads(t, nil), b)
	for _, name := range []string{"x", "../x", ""} {
		if _, err := tony.Get(t.Context(), name); err == nil || !strings.Contains(err.Error(), "no file") {
			t.Errorf("%q: got %v, want that there is none", name, err)
		}
	}
	w.files.bound = []justchat.File{{Name: "odd", Size: 1 << 63, SHA256: make([]byte, 32)}, {Name: "short", SHA256: make([]byte, 3)}}
	for _, name := range []string{"odd", "short"} {
		if _, err := tony.Get(t.Context(), name); err == nil {
			t.Errorf("got %q, of which the load balancer says what cannot be", name)
		}
	}
	if err := tony.Remove(t.Context(), "odd"); err != nil {
		t.Error(err)
	}
	if len(w.files.bound) != 1 {
		t.Error("it is not removed")
	}
}

// TestForgedOffers: what is not by whom it says, or for somebody else, is refused and not shown.
func TestForgedOffers(t *testing.T) {
	w := newWorld(t)
	b := w.balancer("lb1")
	s := w.server("s1")
	s.keepsFiles()
	tony, robert := w.enter("Tony", nil, b), w.enter("Robert", direct, b)
	w.mu.Lock()
	relay, address := s.sessions["Robert"].caller, w.items["Robert"].Address
	w.mu.Unlock()
	dialled := runtime.Dial(address, runtime.WithTLS(tony.Key.PeerTLS(robert.Key.Public)))
	defer dialled.Close()
	offer := func(to string, change func(*justchat.Offer)) justchat.Offer {
		o := justchat.Offer{From: "Tony", To: to, Number: 1, Name: "x", Size: 1, SHA256: make([]byte, 32), Sent: time.Now()}
		tony.Client.mu.Lock()
		o.Token = tony.token
		tony.Client.mu.Unlock()
		tony.Key.SignOffer(w.authority, &o)
		change(&o)
		return o
	}
	last := func(caller *api.ClientMessageServiceClient, o justchat.Offer) (last error) {
		for _, last = range caller.TransferFilePrivate(t.Context(), o) {
		}
		return last
	}
	changes := map[string]func(*justchat.Offer){
		"another name":   func(o *justchat.Offer) { o.Name = "y" },
		"another size":   func(o *justchat.Offer) { o.Size = 2 },
		"other bytes":    func(o *justchat.Offer) { o.SHA256 = []byte(strings.Repeat("x", 32)) },
		"another sender": func(o *justchat.Offer) { o.From = "Elon" },
		"another number": func(o *justchat.Offer) { o.Number = 2 },
		"no token":       func(o *justchat.Offer) { o.Token = nil },
	}
	for way, caller := range map[string]*api.ClientMessageServiceClient{"relayed": relay, "direct": api.NewClientMessageServiceClient(dialled)} {
		var other *api.NotForMe
		if err := last(caller, offer("Elon", func(*justchat.Offer) {})); !errors.As(err, &other) {
			t.Errorf("%s: for Elon: %v, want NotForMe", way, err)
		}
		for what, change := range changes {
			var bad *api.BadSignature
			if err := last(caller, offer("Robert", change)); !errors.As(err, &bad) {
				t.Errorf("%s: %s: %v, want BadSignature", way, what, err)
			}
		}
	}
	for what, change := range changes {
		if err := relay.TransferFile(t.Context(), offer("", change)); err == nil {
			t.Errorf("public: %s was taken", what)
		}
	}
	if err := relay.TransferFile(t.Context(), offer("Robert", func(*justchat.Offer) {})); err == nil {
		t.Error("a private offer was taken for a public one")
	}
	if got := robert.Offers(); len(got) != 0 {
		t.Errorf("was shown %v, want nothing", got)
	}
}

// TestFacesOfFiles: each face takes only what is its own business.
func TestFacesOfFiles(t *testing.T) {
	w := newWorld(t)
	b := w.balancer("lb1")
	s := w.server("s1")
	s.keepsFiles()
	tony, robert := w.enter("Tony", direct, b), w.enter("Robert", downloads(t, direct), b)
	tony.sendsPrivate("Robert", aFile(t, "x", 10))
	robert.isOffered("x")
	w.mu.Lock()
	server, balancer, address := s.sessions["Tony"].caller, b.here["Tony"].caller, w.items["Tony"].Address
	w.mu.Unlock()
	dialled := runtime.Dial(address, runtime.WithTLS(robert.Key.PeerTLS(tony.Key.Public)))
	defer dialled.Close()
	stranger := api.NewClientMessageServiceClient(dialled)
	get := func(caller *api.ClientMessageServiceClient) (last error) {
		for _, last = range caller.GetFile(t.Context(), 1, 0) {
		}
		return last
	}
	offer := func(caller *api.ClientMessageServiceClient) (last error) {
		for _, last = range caller.TransferFilePrivate(t.Context(), justchat.Offer{}) {
		}
		return last
	}
	for what, err := range map[string]error{
		"a file by a dialler":                get(stranger),
		"a file by a load balancer":          get(balancer),
		"a public offer by a dialler":        stranger.TransferFile(t.Context(), justchat.Offer{}),
		"a public offer by a load balancer":  balancer.TransferFile(t.Context(), justchat.Offer{}),
		"a private offer by a load balancer": offer(balancer),
	} {
		if runtime.CodeOf(err) != runtime.CodePermissionDenied {
			t.Errorf("%s: %v, want permission_denied", what, err)
		}
	}
	var gone *justchat.Withdrawn
	if err := get(server); !errors.As(err, &gone) || gone.Name != "" {
		t.Errorf("a file that is not relayed, by the server: %v, want that there is none", err)
	}
	// What the dialled client may ask the one that dials it.
	h := &host{tony.Client, "Elon"}
	for _, err := range h.GetFile(t.Context(), 1, 0) {
		if !errors.As(err, &gone) || gone.Name != "" {
			t.Errorf("a file for Robert, by Elon: %v, want that there is none", err)
		}
	}
	h.user = "Robert"
	for piece, err := range h.GetFile(t.Context(), 1, 0) {
		if err != nil || len(piece) != 10 {
			t.Errorf("a file for Robert, by Robert: %d bytes, %v", len(piece), err)
		}
	}
	for what, err := range map[string]error{
		"messages": h.ReceiveMessage(t.Context(), nil, 0), "private messages": h.ReceivePrivateMessage(t.Context(), justchat.Message{}),
		"orders": h.UpdateRPCChatServer(t.Context(), api.ChatServer{}), "public offers": h.TransferFile(t.Context(), justchat.Offer{}),
	} {
		if runtime.CodeOf(err) != runtime.CodePermissionDenied {
			t.Errorf("%s by a client that was dialled: %v, want permission_denied", what, err)
		}
	}
	for _, err := range h.TransferFilePrivate(t.Context(), justchat.Offer{}) {
		if runtime.CodeOf(err) != runtime.CodePermissionDenied {
			t.Errorf("a private offer by a client that was dialled: %v, want permission_denied", err)
		}
	}
}

// TestFilesAndMessages: neither holds the other up, and the order of messages stays.
func TestFilesAndMessages(t *testing.T) {
	w := newWorld(t)
	b := w.balancer("lb1")
	w.server("s1").keepsFiles()
	tony, robert := w.enter("Tony", direct, b), w.enter("Robert", downloads(t, direct), b)
	path := aFile(t, "x", 8<<20)
	id := tony.sendsPrivate("Robert", path)
	robert.accepts(robert.isOffered("x"))
	var want []string
	for n := range 300 {
		text := fmt.Sprint("message ", n)
		tony.says(text)
		want = append(want, "Tony:"+text)
	}
	robert.hears(want...)
	tony.ends(id, Finished)
}
