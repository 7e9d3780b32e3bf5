import { readFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import process from "node:process";
import * as assert from "uvu/assert";
import { installPackage } from "../packaging/installed-package.ts";
import { describeWithNatsServer } from "../support/describe-with-nats-server.ts";
import { startNatsServer } from "../support/nats-server.ts";
import { startProgram } from "../support/program.ts";
import { describe } from "../support/suite.ts";
import { runCli } from "./run-cli.ts";

const timeoutMs = 120_000;
const page = await readFile(new URL("../../docs/command-line.md", import.meta.url), "utf8");
const blocks = [...page.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language, text]) => ({
  language: language!,
  text: text!,
}));

describe("The page of the command line", (test) => {
  test("has every command and every option of a connection, and none that is not there", async () => {
    const { output } = await runCli(["call", "--help"]);
    const options = [...output.matchAll(/--[a-z-]+/g)].map(([name]) => name).filter((name) => name !== "--help");
    const ofPage = new Set([...page.matchAll(/--[a-z]+(?:-[a-z]+)*/g)].map(([name]) => name));
    const untold = ["--dangerously-allow-plaintext"];
    assert.equal([...new Set(options)].filter((name) => !ofPage.has(name) && !untold.includes(name)), []);
    const commands = ["call", "listen", "ls", "stats", "doctor", "describe", "diff"];
    const helps = await Promise.all(commands.map(async (name) => (await runCli([name, "--help"])).output));
    const known = new Set([...helps.join("\n").matchAll(/--[a-z]+(?:-[a-z]+)*/g)].map(([name]) => name));
    // Of npm and of bunx.
    const others = ["--save-dev", "--bun"];
    assert.equal([...ofPage].filter((name) => !known.has(name) && !others.includes(name)), []);
  });
});

describeWithNatsServer("The commands of the page", {}, (test) => {
  test("run as it says, and print what has the shape that it shows", { timeoutMs }, async () => {
    const { folder, write } = await installPackage();
    await using broker = await startNatsServer();
    const environment = {
      NATS_URL: broker.url,
      PATH: [join(folder, "node_modules/.bin"), process.env["PATH"]].join(delimiter),
    };
    for (const { language, text } of blocks) {
      const name = /^\/\/ (\S+)\n/.exec(text)?.[1];
      if (language === "js" && name !== undefined) await write(name, text);
    }
    await using service = startProgram(process.execPath, ["service.js"], { folder, environment });
    await service.line(/^The service is there$/);
    let shown = 0;
    for (const [index, { language, text }] of blocks.entries()) {
      if (language !== "sh") continue;
      let output = "";
      for (const line of text.trim().split("\n")) {
        const wanted = Number(/ # ends with (\d+)$/.exec(line)?.[1] ?? 0);
        const command = line.replaceAll(/npx (?:@magicbutton\/)?messaging/g, "messaging");
        await using program = startProgram("bash", ["-c", command], { folder, environment });
        const ended = await program.ended();
        assert.is(ended.exitCode, wanted, `${line}\n${ended.standardOutput}${ended.errorOutput}`);
        output = wanted === 0 ? ended.standardOutput : ended.errorOutput;
      }
      const next = blocks[index + 1];
      if (next?.language !== "json") continue;
      assert.equal(shapeOf(JSON.parse(output)), shapeOf(JSON.parse(next.text)), text);
      shown += 1;
    }
    assert.is(shown, blocks.filter(({ language }) => language === "json").length);
  });
});

/** Names and kinds of all that is in a value; of a list, those of its first entry. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map(shapeOf);
  if (typeof value !== "object" || value === null) return typeof value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, shapeOf(part)]));
}
