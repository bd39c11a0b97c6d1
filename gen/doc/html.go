package doc

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"io"
)

//go:embed page.html
var pageHTML string

//go:embed page.css
var pageCSS string

//go:embed page.js
var pageJS string

var pageTemplate = template.Must(template.New("page").Funcs(template.FuncMap{"href": href}).Parse(pageHTML))

// htmlPage is what page.html shows.
type htmlPage struct {
	*page
	Style  template.CSS
	Script template.JS
	Policy string // the content security policy: our style and our script by their hashes, and nothing else
}

func writeHTML(w io.Writer, p *page) error {
	policy := "default-src 'none'; style-src " + source(pageCSS) + "; script-src " + source(pageJS)
	return pageTemplate.Execute(w, htmlPage{p, template.CSS(pageCSS), template.JS(pageJS), policy})
}

// source returns what a content security policy calls an element of the page with that text.
func source(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// href returns the link to an anchor of the page, which is made of paths and names and so safe as it is.
func href(id string) template.URL { return template.URL("#" + id) }
