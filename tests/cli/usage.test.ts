import * as assert from "uvu/assert";
import { readFile } from "node:fs/promises";
import { describe } from "../support/suite.ts";
import { runCli } from "./run-cli.ts";

const timeoutMs = 30_000;
const commands = ["call", "listen", "ls", "stats", "doctor", "describe", "diff"];

describe("The command line", (test) => {
  test("prints its help and its version on standard output", async () => {
    for (const args of [["--help"], ["-h"], ["help"]]) {
      const { exitCode, output, errorOutput } = await runCli(args);
      assert.equal([exitCode, errorOutput], [0, ""]);
      for (const command of commands) assert.match(output, new RegExp(`^ {2}${command} `, "m"));
      assert.match(output, /^Exit codes: 0 done/m);
    }
    const { version } = JSON.parse(await readFile(new URL("../../package.json", import.meta.url), "utf8"));
    for (const flag of ["--version", "-V"]) {
      assert.equal(await runCli([flag]), { exitCode: 0, output: `${version}\n`, errorOutput: "" });
    }
  });

  test("prints a command's help, with its arguments, options and --json", async () => {
    for (const command of commands) {
      const help = await runCli([command, "--help"]);
      assert.equal([help.exitCode, help.errorOutput], [0, ""]);
      assert.match(help.output, new RegExp(`^Usage: messaging ${command} `));
      assert.match(help.output, /^ {2}--json /m);
      assert.equal((await runCli(["help", command])).output, help.output);
    }
  });

  test("prints its help on standard error where there is no command, and ends with 2", async () => {
    const { exitCode, output, errorOutput } = await runCli([]);
    assert.equal([exitCode, output], [2, ""]);
    assert.match(errorOutput, /^Usage: messaging /);
  });

  test("ends with 2 for what it does not know, and proposes what is near", async () => {
    const wrong: [string[], RegExp][] = [
      [["cal"], /^error: Unknown command 'cal'\n {2}hint: Did you mean call\?/],
      [["call"], /^error: Missing required argument 'contract'/],
      [["call", "kiosk.ts"], /^error: Missing required argument 'request'/],
      [["call", "kiosk.ts", "sell", "{}", "more"], /^error: Too many arguments/],
      [["ls", "--sever", "a"], /^error: Unknown option '--sever'\n {2}hint: Did you mean --server\?/],
      [["ls", "--server"], /^error: Option '-s, --server <url>' argument missing/],
      [["ls", "--timeout", "5"], /^error: Cannot use --timeout: a duration such as/],
      [["ls", "--timeout", "0s"], /^error: Cannot use --timeout/],
    ];
    for (const [args, message] of wrong) {
      const { exitCode, output, errorOutput } = await runCli(args);
      assert.equal([exitCode, output], [2, ""], args.join(" "));
      assert.match(errorOutput, message);
    }
    const { errorOutput } = await runCli(["ls", "--sever", "--json"]);
    assert.equal(JSON.parse(errorOutput), {
      error: { code: "USAGE", message: "Unknown option '--sever'", hint: "Did you mean --server?" },
    });
  });

  test("never shows what may be a secret, wherever it stands", { timeoutMs }, async () => {
    const url = "nats://ann:hunter2@127.0.0.1:1";
    const secret = [
      ["ls", "--pasword=hunter2"],
      ["ls", "-phunter2"],
      ["ls", "--token-env", "hun-ter2"],
      ["ls", "--server", `${url}/path`],
      ["ls", "--server", `http://ann:hunter2@127.0.0.1`],
      ["ls", "--server", "nats://hun:ter2@ann:hunter2@127.0.0.1:1"],
      ["ls", "--server", `${url},nats://bob:hunter2@127.0.0.1:1`],
      ["call", url, "sell"],
      ["call", "kiosk.ts", url],
      ["call", "kiosk.ts", "sell", '{"password":"hunter2",}'],
      ["call", "kiosk.ts", "sell", "{}", "--http", "https://ann:hunter2@127.0.0.1:1"],
      ["call", "kiosk.ts", "sell", "{}", "--header", "hunter2"],
      ["listen", "kiosk.ts", url],
      ["describe", "broken.ts"],
      ["doctor", "--server", url],
    ];
    for (const args of secret) {
      for (const json of [[], ["--json"]]) {
        const { exitCode, output, errorOutput } = await runCli([...args, ...json], { environment: {} });
        assert.ok([1, 2, 3].includes(exitCode), args.join(" "));
        assert.not.match(output + errorOutput, /hun-?ter2|ter2@/, args.join(" "));
      }
    }
    const { errorOutput } = await runCli(["ls"], { environment: { NATS_URL: url } });
    assert.match(errorOutput, /Cannot connect to nats:\/\/127\.0\.0\.1:1/);
    assert.not.match(errorOutput, /hunter2/);
  });

  test("says which of its credentials are too many, too few or not there", async () => {
    const wrong: [string[], Record<string, string>, RegExp][] = [
      [["--user", "ann", "--creds", "a.creds"], {}, /--user with --creds: one kind/],
      [["--user", "ann"], {}, /no password for the user\n {2}hint: Put it into NATS_PASSWORD/],
      [["--password-env", "MINE"], { MINE: "x" }, /--password-env without --user/],
      [["--token-env", "MINE"], {}, /variable that --token-env names is not set/],
      [["--token-env", "the secret"], {}, /--token-env: the name of an environment variable is wanted, not the secret/],
      [["--creds", "no.creds"], {}, /file of --creds: there is no no\.creds/],
      [["--nkey-file", "kiosk.ts"], {}, /--nkey-file: there is no user's seed in it/],
      [["--tls-cert", "a.pem"], {}, /--tls-cert and --tls-key go together/],
      [["--inbox-prefix", "ann"], {}, /`inboxPrefix`/],
      [["--server", ","], {}, /no server URL/],
    ];
    for (const [options, environment, message] of wrong) {
      const { exitCode, errorOutput } = await runCli(["ls", ...options], { environment });
      assert.is(exitCode, 2, options.join(" "));
      assert.match(errorOutput, message);
    }
  });

  test(
    "takes colours and progress to a terminal alone, by the rules of NO_COLOR and FORCE_COLOR",
    { timeoutMs },
    async () => {
      const args = ["describe", "kiosk.ts"];
      const escape = /\p{Cc}\[\d+m/u;
      assert.not.match((await runCli(args)).output, escape);
      assert.match((await runCli(args, { columns: 80 })).output, escape);
      assert.not.match((await runCli(args, { columns: 80, environment: { NO_COLOR: "1" } })).output, escape);
      assert.not.match((await runCli(args, { columns: 80, environment: { FORCE_COLOR: "0" } })).output, escape);
      assert.not.match((await runCli(args, { columns: 80, environment: { TERM: "dumb" } })).output, escape);
      assert.match((await runCli(args, { environment: { FORCE_COLOR: "1" } })).output, escape);
      const away = ["ls", "--server", "nats://127.0.0.1:1"];
      assert.match((await runCli(away, { columns: 80 })).errorOutput, /Connecting to nats:\/\/127\.0\.0\.1:1…/);
      assert.not.match((await runCli([...away, "--json"], { columns: 80 })).errorOutput, /Connecting/);
      assert.match((await runCli(away)).errorOutput, /^error DISCONNECTED/);
    },
  );

  test("cuts the last column of a table where the terminal's line ends", { timeoutMs }, async () => {
    const { output } = await runCli(["describe", "kiosk.ts"], { columns: 40, environment: { NO_COLOR: "1" } });
    const lines = output.split("\n");
    assert.ok(lines.every((line) => line.length <= 40), output);
    assert.ok(lines.some((line) => line.endsWith("…")));
  });
});

describe("A contract file", (test) => {
  test("is refused with what to do where it cannot be used", { timeoutMs }, async () => {
    const wrong: [string[], RegExp][] = [
      [["no-such.ts"], /^error: There is no file no-such\.ts\n/],
      [["../contracts"], /^error: \.\.\/contracts is no file\n/],
      [["none.ts"], /^error: none\.ts exports no contract\n {2}hint: Export what createContract gives/],
      [["several.ts"], /^error: several\.ts exports several contracts: kiosk, shop\n {2}hint: Name one with --export/],
      [["several.ts", "--export", "orders"], /has no export "orders"\n {2}hint: It exports the contracts kiosk, shop/],
      [["broken.ts"], /^error: Cannot load broken\.ts: the database at postgres:\/\/\*\*\*@db\.example\.com is away\n/],
      [
        ["away.ts"],
        /^error: Cannot load away\.ts: .*not-installed-anywhere.*\n {2}hint: What it imports has to be installed/,
      ],
      [["notes.md"], /^error: Cannot load notes\.md: /],
    ];
    for (const [[file, ...options], message] of wrong) {
      const { exitCode, output, errorOutput } = await runCli(["listen", file!, ...options]);
      assert.equal([exitCode, output], [2, ""], file);
      assert.match(errorOutput, message);
    }
    const named = await runCli(["call", "several.ts", "nope", "--export", "kiosk"]);
    assert.match(named.errorOutput, /Contract "kiosk" has no request "nope"\n {2}hint: It has sell, price/);
  });

  test("has ten seconds to load", { timeoutMs }, async () => {
    const { exitCode, errorOutput } = await runCli(["describe", "never.ts", "--timeout", "1s"]);
    assert.is(exitCode, 2);
    assert.match(errorOutput, /^error: never\.ts did not load within 10000 ms/);
  });
});
