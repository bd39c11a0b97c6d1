//go:build system

package main

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// docPage writes the page about examples/rpcchat and returns its address.
func docPage(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "api.html")
	var stderr bytes.Buffer
	args := []string{"doc", "-root", "../../examples", "-o", file, "../../examples/rpcchat"}
	if err := run(context.Background(), args, strings.NewReader(""), &stderr, &stderr); err != nil {
		t.Fatalf("%v\n%s", err, &stderr)
	}
	return "file://" + file
}

// browse opens an address in Chromium without a window, and returns what it prints. A script that the page's policy
// forbids, or that fails, fails the test.
func browse(t *testing.T, address string, flags ...string) string {
	t.Helper()
	flags = append([]string{"--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--enable-logging=stderr",
		"--virtual-time-budget=5000", "--user-data-dir=" + t.TempDir()}, flags...)
	command := exec.Command("chromium", append(flags, address)...)
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	if err := command.Run(); err != nil {
		t.Fatalf("chromium: %v\n%s", err, &stderr)
	}
	for line := range strings.Lines(stderr.String()) {
		if strings.Contains(line, "CONSOLE") {
			t.Errorf("%s: the browser says %s", address, line)
		}
	}
	return stdout.String()
}

var shownEntry = regexp.MustCompile(`data-entry="([^"]*)">`)

// shown returns the entries of a document that are not hidden, in one line.
func shown(dom string) string {
	var names []string
	for _, m := range shownEntry.FindAllStringSubmatch(dom, -1) {
		names = append(names, strings.TrimPrefix(m[1], "rpcchat."))
	}
	return strings.Join(names, " ")
}

const allEntries = "Chat Chat.Register Chat.List Chat.CheckMessages Chat.Tell Chat.Say Chat.Logout Chat.Shutdown " +
	"Feed Feed.Watch Feed.Fetch Message NotLoggedIn TakenOver"

func TestSystemDocSearch(t *testing.T) {
	page := docPage(t)
	for _, test := range []struct{ address, shown, status string }{
		{"", allEntries, ""},
		{"?q=SHUTDOWN", "Chat Chat.Shutdown", "1 of 14 match."},
		{"?q=doubt+queue", "Feed", "1 of 14 match."},
		{"?q=takenover", "Feed Feed.Watch TakenOver", "2 of 14 match."},
		{"?q=nowhere", "", "Nothing matches."},
		{"?q=nowhere#rpcchat.Chat.Say", allEntries, ""}, // a link leads there whatever was searched for
	} {
		dom := browse(t, page+test.address, "--dump-dom")
		if got := shown(dom); got != test.shown {
			t.Errorf("%s shows %s, want %s", test.address, got, test.shown)
		}
		if want := `<p id="_status" role="status">` + test.status + "</p>"; !strings.Contains(dom, want) {
			t.Errorf("%s has no %s", test.address, want)
		}
	}
}

func TestSystemDocLinks(t *testing.T) {
	dom := browse(t, docPage(t), "--dump-dom")
	links := regexp.MustCompile(`href="([^"]*)"`).FindAllStringSubmatch(dom, -1)
	if len(links) == 0 {
		t.Fatal("the page has no links")
	}
	for _, m := range links {
		if id, inside := strings.CutPrefix(m[1], "#"); !inside || !strings.Contains(dom, ` id="`+id+`"`) {
			t.Errorf("the link %q leads nowhere", m[1])
		}
	}
}

// TestSystemDocThemes looks at the page's ground in the system's two themes, wide and narrow.
func TestSystemDocThemes(t *testing.T) {
	page := docPage(t)
	for _, size := range []string{"1280,900", "500,900"} {
		if got := ground(t, page, size, "1"); got < 0xf0 {
			t.Errorf("%s: in the light theme the ground is %#x of 0xff bright", size, got)
		}
		if got := ground(t, page, size, "0"); got > 0x30 {
			t.Errorf("%s: in the dark theme the ground is %#x of 0xff bright", size, got)
		}
	}
}

// ground returns how bright the page's lower right corner is. The scheme is Chromium's: 0 is dark, 1 light.
func ground(t *testing.T, page, size, scheme string) uint32 {
	t.Helper()
	file := filepath.Join(t.TempDir(), "page.png")
	browse(t, page, "--window-size="+size, "--blink-settings=preferredColorScheme="+scheme, "--screenshot="+file)
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	picture, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	corner := picture.Bounds().Max.Sub(image.Pt(2, 2))
	red, green, blue, _ := picture.At(corner.X, corner.Y).RGBA()
	return (red + green + blue) / 3 >> 8
}
