package justchat_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"image"
	"image/color"
	"image/png"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/parley-rpc/parley/examples/justchat/client"
	"github.com/parley-rpc/parley/generated/justchat"
)

// hearFile notes an event that is about files. Her lock is held.
func (p *person) hearFile(e client.Event) {
	switch e := e.(type) {
	case *client.Offered:
		p.offered = append(p.offered, e.Offer)
	case *client.OfferEnded:
		p.withdrawn[e.ID] = e.Reason
	case *client.Transfer:
		if last := p.states[e.ID]; len(last) > 0 && last[len(last)-1].Ended() {
			p.t.Errorf("%s: %+v comes after the transfer's end", p.name, *e)
		}
		if last := p.states[e.ID]; len(last) == 0 || last[len(last)-1] != e.State {
			p.states[e.ID] = append(last, e.State)
		}
		if e.State == client.Moving {
			p.arrived[e.ID] = append(p.arrived[e.ID], e.Done)
		}
		p.transfers[e.ID] = *e
	}
}

// shares has her share a file with all, and waits until it is done.
func (p *person) shares(path string) client.Transfer {
	p.t.Helper()
	return p.finishes(p.beginsToShare(path))
}

// beginsToShare has her share a file with all.
func (p *person) beginsToShare(path string) (id uint64) {
	p.t.Helper()
	id, err := p.Share(p.t.Context(), path)
	if err != nil {
		p.t.Fatalf("%s shares %s: %v", p.name, filepath.Base(path), err)
	}
	return id
}

// offers has her offer a file to somebody alone.
func (p *person) offers(to, path string) (id uint64) {
	p.t.Helper()
	id, err := p.SharePrivate(p.t.Context(), to, path)
	if err != nil {
		p.t.Fatalf("%s offers %s to %s: %v", p.name, filepath.Base(path), to, err)
	}
	return id
}

// isOffered waits until she is asked about a file, and returns the last such offer.
func (p *person) isOffered(name string) (offer client.Offer) {
	p.t.Helper()
	p.wait("the offer of "+name, func() bool {
		for _, one := range p.offered {
			if one.Name == name {
				offer = one
			}
		}
		return offer.ID != 0
	})
	return offer
}

// accepts waits for an offer, and takes the file.
func (p *person) accepts(name string) (id uint64) {
	p.t.Helper()
	offer := p.isOffered(name)
	if err := p.Accept(offer.ID); err != nil {
		p.t.Fatalf("%s accepts %s: %v", p.name, name, err)
	}
	return offer.ID
}

// gets has her take a public file, and returns where it is.
func (p *person) gets(name string) (path string) {
	p.t.Helper()
	return p.finishes(p.beginsToGet(name)).Path
}

// beginsToGet has her take a public file.
func (p *person) beginsToGet(name string) (id uint64) {
	p.t.Helper()
	id, err := p.Get(p.t.Context(), name)
	if err != nil {
		p.t.Fatalf("%s gets %s: %v", p.name, name, err)
	}
	return id
}

// ends waits until a transfer has ended, and expects it to be like that.
func (p *person) ends(id uint64, want client.TransferState) client.Transfer {
	p.t.Helper()
	var got client.Transfer
	p.wait("the end of a transfer", func() bool {
		got = p.transfers[id]
		return len(p.states[id]) > 0 && got.State.Ended()
	})
	if got.State != want {
		p.t.Fatalf("%s: got %+v, want state %d", p.name, got, want)
	}
	if failed := want == client.Broken || want == client.Declined; failed != (got.Err != nil) && want != client.Cancelled {
		p.t.Errorf("%s: got error %v in state %d", p.name, got.Err, got.State)
	}
	return got
}

// finishes waits until a file is there, whole and checked.
func (p *person) finishes(id uint64) client.Transfer {
	p.t.Helper()
	got := p.ends(id, client.Finished)
	if got.Done != got.Size {
		p.t.Errorf("%s: got %d bytes of %d done at the end", p.name, got.Done, got.Size)
	}
	if !got.Sending && filepath.Dir(got.Path) != p.downloads {
		p.t.Errorf("%s: got %q, want it in %s", p.name, got.Path, p.downloads)
	}
	return got
}

// breaks waits until a transfer is given up, and expects the reason to be of that type.
func breaks[E error](p *person, id uint64) (why E) {
	p.t.Helper()
	return wantError[E](p.t, p.name, p.ends(id, client.Broken).Err)
}

// reaches waits until a transfer is in that state, or was.
func (p *person) reaches(id uint64, state client.TransferState) {
	p.t.Helper()
	p.wait("a transfer to begin", func() bool { return slices.Contains(p.states[id], state) })
}

// has waits until a server has the bytes, or has not.
func (s *testServer) has(t *testing.T, path string, want bool) {
	t.Helper()
	sum := sha256.Sum256(read(t, path))
	await(t, s.Name()+" to have or not to have "+filepath.Base(path), func() bool { _, has := s.blob.Has(sum); return has == want })
}

