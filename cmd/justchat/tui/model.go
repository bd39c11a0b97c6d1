package tui

import (
	"context"
	"regexp"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/parley-rpc/parley/cmd/justchat/tui/complete"
	"github.com/parley-rpc/parley/cmd/justchat/tui/panes"
	"github.com/parley-rpc/parley/cmd/justchat/tui/theme"
	"github.com/parley-rpc/parley/examples/justchat/talk"
)

// A model is the full screen: the message pane, below it what waits and the panes, the status line, and the text box. It
// is changed by Update alone.
type model struct {
	ctx     context.Context // of what is asked of the room
	room    talk.Client
	feed    *feed
	poll    chan<- struct{} // asks who is here; of capacity 1
	environ []string
	longest int // bytes of a message

	width, height int
	layout        layout
	places        places
	focused       bool // the terminal has the person's attention, as far as it says
	focus         focus
	hasAsked      bool // for the terminal's background

	// The way in, until joined.
	joined    bool
	cancelled bool   // she left before
	name      string // this user's
	login     login

	words     talk.Words
	status    status
	log       scroll
	outgoing  outgoing
	input     input
	offers    panes.Offers
	transfers panes.Transfers

	help      panes.Help
	completer complete.Completer
	people    complete.People
	known     complete.Known // its users are set when they are needed
	filesAt   time.Time      // when known.Files were asked for

	notice  string // stands in place of the status line until a key is pressed
	asked   asked  // the person was asked whether to leave; the same again leaves
	loading bool   // older messages are asked for
	missing int    // rows that are to be scrolled up by when they come
	marked  bool   // what came since the person looked away is marked
	rang    time.Time
	me      *regexp.Regexp // this user's name as a word
	failed  int            // messages that were not taken
}

// A focus is what gets the keys.
type focus int

const (
	onText focus = iota
	onOffers
	onTransfers
	onHelp
)

// An asked is how the person wanted to leave when she was asked whether to.
type asked int

const (
	notAsked  asked = iota
	byKey           // any other key forgets it
	byCommand       // anything else that is sent forgets it
)

func newModel(ctx context.Context, r talk.Client, f *feed, config Config) *model {
	m := &model{
		ctx: ctx, room: r, feed: f, environ: config.Environ, longest: config.Client.Limits.MessageBytes, focused: true,
		layout:    layout{now: time.Now, method: ansi.WcWidth},
		login:     newLogin(config.Client.User),
		input:     newInput(),
		completer: complete.Completer{Commands: talk.Commands},
	}
	if m.longest == 0 {
		m.longest = 16 << 10
	}
	m.paint(theme.IsDark(m.environ))
	m.log.following = true
	m.setName(config.Client.User)
	return m
}

// Init implements tea.Model.
func (m *model) Init() tea.Cmd { return nil }

// paint has everything look as it does on a dark or light background.
func (m *model) paint(dark bool) {
	s := theme.New(m.environ, dark)
	m.layout.styles = &s
}

// Update implements tea.Model.
func (m *model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	var cmd tea.Cmd
	looked := m.looks()
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.width, m.height = msg.Width, msg.Height
	case tea.ModeReportMsg: // as the renderer counts
		if msg.Mode == ansi.ModeUnicodeCore && !msg.Value.IsNotRecognized() {
			m.layout.method = ansi.GraphemeWidth
		}
	case tea.BackgroundColorMsg:
		m.paint(msg.IsDark())
	case tea.FocusMsg:
		m.focused = true
	case tea.BlurMsg:
		m.focused = false
	case tea.KeyPressMsg:
		cmd = m.key(msg)
	case tea.PasteMsg:
		m.paste(msg.Content)
	case frameMsg:
		cmd = m.frame()
	case promptMsg:
		if m.joined { // there is no prompt in the middle of a chat
			msg.reply <- answered{err: msg.why}
			break
		}
		m.login.ask(msg)
	case usersMsg:
		m.people.Here(msg)
		m.status.here = len(msg)
	case filesMsg:
		m.known.Files = msg
	case noticeMsg:
		m.say(string(msg))
	case answerMsg:
		m.answer(msg)
	case pageMsg:
		cmd = m.page(msg)
	}
	if m.looks() && !looked {
		m.marked = false
	}
	m.arrange()
	return m, tea.Batch(cmd, m.askBackground())
}

// askBackground asks the terminal for its background, once; until it answers, and if it never does, that is dark. It waits until
// the person has something to do here: the answer to a program that ends at once would go to the shell.
func (m *model) askBackground() tea.Cmd {
	if m.hasAsked || !theme.CanAsk(m.environ) || !m.joined && m.login.reply == nil {
		return nil
	}
	m.hasAsked = true
	return tea.RequestBackgroundColor
}

// looks reports whether the person can see what comes.
func (m *model) looks() bool { return m.focused && m.log.following && m.focus != onHelp }

// arrange gives each part of the screen its size.
func (m *model) arrange() {
	m.layout.width = m.width
	if m.focus == onOffers && m.offers.Height() == 0 || m.focus == onTransfers && m.transfers.Height() == 0 {
		m.focus = onText
	}
	m.input.fit(m.width, m.height/3)
	m.places = m.share()
	m.log.relay(m.layout)
	m.log.height = m.places.log
	m.log.fit()
}

// places are how many rows each part of the screen has.
type places struct{ log, outgoing, offers, transfers, status, input int }

// hasPanes reports whether there is room for a pane of offers, and one of transfers.
func (m *model) hasPanes() bool { return m.height >= 12 }

// share shares the height out: the text box comes first, then the status line, then a few rows of messages.
func (m *model) share() places {
	var p places
	left := m.height
	take := func(want int) int {
		n := max(min(want, left), 0)
		left -= n
		return n
	}
	p.input = take(m.input.height())
	p.status = take(1)
	keep := take(min(3, left)) // rows of messages
	if text := m.urgent(); text != "" {
		p.status += take(min(len(m.layout.noticed(text)), noticeRows) - 1)
	}
	p.offers = take(min(m.offers.Height(), max(m.height/3, 3)))
	p.transfers = take(min(m.transfers.Height(), max(m.height/4, 3)))
	left += keep
	p.outgoing = take(min(m.outgoing.height(), left/2))
	p.log = left
	return p
}

func (m *model) setName(name string) {
	m.name = name
	m.me = regexp.MustCompile(`(?i)(^|[^\pL\pN_])` + regexp.QuoteMeta(name) + `($|[^\pL\pN_])`)
}

// say shows the client's own words among the messages.
func (m *model) say(text string) { m.log.add(newWords(text, m.layout.now())) }
