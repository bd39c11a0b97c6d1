" Vim syntax for .parley files. Keywords are keywords at the beginning of a line only: a field may be called type or error.
if exists("b:current_syntax")
  finish
endif

syntax match parleyKeyword "^\s*\%(package\|import\|const\|enum\|struct\|union\|error\|service\)\>\ze\s\+[A-Za-z\"]"
syntax match parleyKeyword "\%(^\|[{;]\)\s*\zsreserved\>\ze\s\+\d"
syntax match parleyKeyword ")\s*\zsthrows\>"
syntax match parleyKeyword "\s\zsstream\>\ze\s\+[?\[A-Za-z]"
syntax match parleyKeyword "\<map\>\ze\["
syntax match parleyBuiltin "[ \t?\]\[]\zs\%(bool\|int8\|int16\|int32\|int64\|uint8\|uint16\|uint32\|uint64\|float32\|float64\|string\|bytes\|time\|duration\)\>\ze\s*\%([,;)}\]]\|//\|$\|[?\[A-Za-z]\)"
syntax match parleyType "\<[A-Z][A-Za-z0-9]*\>"
syntax match parleyMethod "\<[A-Z][A-Za-z0-9]*\>\ze\s*("
syntax match parleyAnnotation "@\w\+"
syntax match parleyNumber "\<\d[0-9A-Za-z.]*\>"
syntax match parleyEscape contained "\\.\|{{\|}}\|{\w\+}"
syntax region parleyString start=/"/ skip=/\\./ end=/"\|$/ contains=parleyEscape
syntax match parleyComment "//.*$" contains=@Spell

highlight default link parleyKeyword Keyword
highlight default link parleyBuiltin Type
highlight default link parleyType Type
highlight default link parleyMethod Function
highlight default link parleyAnnotation PreProc
highlight default link parleyNumber Number
highlight default link parleyEscape SpecialChar
highlight default link parleyString String
highlight default link parleyComment Comment

let b:current_syntax = "parley"
