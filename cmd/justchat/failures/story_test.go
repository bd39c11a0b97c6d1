package failures_test

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestIntroduction is the story of three friends at their terminals: what they say to all, and what Tony says to Robert
// alone, while a load balancer and a server are killed in between; then the picture of Elon's car, which Tony and
// Robert take, and which Natasha, who comes later, gets although the server that took it from Elon is killed before.
func TestIntroduction(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1, 3, 2)
	elon, tony, robert := c.sits("Elon"), c.sits("Tony"), c.sits("Robert")
	elon.types("hello")
	for _, p := range []*terminal{elon, tony, robert} {
		p.prints(p.line("Elon", "hello"))
	}
	tony.types("hi Elon")
	for _, p := range []*terminal{elon, tony, robert} {
		p.prints(p.line("Tony", "hi Elon"))
	}
	tony.types("#message #Robert #I have a surprise for Elon")
	robert.prints("Tony #private: I have a surprise for Elon")

	c.balancers[0].kill()
	lost := slices.IndexFunc(c.servers, func(n *node) bool { return n.name == elon.server() })
	c.servers[lost].kill()

	elon.types("still here")
	for _, p := range []*terminal{elon, tony, robert} {
		p.prints(p.line("Elon", "still here"))
	}
	tony.types("#message #Robert #it is a car")
	robert.prints("Tony #private: it is a car")
	robert.types("and I")
	for _, p := range []*terminal{elon, tony, robert} {
		p.prints(p.line("Robert", "and I"))
	}
	elon.wantPrinted("hello", "Tony: hi Elon", "still here", "Robert: and I")
	tony.wantPrinted("Elon: hello", "hi Elon", "#private to Robert: I have a surprise for Elon",
		"Elon: still here", "#private to Robert: it is a car", "Robert: and I")
	robert.wantPrinted("Elon: hello", "Tony: hi Elon", "Tony #private: I have a surprise for Elon",
		"Elon: still here", "Tony #private: it is a car", "and I")

	c.servers[lost].again()
	c.settle()
	picture := drawPicture(t)
	elon.shares(picture, "2 copies")
	for _, p := range []*terminal{tony, robert} {
		p.accepts("Elon", "SELDOM_2016.png")
		wantSame(t, p.received("SELDOM_2016.png"), picture)
		wantOnly(t, p.downloads, "SELDOM_2016.png")
	}
	c.servers[c.whereIs(elon)].kill()
	natasha := c.sits("Natasha")
	natasha.types("#available files")
	natasha.sees(&natasha.out, "the picture", func(line string) bool {
		return strings.HasPrefix(line, "SELDOM_2016.png (") && strings.Contains(line, "by Elon")
	})
	wantSame(t, natasha.gets("SELDOM_2016.png"), picture)
	wantOnly(t, natasha.downloads, "SELDOM_2016.png")
	for _, p := range []*terminal{elon, tony, robert, natasha} {
		p.leaves()
	}
}

// drawPicture draws Elon's car, a SELDOM of 2016, and returns the path of the file.
func drawPicture(t testing.TB) string {
	t.Helper()
	car := image.NewRGBA(image.Rect(0, 0, 400, 300))
	dirt := rand.New(rand.NewPCG(2016, 4))
	for at := range 400 * 300 {
		x, y, shade := at%400, at/400, uint8(dirt.UintN(40))
		switch {
		case y > 150 && y < 230 || y > 90 && x > 100 && x < 260 && y <= 150:
			car.Set(x, y, color.RGBA{200 + shade, shade, shade, 255})
		default:
			car.Set(x, y, color.RGBA{120, 180, 200 + shade, 255})
		}
	}
	path := filepath.Join(t.TempDir(), "SELDOM_2016.png")
	var picture bytes.Buffer
	if err := png.Encode(&picture, car); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, picture.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// A terminal is the line client, on pipes.
type terminal struct {
	*process
	user      string
	downloads string // the folder where files arrive
}

// sits has a user come into the room, and waits until she is there.
func (c *cluster) sits(user string, flags ...string) *terminal {
	c.t.Helper()
	return c.sitsIn(user, filepath.Join(c.t.TempDir(), "Downloads"), flags...)
}

// sitsIn is sits with a folder for files that may have been there before.
func (c *cluster) sitsIn(user, downloads string, flags ...string) *terminal {
	c.t.Helper()
	password := filepath.Join(c.t.TempDir(), "password")
	if err := os.WriteFile(password, []byte("password of "+user+"\n"), 0o600); err != nil {
		c.t.Fatal(err)
	}
	args := []string{"client", "-user", user, "-password-file", password, "-pins", filepath.Join(c.t.TempDir(), "pins"), "-downloads", downloads}
	p := &terminal{c.start(user, append(append(args, flags...), c.addresses...)...), user, downloads}
	p.sees(&p.err, "connected", isConnected)
	return p
}

func isConnected(line string) bool { return strings.HasPrefix(line, "-- connected to ") }

// server is where she is.
func (p *terminal) server() string {
	lines, _ := p.err.from(0)
	for _, line := range slices.Backward(lines) {
		if isConnected(line) {
			name, _, _ := strings.Cut(strings.TrimPrefix(line, "-- connected to "), ":")
			return name
		}
	}
	return ""
}

// line is what she sees when somebody says something to all.
func (p *terminal) line(user, text string) string {
	if user == p.user {
		return text
	}
	return user + ": " + text
}

// wantPrinted expects all that was printed to be these lines.
func (p *terminal) wantPrinted(lines ...string) {
	p.t.Helper()
	if printed, _ := p.out.from(0); !slices.Equal(printed, lines) {
		p.t.Errorf("%s has seen %q, want %q", p.user, printed, lines)
	}
}

// leaves ends the input, after which the client is to end well.
func (p *terminal) leaves() {
	p.t.Helper()
	p.in.Close()
	<-p.done
	if code := p.cmd.ProcessState.ExitCode(); code != 0 {
		p.t.Errorf("%s has left with exit code %d, want 0", p.user, code)
	}
}
