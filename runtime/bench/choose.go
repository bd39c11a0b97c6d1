package main

import (
	"fmt"
	"slices"
	"strings"
)

// choose returns the workloads with the given names, all if there are none, and leaves
// in them only those contestants that are named in columns, all if none is.
func choose(chosen, columns []string) ([]workload, error) {
	if err := known(chosen, names(workloads), "workload"); err != nil {
		return nil, err
	}
	if err := known(columns, columnNames(), "peer"); err != nil {
		return nil, err
	}
	var list []workload
	for _, w := range workloads {
		if len(chosen) > 0 && !slices.Contains(chosen, w.name) {
			continue
		}
		if len(columns) > 0 {
			w.contestants = only(w.contestants, contestant.name, columns)
			w.codecs = only(w.codecs, codecEntry.title, columns)
		}
		list = append(list, w)
	}
	return list, nil
}

// known fails if one of words is not in the list of what there is.
func known(words, list []string, kind string) error {
	for _, word := range words {
		if !slices.Contains(list, word) {
			return fmt.Errorf("there is no %s %q, only %s", kind, word, strings.Join(list, ", "))
		}
	}
	return nil
}

// only returns the elements of list whose names are wanted.
func only[T any](list []T, name func(T) string, wanted []string) []T {
	var left []T
	for _, v := range list {
		if slices.Contains(wanted, name(v)) {
			left = append(left, v)
		}
	}
	return left
}

func names(list []workload) []string {
	var names []string
	for _, w := range list {
		names = append(names, w.name)
	}
	return names
}

// columnNames returns what may stand in -peers.
func columnNames() []string {
	var names []string
	for _, c := range contestants() {
		names = append(names, c.name())
	}
	for _, c := range codecs {
		names = append(names, c.title())
	}
	return names
}

// split returns the words of a comma-separated list, none for "".
func split(list string) []string {
	if list == "" {
		return nil
	}
	return strings.Split(list, ",")
}
