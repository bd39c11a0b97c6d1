package talk

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"

	"github.com/parley-rpc/parley/examples/justchat/client"
	"github.com/parley-rpc/parley/examples/justchat/transfer"
	"github.com/parley-rpc/parley/generated/justchat"
)

// offered says what may be answered, and how.
func offered(o *client.Offer) string {
	to := "all"
	if o.Private {
		to = "you"
	}
	return fmt.Sprintf("%s offers %s to %s; #accept %d takes it, #decline %d does not", Name(o.From), sized(o.Name, o.Size), to, o.ID, o.ID)
}

func sized(name string, size int64) string { return FileName(name) + " (" + Size(size) + ")" }

// told is what was said of a transfer that has not ended.
type told struct {
	reading, begun bool // its first words, which are others while it is read
	asked, moved   bool // it has been Asking, or Moving; nobody need have been told
	waiting        bool // that it waits, and not since that it goes on
}

// largeFile is from where on reading a file takes so long that it is said.
const largeFile = 100e6

// transfer returns what to say of a transfer, or nothing if nothing but its progress is new.
func (w *Words) transfer(t *client.Transfer) string {
	if t.State.Ended() {
		delete(w.files, t.ID)
		return ended(t)
	}
	if w.files == nil {
		w.files = make(map[uint64]told)
	}
	was := w.files[t.ID]
	now, words := was.next(t)
	w.files[t.ID] = now
	return words
}

// next returns what is said once words were.
func (was told) next(t *client.Transfer) (now told, words string) {
	now = was
	now.asked = was.asked || t.State == client.Asking
	now.moved = was.moved || t.State == client.Moving
	switch {
	case t.State == client.Hashing:
		if t.Size >= largeFile && !was.reading {
			now.reading = true
			words = begins(t)
		}
	case !was.begun:
		now.begun = true
		words = begins(t)
	case t.State == client.Moving && !was.moved && t.Sending && !t.Public:
		now.waiting = false
		words = Name(t.With) + " takes " + FileName(t.Name)
	case t.State == client.Moving && was.waiting:
		now.waiting = false
		words = what(t) + " goes on, at " + Part(*t)
	case t.State == client.Waiting && was.moved && !was.waiting:
		now.waiting = true
		words = what(t) + " waits at " + Part(*t) + "; it goes on by itself"
	case t.State == client.Waiting && was.asked && !was.waiting:
		now.waiting = true
		words = what(t) + " waits; it is offered again by itself"
		if t.Public { // also for its turn
			words = what(t) + " waits; it goes on by itself"
		}
	}
	return now, words
}

// begins says what has begun, and how it is ended.
func begins(t *client.Transfer) string {
	words := ""
	switch file := sized(t.Name, t.Size); {
	case t.State == client.Hashing:
		words = "reading " + file + " before it is offered"
	case t.Sending && t.Public:
		words = "sharing " + file + " with all"
	case t.Sending:
		words = "offering " + file + " to " + Name(t.With)
	case t.With != "":
		words = "receiving " + file + " from " + Name(t.With)
	default:
		words = "receiving " + file
	}
	return fmt.Sprintf("%s; #cancel %d ends it", words, t.ID)
}

// ended says what has become of a file.
func ended(t *client.Transfer) string {
	switch {
	case t.State == client.Finished && t.Sending && t.Public:
		words := FileName(t.Name) + " is shared with all (" + copies(t.Copies) + ")"
		if t.Copies == 1 {
			words += "; one server alone has it at the moment"
		}
		return words
	case t.State == client.Finished && t.Sending:
		return "Received by " + Name(t.With) + ": " + FileName(t.Name)
	case t.State == client.Finished:
		return "received " + what(t) + " (" + Size(t.Size) + "): it is " + t.Path
	case t.State == client.Declined:
		return "Declined by " + Name(t.With) + ": " + FileName(t.Name) + declinedFor(t.Err)
	}
	if errors.Is(t.Err, client.ErrAnew) {
		return "" // the words of the other one tell what becomes of it
	}
	words := "not received: "
	if t.Sending {
		words = "not sent: "
	}
	words += what(t)
	switch {
	case t.Err != nil:
		words += ": " + why(t.Err)
	case t.State == client.Cancelled:
		words += ": cancelled"
	}
	if t.State == client.Broken {
		words += advice(t)
	}
	return words
}

// declinedFor returns the reason, if there is one beside the person's wish.
func declinedFor(err error) string {
	var declined *justchat.Declined
	switch {
	case errors.As(err, &declined) && declined.Reason == "", err == nil:
		return ""
	case declined != nil:
		return ": " + declined.Reason
	}
	return ": " + err.Error()
}

// advice says what to do about a file that did not arrive, where the error does not.
func advice(t *client.Transfer) string {
	var (
		none *justchat.NoSuchFile
		disk *transfer.DiskError
		room = ""
	)
	switch {
	case t.Sending:
		return ""
	case errors.As(t.Err, &none):
		return "; #available files lists what there is"
	case errors.As(t.Err, &disk) && (errors.Is(disk, fs.ErrPermission) || errors.Is(disk, syscall.EROFS)):
		room = "see to it that files can be written to the folder for downloads, and then "
	case errors.As(t.Err, &disk):
		room = "make room, and then "
	case !errors.Is(t.Err, transfer.ErrWrong):
		return ""
	}
	if t.Public {
		return "; " + room + "#get #" + t.Name + " tries again"
	}
	return "; " + room + "ask " + Name(t.With) + " to share it again"
}
