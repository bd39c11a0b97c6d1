// Prints the tokens that a TextMate grammar makes of a file: node tokens.js GRAMMAR FILE.
"use strict";

const fs = require("fs");
const textmate = require("vscode-textmate");
const oniguruma = require("vscode-oniguruma");

async function main(grammarFile, file) {
	await oniguruma.loadWASM(fs.readFileSync(require.resolve("vscode-oniguruma/release/onig.wasm")).buffer);
	const registry = new textmate.Registry({
		onigLib: Promise.resolve({
			createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
			createOnigString: (text) => new oniguruma.OnigString(text),
		}),
		loadGrammar: async () => textmate.parseRawGrammar(fs.readFileSync(grammarFile, "utf8"), grammarFile),
	});
	const grammar = await registry.loadGrammar("source.parley");
	let state = textmate.INITIAL;
	for (const line of fs.readFileSync(file, "utf8").split("\n")) {
		const result = grammar.tokenizeLine(line, state);
		state = result.ruleStack;
		for (const token of result.tokens) {
			const text = line.slice(token.startIndex, token.endIndex);
			if (text.trim() !== "") {
				console.log(`${text.trim()}\t${token.scopes.slice(1).join(" ")}`);
			}
		}
	}
}

main(process.argv[2], process.argv[3]);
