package vet

import (
	"strings"

	"golang.org/x/tools/go/analysis/unitchecker"
)

// ForGoCommand reports whether args, without the program's name, are those with which go vet calls a program that it
// was given by -vettool: a question about its version or flags, or flags and the description of one package, a file
// that ends in .cfg.
func ForGoCommand(args []string) bool {
	switch len(args) {
	case 0:
		return false
	case 1:
		return args[0] == "-V=full" || args[0] == "-flags" || strings.HasSuffix(args[0], ".cfg")
	}
	return strings.HasPrefix(args[0], "-") && strings.HasSuffix(args[len(args)-1], ".cfg")
}

// AnswerGoCommand does what the arguments of the program say, as go vet wants it done, and ends the program.
func AnswerGoCommand() { unitchecker.Main(Analyzers()...) }
