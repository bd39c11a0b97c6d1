
(() => {
	"use strict";
	const $ = (id) => document.getElementById(id);
	const all = (selector) => [...document.querySelectorAll(selector)];
	const search = $("_search"), status = $("_status"), theme = $("_theme"), contents = $("_contents");

	// Search: an entry stays if its full name, code, comments, members and facts have every word that was typed.
	const entries = all("[data-entry]").map((node) => {
		const own = node.querySelector(".own").cloneNode(true);
		for (const users of own.querySelectorAll("[data-users]")) users.remove();
		const text = node.dataset.entry + " " + own.textContent;
		return { node, name: node.dataset.entry.toLowerCase(), text: text.toLowerCase() };
	});
	const entryOf = new Map(entries.map((entry) => [entry.node, entry]));
	const parts = all("[data-part]");
	const nav = all("[data-nav]");

	function filter() {
		const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
		const has = (text) => words.every((word) => text.includes(word));
		let matches = 0;
		for (const entry of entries) {
			const around = entryOf.get(entry.node.parentElement);
			entry.matches = has(entry.text);
			entry.shown = entry.matches || (around !== undefined && has(around.name));
			matches += entry.matches ? 1 : 0;
		}
		for (const entry of entries) {
			const inside = [...entry.node.querySelectorAll("[data-entry]")];
			entry.node.hidden = !entry.shown && !inside.some((node) => entryOf.get(node).shown);
		}
		for (const part of parts) {
			part.hidden = words.length > 0 && part.querySelector("[data-entry]:not([hidden])") === null;
		}
		const shown = new Set(all("[data-entry]:not([hidden])").map((node) => node.dataset.entry));
		for (const node of nav) {
			node.hidden = words.length > 0 && ![node, ...node.querySelectorAll("[data-nav]")].some((n) => shown.has(n.dataset.nav));
		}
		for (const label of all("nav p")) {
			label.hidden = label.nextElementSibling.querySelector("li:not([hidden])") === null;
		}
		document.body.classList.toggle("filtered", words.length > 0);
		status.textContent = words.length === 0 ? "" : matches === 0 ? "Nothing matches." : matches + " of " + entries.length + " match.";
	}

	// The query is part of the address, so that a search can be sent to somebody.
	function remember() {
		const address = new URL(location.href);
		if (search.value) address.searchParams.set("q", search.value);
		else address.searchParams.delete("q");
		try { history.replaceState(null, "", address); } catch { /* a browser may refuse it for a file */ }
	}

	// reveal shows what the address points at, even when the search has hidden it.
	function reveal() {
		let target = null;
		try { target = $(decodeURIComponent(location.hash.slice(1))); } catch { /* no anchor of ours */ }
		if (target === null || target.closest("[hidden]") === null) return;
		search.value = "";
		filter();
		target.scrollIntoView();
	}

	search.addEventListener("input", () => { filter(); remember(); });
	search.addEventListener("keydown", (event) => {
		if (event.key === "Escape") {
			search.value = "";
			filter();
			remember();
		}
		if (event.key !== "Enter") return;
		const found = entries.filter((entry) => entry.matches);
		const words = search.value.toLowerCase().split(/\s+/);
		const best = found.find((entry) => words.every((word) => entry.name.split(".").pop().includes(word))) || found[0];
		if (best !== undefined) {
			location.hash = best.node.dataset.entry;
			best.node.querySelector(".anchor").focus();
		}
	});
	document.addEventListener("keydown", (event) => {
		if (event.key === "/" && !event.ctrlKey && !event.metaKey && document.activeElement !== search) {
			event.preventDefault();
			search.focus();
			search.select();
		}
	});
	window.addEventListener("hashchange", reveal);

	// Theme: the system's, until the reader chooses one.
	const dark = matchMedia("(prefers-color-scheme: dark)");
	const root = document.documentElement;
	function current() { return root.dataset.theme || (dark.matches ? "dark" : "light"); }
	function label() {
		theme.textContent = current() === "dark" ? "Light" : "Dark";
		theme.setAttribute("aria-label", theme.textContent + " theme");
	}
	try { root.dataset.theme = localStorage.getItem("parley-doc-theme") || ""; } catch { /* nothing is kept */ }
	theme.addEventListener("click", () => {
		root.dataset.theme = current() === "dark" ? "light" : "dark";
		try { localStorage.setItem("parley-doc-theme", root.dataset.theme); } catch { /* nothing is kept */ }
		label();
	});
	dark.addEventListener("change", label);
	label();

	// The contents are always open beside the text, and closed at first above it.
	const narrow = matchMedia("(max-width: 52rem)");
	const fold = () => { contents.open = !narrow.matches; };
	narrow.addEventListener("change", fold);
	fold();

	document.querySelector(".tools").hidden = false;
	search.value = new URLSearchParams(location.search).get("q") || "";
	filter();
	reveal();
})();
