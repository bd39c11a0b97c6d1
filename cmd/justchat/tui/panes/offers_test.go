package panes

import (
	"testing"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/client"
)

var someOffers = []client.Offer{
	{ID: 3, From: "Elon", Private: true, Name: "SELDOM_2016.png", Size: 4_200_000, Sent: noon.Add(-3 * time.Minute)},
	{ID: 14, From: "Professor Ivan", Name: "a very long name of a file that nobody types.tar.gz", Size: 1 << 40, Sent: noon.Add(time.Hour)},
	{ID: 15, From: "李小龍", Name: "李小龍李小龍李小龍李小龍李小龍.png", Size: 12, Sent: noon.Add(-26 * time.Hour)},
}

func TestOffersView(t *testing.T) {
	p := &Offers{now: atNoon}
	if got := p.Height(); got != 0 {
		t.Errorf("got %d rows for no offers, want 0", got)
	}
	p.Set(someOffers)
	if got := p.Height(); got != 4 {
		t.Errorf("got %d rows, want 4", got)
	}
	checkShows(t, "wide", p.View(80, 4, false, &plainStyles), `
 Offers (3)   F2 answers
  3 SELDOM_2016.png (4.2 MB) from Elon to you alone, 3 min ago
  14 "a very long n… types.tar.gz" (1.1 TB) from Professor Ivan to all, just now
  15 李小龍李小龍李小龍李小龍李小龍.png (12 B) from 李小龍 to all, 26 h ago`)
	checkShows(t, "focused", p.View(60, 4, true, &plainStyles), `
 Offers (3)   y takes it  n declines  ↑↓ chooses  Esc back
▸ 3 SELDOM_2016.png (4.2 MB) from Elon to you alone
  14 "a very l…s.tar.gz" (1.1 TB) from Professor Ivan to all
  15 李小龍李…李小龍.png (12 B) from 李小龍 to all, 26 h ago`)
	checkShows(t, "small", p.View(40, 4, false, &plainStyles), `
 Offers (3)   F2 answers
  3 SELDOM_2016.png 4.2 MB Elon→you
  14 "a very …tar.gz" 1.1 TB Profe… Ivan
  15 李小龍李…李小龍.png 12 B 李小龍→all`)
	press(p, "down", "down")
	checkShows(t, "narrow and scrolled", p.View(20, 3, true, &plainStyles), `
 Offers (3)   y  n
  14 "a … 1.1 TB Pr…
▸ 15 李…ng 12 B 李…`)
}

// TestOffersKeys: a key is about the chosen offer, and about none that has just come under it.
func TestOffersKeys(t *testing.T) {
	for name, test := range map[string]struct {
		keys []string
		want Action
		ok   bool
	}{
		"accept":           {[]string{"y"}, Action{Accept, 3}, true},
		"accept, by word":  {[]string{"a"}, Action{Accept, 3}, true},
		"decline":          {[]string{"n"}, Action{Decline, 3}, true},
		"the next":         {[]string{"down", "d"}, Action{Decline, 14}, true},
		"no further":       {[]string{"down", "down", "down", "j", "y"}, Action{Accept, 15}, true},
		"back":             {[]string{"down", "up", "up", "k", "y"}, Action{Accept, 3}, true},
		"no answer":        {[]string{"enter"}, Action{}, false},
		"nothing of a key": {[]string{"x"}, Action{}, false},
		"not shouted":      {[]string{"Y"}, Action{}, false},
	} {
		p := &Offers{now: atNoon}
		p.Set(someOffers)
		if got, ok := press(p, test.keys...); got != test.want || ok != test.ok {
			t.Errorf("%s: got %+v, %v, want %+v, %v", name, got, ok, test.want, test.ok)
		}
	}
}

func TestOffersChange(t *testing.T) {
	p := &Offers{now: atNoon}
	p.Set(someOffers)
	press(p, "down")
	p.Set(someOffers[1:])
	if got, _ := press(p, "y"); got != (Action{Accept, 14}) {
		t.Errorf("got %+v, want the offer that was chosen, 14, though another has gone", got)
	}
	p.Set(someOffers[2:])
	if got, _ := press(p, "y"); got != (Action{Accept, 15}) {
		t.Errorf("got %+v, want the next offer, 15, after an answer", got)
	}

	p = &Offers{now: atNoon}
	p.Set(someOffers)
	p.Set(someOffers[1:])
	p.Set(someOffers[1:])
	checkShows(t, "none chosen", p.View(40, 2, true, &plainStyles), `
 Offers (2)   y takes it  n declines  ↑↓
  14 "a very …tar.gz" 1.1 TB Profe… Ivan`)
	for _, key := range []string{"y", "n", "down"} {
		p := *p
		if got, ok := press(&p, key); ok {
			t.Errorf("got %+v, want no answer to an offer that has come under the key", got)
		}
		if got, _ := press(&p, "y"); got != (Action{Accept, 14}) {
			t.Errorf("got %+v, want 14 once it was chosen", got)
		}
	}
	p.Set(nil)
	if got, ok := press(p, "down", "up", "y", "n"); ok {
		t.Errorf("got %+v, want nothing where there are no offers", got)
	}
}
