package justchat_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/parley-rpc/parley/examples/justchat/client"
	"github.com/parley-rpc/parley/examples/justchat/transfer"
	"github.com/parley-rpc/parley/generated/justchat"
)

// TestNotShared: what is no file of one's own that can be sent is said at once, to the one who typed it.
func TestNotShared(t *testing.T) {
	c := newCluster(t, 1, 1)
	elon := c.join("Elon")
	c.join("Tony")
	folder := t.TempDir()
	_, err := elon.Share(t.Context(), folder)
	wantIs(t, err, transfer.ErrFolder)
	wantSentence(t, err, "zip")
	_, err = elon.SharePrivate(t.Context(), "Tony", folder)
	wantIs(t, err, transfer.ErrFolder)
	_, err = elon.Share(t.Context(), os.DevNull)
	wantIs(t, err, transfer.ErrNoFile)
	_, err = elon.Share(t.Context(), filepath.Join(folder, "none"))
	wantIs(t, err, os.ErrNotExist)
	_, err = elon.Get(t.Context(), "none")
	wantSentence(t, err, "none", "#available files")
	breaks[*justchat.NotHere](elon, elon.offers("Nobody", c.file("a.txt", 10)))
}

// TestLimits: each that is met is said in a sentence.
func TestLimits(t *testing.T) {
	for name, test := range map[string]struct {
		set   func(*cluster)
		first int // bytes of a file that is taken, 0 for none
		size  int // of the one that is not
		words []string
	}{
		"bytes of a file":         {func(c *cluster) { c.limits.FileBytes = 1000 }, 1000, 1001, []string{"too big.bin"}},
		"files of a user":         {func(c *cluster) { c.balance.UserFiles = 1 }, 10, 10, []string{"too big.bin", "1"}},
		"bytes of a user's files": {func(c *cluster) { c.balance.UserBytes = 5000 }, 3000, 3000, []string{"too big.bin"}},
		"bytes of a server":       {func(c *cluster) { c.blobs.Quota = 5000 }, 3000, 3000, []string{"files"}},
		"space on the disk":       {func(c *cluster) { c.blobs.Reserve = 1 << 60 }, 0, 3000, nil},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCluster(t, 0, 0)
			test.set(c)
			c.startBalancer()
			c.startServer(t.TempDir())
			c.startServer(t.TempDir())
			elon := c.join("Elon", func(config *client.Config) { config.Limits.Unreached = patience / 4 })
			if test.first > 0 {
				elon.shares(c.file("fine.bin", test.first))
			}
			broken := elon.ends(elon.beginsToShare(c.file("too big.bin", test.size)), client.Broken)
			t.Logf("she is told: %v", broken.Err)
			wantSentence(t, broken.Err, test.words...)
			files := elon.wantFiles([]string{"fine.bin"}[:min(test.first, 1)]...)
			for _, s := range c.servers {
				if used := s.blob.Used(); len(files) > 0 && used > int64(test.first) {
					t.Errorf("%s uses %d bytes, want no more than the first file", s.Name(), used)
				}
			}
		})
	}
}

// TestTooManyOffers: a person is asked about some, and their senders are told about the rest; and she cannot offer more
// than some.
func TestTooManyOffers(t *testing.T) {
	c := newCluster(t, 1, 1)
	elon := c.join("Elon", func(config *client.Config) { config.Limits.Sharing = 4 })
	tony := c.join("Tony", func(config *client.Config) { config.Limits.Offers = 3 })
	path := c.file("a.txt", 10)
	var ids []uint64
	for range 3 {
		id := elon.offers("Tony", path)
		elon.reaches(id, client.Asking)
		ids = append(ids, id)
	}
	tony.wait("three offers", func() bool { return len(tony.offered) == 3 })
	declined := elon.ends(elon.offers("Tony", path), client.Declined)
	wantSentence(t, declined.Err, "too many")
	robert := c.join("Robert")
	elon.offers("Robert", path)
	robert.isOffered("a.txt")
	if _, err := elon.Share(t.Context(), path); err == nil || !strings.Contains(err.Error(), "4") {
		t.Errorf("the fifth at once: got %v, want a sentence with the limit", err)
	}
	for _, id := range ids {
		if err := elon.Cancel(id); err != nil {
			t.Fatal(err)
		}
		elon.ends(id, client.Cancelled)
	}
	tony.wait("no offers", func() bool { return len(tony.withdrawn) == 3 })
	elon.shares(path)
}
