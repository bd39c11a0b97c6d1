package doc_test

import (
	"bytes"
	"flag"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/tools/txtar"

	"github.com/parley-rpc/parley/gen/doc"
	"github.com/parley-rpc/parley/idl"
)

var update = flag.Bool("update", false, "write what the package gives into the cases")

// load returns the schema of the packages in a case of testdata.
func load(t *testing.T, archive *txtar.Archive) *idl.Schema {
	t.Helper()
	root := fstest.MapFS{}
	var folders []string
	for _, f := range archive.Files {
		if strings.HasSuffix(f.Name, idl.Extension) {
			root[f.Name] = &fstest.MapFile{Data: f.Data}
			folders = append(folders, path.Dir(f.Name))
		}
	}
	slices.Sort(folders)
	schema, err := idl.Load(idl.Root{FS: root}, slices.Compact(folders)...)
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// archives returns the cases of testdata by the names of their files.
func archives(t *testing.T) map[string]*txtar.Archive {
	t.Helper()
	names, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("testdata/*.txtar: %d files, %v", len(names), err)
	}
	cases := map[string]*txtar.Archive{}
	for _, name := range names {
		if cases[name], err = txtar.ParseFile(name); err != nil {
			t.Fatal(err)
		}
	}
	return cases
}

// embedded matches the style, the script and their hashes, which are the same on every page.
var embedded = regexp.MustCompile(`(?s)(<style>).*?(</style>)|(<script>).*?(</script>)|(<meta http-equiv="Content-Security-Policy" content=").*?(">)`)

// pages returns both formats of a case, the page's style and script left out.
func pages(t *testing.T, archive *txtar.Archive) map[string]string {
	t.Helper()
	schema := load(t, archive)
	html, err := doc.HTML(schema)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]string{
		"page.html": string(embedded.ReplaceAll(html, []byte("$1$3$5…$2$4$6"))),
		"page.md":   string(doc.Markdown(schema)),
	}
}

// TestCases runs testdata/*.txtar: the .parley files of a root, and the page about them in both formats.
func TestCases(t *testing.T) {
	for name, archive := range archives(t) {
		got := pages(t, archive)
		if *update {
			archive.Files = slices.DeleteFunc(archive.Files, func(f txtar.File) bool { return strings.HasPrefix(f.Name, "page.") })
			for _, format := range []string{"page.html", "page.md"} {
				archive.Files = append(archive.Files, txtar.File{Name: format, Data: []byte(got[format])})
			}
			if err := os.WriteFile(name, txtar.Format(archive), 0o666); err != nil {
				t.Fatal(err)
			}
			continue
		}
		for _, f := range archive.Files {
			if page, ok := got[f.Name]; ok && page != string(f.Data) {
				t.Errorf("%s: %s: got\n%s\nwant\n%s", name, f.Name, page, f.Data)
			}
			delete(got, f.Name)
		}
		for format := range got {
			t.Errorf("%s has no %s: run with -update", name, format)
		}
	}
}

var (
	anchorID   = regexp.MustCompile(` id="([^"]*)"`)
	hrefInside = regexp.MustCompile(`(?:href="|\]\()#([^")]*)[")]`)
)

// TestLinksResolve looks for an anchor for each link inside a page, and for anchors that are there twice.
func TestLinksResolve(t *testing.T) {
	for name, archive := range archives(t) {
		for format, page := range pages(t, archive) {
			anchors := map[string]int{}
			for _, m := range anchorID.FindAllStringSubmatch(page, -1) {
				anchors[m[1]]++
			}
			for id, n := range anchors {
				if n > 1 {
					t.Errorf("%s: %s: anchor %q is there %d times", name, format, id, n)
				}
			}
			links := hrefInside.FindAllStringSubmatch(page, -1)
			if len(links) == 0 {
				t.Errorf("%s: %s: no links", name, format)
			}
			for _, m := range links {
				if anchors[m[1]] == 0 {
					t.Errorf("%s: %s: nothing has the anchor %q", name, format, m[1])
				}
			}
		}
	}
}

// TestNothingEscapes holds the tags of the page about hostile comments to those of the template and of comments.
func TestNothingEscapes(t *testing.T) {
	archive, err := txtar.ParseFile("testdata/hostile.txtar")
	if err != nil {
		t.Fatal(err)
	}
	html := pages(t, archive)["page.html"]
	if got := strings.Count(html, "<script"); got != 1 {
		t.Errorf("got %d scripts, want 1", got)
	}
	for _, tag := range []string{"<img", "<b>", "<!--", "</style><", "onmouseover=\"", `href="javascript`} {
		if strings.Contains(html, tag) {
			t.Errorf("the page has a live %q", tag)
		}
	}
	for line := range strings.Lines(ownAnchor.ReplaceAllString(pages(t, archive)["page.md"], "")) {
		if !strings.HasPrefix(line, "\t") && liveTag.MatchString(line) { // behind a tab is code
			t.Errorf("Markdown has a live tag: %s", line)
		}
		for _, m := range linkTarget.FindAllStringSubmatch(line, -1) {
			if !harmless.MatchString(m[1]) {
				t.Errorf("Markdown has a link to %q: %s", m[1], line)
			}
		}
	}
}

var (
	ownAnchor  = regexp.MustCompile(`<a id="[\w./~-]+"></a>`)
	liveTag    = regexp.MustCompile(`(^|[^\\])<`)
	linkTarget = regexp.MustCompile(`[^\\]\]\((.*?)\)`)
	harmless   = regexp.MustCompile(`^(#[\w./~-]+|https?://[^\s()<>"]*)$`)
)

// TestSameBytes makes each page twice.
func TestSameBytes(t *testing.T) {
	for name, archive := range archives(t) {
		first, err := doc.HTML(load(t, archive))
		if err != nil {
			t.Fatal(err)
		}
		second, _ := doc.HTML(load(t, archive))
		if !bytes.Equal(first, second) {
			t.Errorf("%s: two pages of the same schema differ", name)
		}
		if a, b := doc.Markdown(load(t, archive)), doc.Markdown(load(t, archive)); !bytes.Equal(a, b) {
			t.Errorf("%s: two files of Markdown of the same schema differ", name)
		}
	}
}
