// Starts `parley lsp` for .parley files. There is nothing to build: the server has it all.
"use strict";

const vscode = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

let client;

async function start() {
	const [command, ...args] = vscode.workspace.getConfiguration("parley").get("command");
	const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
	const server = { command, args, options: { cwd: folder } };
	client = new LanguageClient("parley", "Parley", server, {
		documentSelector: [{ scheme: "file", language: "parley" }],
	});
	try {
		await client.start();
	} catch (err) {
		vscode.window.showErrorMessage(`${command} does not start: ${err.message}. Install it, or name it in the setting parley.command.`);
	}
}

async function stop() {
	const old = client;
	client = undefined;
	if (old?.needsStop()) {
		await old.stop();
	}
}

exports.activate = async (context) => {
	context.subscriptions.push(vscode.commands.registerCommand("parley.restart", async () => {
		await stop();
		await start();
	}));
	await start();
};

exports.deactivate = stop;
