package syntax

import "strconv"

// Pos returns the beginning of the file.
func (f *File) Pos() Pos { return 0 }

// End returns the end of the file.
func (f *File) End() Pos { return Pos(len(f.Source)) }

// Pos returns the place of the slashes.
func (c *Comment) Pos() Pos { return c.Slash }

// End returns the place just behind the comment's text.
func (c *Comment) End() Pos { return c.Slash + Pos(len(c.Text)) }

// Pos returns where the first comment begins.
func (g *CommentGroup) Pos() Pos { return g.List[0].Pos() }

// End returns where the last comment ends.
func (g *CommentGroup) End() Pos { return g.List[len(g.List)-1].End() }

// Pos returns where the name begins.
func (i *Ident) Pos() Pos { return i.NamePos }

// End returns the place just behind the name.
func (i *Ident) End() Pos { return i.NamePos + Pos(len(i.Name)) }

// Pos returns where the literal begins.
func (l *Literal) Pos() Pos { return l.ValuePos }

// End returns the place just behind the literal.
func (l *Literal) End() Pos { return l.ValuePos + Pos(len(l.Text)) }

// Unquote returns the value of a String, "" if it is none or is broken.
func (l *Literal) Unquote() string {
	if l.Kind != String {
		return ""
	}
	text, err := strconv.Unquote(l.Text)
	if err != nil {
		return "" // the scanner has reported it
	}
	return text
}

// Pos returns where the word import begins.
func (i *Import) Pos() Pos { return i.Keyword }

// End returns the place just behind the path.
func (i *Import) End() Pos { return i.Path.End() }

// Pos returns the place of the @.
func (a *Annotation) Pos() Pos { return a.At }

// End returns the place just behind the annotation.
func (a *Annotation) End() Pos { return a.Close }

// Pos returns where the type begins.
func (t *Type) Pos() Pos { return t.Start }

// End returns the place just behind the type.
func (t *Type) End() Pos { return t.Close }

// String returns the type in its canonical form: map[string]?member.Member.
// What the parser could not read is BAD.
func (t *Type) String() string {
	switch t.Kind {
	case Optional:
		return "?" + t.Elem.String()
	case List:
		return "[]" + t.Elem.String()
	case Map:
		return "map[" + t.Key.String() + "]" + t.Elem.String()
	case Stream:
		return "stream " + t.Elem.String()
	case Named:
		if t.Package != nil {
			return t.Package.Name + "." + t.Name.Name
		}
		return t.Name.Name
	}
	return "BAD"
}

// Pos returns where the field begins: its first annotation, else its tag, else its first name.
func (f *Field) Pos() Pos {
	switch {
	case len(f.Annotations) > 0:
		return f.Annotations[0].At
	case f.Tag != nil:
		return f.Tag.ValuePos
	}
	return f.Names[0].NamePos
}

// End returns the place just behind the field's type.
func (f *Field) End() Pos { return f.Type.Close }

// Pos returns where the word reserved begins.
func (r *Reserved) Pos() Pos { return r.Keyword }

// End returns the place just behind the last number.
func (r *Reserved) End() Pos { return r.Close }

// Pos returns where the value begins: its first annotation, else its name.
func (v *EnumValue) Pos() Pos {
	if len(v.Annotations) > 0 {
		return v.Annotations[0].At
	}
	return v.Name.NamePos
}

// End returns the place just behind the number.
func (v *EnumValue) End() Pos { return v.Number.End() }

// Pos returns where the method begins: its first annotation, else its number.
func (m *Method) Pos() Pos {
	if len(m.Annotations) > 0 {
		return m.Annotations[0].At
	}
	return m.Number.ValuePos
}

// End returns the place just behind the method.
func (m *Method) End() Pos { return m.Close }