// at returns the server of that name.
func (c *cluster) at(name string) *testServer {
	c.t.Helper()
	i := slices.IndexFunc(c.servers, func(s *testServer) bool { return s.Name() == name })
	if i < 0 {
		c.t.Fatalf("there is no server %q", name)
	}
	return c.servers[i]
}

// other returns a server of which that is not the name.
func (c *cluster) other(name string) *testServer {
	c.t.Helper()
	i := slices.IndexFunc(c.servers, func(s *testServer) bool { return s.Name() != name })
	return c.servers[i]
}

// carried is what went over all servers' wires.
func (c *cluster) carried() (bytes int64) {
	for _, s := range c.servers {
		bytes += s.wire.carried()
	}
	return bytes
}

// wantFiles expects the names of public files, as she is told them.
func (p *person) wantFiles(names ...string) []justchat.File {
	p.t.Helper()
	files, err := p.Files(p.t.Context())
	if err != nil {
		p.t.Fatal(err)
	}
	var got []string
	for _, f := range files {
		got = append(got, f.Name)
	}
	if !slices.Equal(got, names) {
		p.t.Errorf("%s: got the files %q, want %q", p.name, got, names)
	}
	return files
}

// lies is what lies in her folder for files, half of one or whole, hidden or not.
func (p *person) lies() (got []string) {
	p.t.Helper()
	err := filepath.WalkDir(p.downloads, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(p.downloads, path)
		got = append(got, rel)
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		p.t.Fatal(err)
	}
	return got
}

// wantDownloads expects what lies in her folder for files to be copies of these.
func (p *person) wantDownloads(originals ...string) {
	p.t.Helper()
	got := p.lies()
	var want []string
	for _, original := range originals {
		name := filepath.Base(original)
		want = append(want, name)
		wantSame(p.t, filepath.Join(p.downloads, name), original)
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		p.t.Errorf("%s has got %q, want %q and nothing else, half written or hidden", p.name, got, want)
	}
}

// wantSame expects two files to have the same bytes.
func wantSame(t *testing.T, got, want string) {
	t.Helper()
	if got, want := read(t, got), read(t, want); !bytes.Equal(got, want) {
		t.Errorf("got %d bytes, want the %d of the original", len(got), len(want))
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// file writes a file of so many bytes, which are no other file's, and returns its path.
func (c *cluster) file(name string, size int) (path string) {
	c.t.Helper()
	path = filepath.Join(c.t.TempDir(), name)
	if err := os.WriteFile(path, noise(path, size), 0o600); err != nil {
		c.t.Fatal(err)
	}
	return path
}

// noise returns bytes that cannot be made less, always the same for a seed.
func noise(seed string, size int) []byte {
	content := make([]byte, size)
	rand.NewChaCha8(sha256.Sum256([]byte(seed))).Read(content)
	return content
}

// picture draws Elon's car, and returns its path.
func (c *cluster) picture() (path string) {
	c.t.Helper()
	car := image.NewRGBA(image.Rect(0, 0, 400, 300))
	dirt := rand.New(rand.NewPCG(2016, 4))
	for at := range 400 * 300 {
		x, y := at%400, at/400
		shade := uint8(dirt.UintN(40))
		switch {
		case y > 220 && (x-100)*(x-100)+(y-230)*(y-230) < 900, y > 200 && (x-300)*(x-300)+(y-230)*(y-230) < 900:
			car.Set(x, y, color.RGBA{shade, shade, shade, 255})
		case y > 150 && y < 230 || y > 90 && x > 100 && x < 260 && y <= 150:
			car.Set(x, y, color.RGBA{200 + shade, shade, shade, 255})
		default:
			car.Set(x, y, color.RGBA{120, 180, 200 + shade, 255})
		}
	}
	path = filepath.Join(c.t.TempDir(), "SELDOM_2016.png")
	file, err := os.Create(path)
	if err != nil {
		c.t.Fatal(err)
	}
	defer file.Close()
	if err := png.Encode(file, car); err != nil {
		c.t.Fatal(err)
	}
	return path
}

// wantSentence expects a person to be told so, in words that she can act upon.
func wantSentence(t *testing.T, err error, words ...string) {
	t.Helper()
	if err == nil {
		t.Error("got no error")
		return
	}
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("got %q, want a sentence with %q", err, word)
		}
	}
}

// visible is the names in her folder for files that are not hidden, with blanks between.
func (p *person) visible() string {
	entries, err := os.ReadDir(p.downloads)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		p.t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") {
			names = append(names, e.Name())
		}
	}
	return strings.Join(names, " ")
}

// wantNothingVisible expects no file to be there by any name that she sees.
func (p *person) wantNothingVisible() {
	p.t.Helper()
	if got := p.visible(); got != "" {
		p.t.Errorf("%s has got %s, want nothing yet", p.name, got)
	}
}
