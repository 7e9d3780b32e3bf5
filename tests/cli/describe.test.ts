import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import * as assert from "uvu/assert";
import { describeAsyncApi, describeOpenApi } from "../../src/describe/mod.ts";
import { kiosk } from "../discovery/kiosk.ts";
import { shop } from "../security/shop.ts";
import { describeWithNatsServer } from "../support/describe-with-nats-server.ts";
import { makeNkeyUser } from "../support/nats-identities.ts";
import { startNatsServer } from "../support/nats-server.ts";
import { describe } from "../support/suite.ts";
import { runCli } from "./run-cli.ts";

const timeoutMs = 30_000;

describe("describe", (test) => {
  test("shows what a contract offers, to people and to machines", { timeoutMs }, async () => {
    const people = await runCli(["describe", "shop.ts"]);
    assert.equal([people.exitCode, people.errorOutput], [0, ""]);
    assert.match(people.output, /^shop 2\.1\.0\n/);
    assert.match(people.output, /^findItem +shop\.v2\.request\.findItem +viewer$/m);
    assert.match(people.output, /^orderMoved +shop\.v2\.event\.orderMoved\.\{tenant\}\.moved\.\{id\} +clerk +yes$/m);
    assert.match(people.output, /^Roles: viewer; clerk \(viewer\); manager \(clerk, viewer\); courier$/m);
    const machines = await runCli(["describe", "kiosk.ts", "--json", "--namespace", "prod"]);
    const [contract, ...others] = JSON.parse(machines.output).contracts;
    assert.equal(others, []);
    assert.equal(contract, {
      name: "kiosk",
      version: "2.4.1",
      roles: [],
      errors: [{ code: "SOLD_OUT", status: 409, message: "Nothing left" }],
      requests: [
        {
          name: "sell",
          subject: "prod.kiosk.v2.request.sell",
          access: "public",
          errors: ["SOLD_OUT"],
          idempotent: false,
          description: "Sells something",
        },
        { name: "price", subject: "prod.kiosk.v2.request.price", access: "public", errors: [], idempotent: true },
      ],
      events: [
        { name: "sold", subject: "prod.kiosk.v2.event.sold", parameters: [], access: "public", durable: false },
      ],
    });
  });

  test(
    "writes the documents of ./describe, of every contract in the file or of the one that is named",
    { timeoutMs },
    async () => {
      const open = await runCli(["describe", "several.ts", "--openapi", "--url", "https://api.example.com"]);
      assert.equal(JSON.parse(open.output), json(describeOpenApi([kiosk, shop], { url: "https://api.example.com" })));
      const async = await runCli(
        ["describe", "several.ts", "--asyncapi", "--export", "shop", "--namespace", "prod"].concat(
          ["--url", "nats://a.example.com", "--url", "tls://b.example.com"],
        ),
      );
      const servers = ["nats://a.example.com", "tls://b.example.com"];
      assert.equal(JSON.parse(async.output), json(describeAsyncApi(shop, { namespace: "prod", servers })));
      assert.equal([open.exitCode, async.exitCode], [0, 0]);
    },
  );

  test("writes to a file", { timeoutMs }, async () => {
    const folder = await mkdtemp(join(tmpdir(), "messaging-cli-"));
    try {
      const path = join(folder, "openapi.json");
      const written = await runCli(["describe", "kiosk.ts", "--openapi", "-o", path]);
      assert.equal(written, { exitCode: 0, output: "", errorOutput: `Wrote ${path}\n` });
      assert.equal(JSON.parse(await readFile(path, "utf8")), json(describeOpenApi(kiosk)));
      const nowhere = await runCli(["describe", "kiosk.ts", "--openapi", "-o", join(folder, "no", "openapi.json")]);
      assert.is(nowhere.exitCode, 2);
      assert.match(nowhere.errorOutput, /^error: Cannot write .*: ENOENT$/m);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test("ends with 2 for what cannot go together or cannot be", { timeoutMs }, async () => {
    const wrong: [string[], RegExp][] = [
      [["--openapi", "--asyncapi"], /several documents/],
      [["--nats-user", "ann=clerk"], /--nats-user without --nats-config/],
      [["--nats-config", "--nats-user", "ann=clerks"], /has role "clerks", which no contract of it has/],
      [["--nats-config", "--nats-user", "ann"], /a name and a duty are wanted/],
      [["--nats-config", "--nats-user", "a-b=clerk", "--nats-user", "a.b=clerk"], /NATS_PASSWORD_A_B/],
      [["--asyncapi", "--url", "ftp://a"], /server/i],
      [["--namespace", "a b"], /namespace "a b"/],
    ];
    for (const [options, message] of wrong) {
      const { exitCode, errorOutput } = await runCli(["describe", "shop.ts", ...options]);
      assert.is(exitCode, 2, options.join(" "));
      assert.match(errorOutput, message);
    }
  });
});

describeWithNatsServer("describe --nats-config", {}, (test) => {
  test("is a configuration that a broker takes, with passwords from its environment", { timeoutMs }, async () => {
    const nkey = makeNkeyUser();
    const { exitCode, output } = await runCli(
      ["describe", "shop.ts", "--nats-config", "--nats-user", "ann=viewer+courier", "--nats-user", "shop=service"]
        .concat(
          [
            "--nats-user",
            `${nkey.publicKey}=clerk`,
            "--nats-user",
            "anyone=public",
            "--nats-user",
            "bill=durable:billing",
          ],
        ),
    );
    assert.is(exitCode, 0);
    assert.match(output, /^ {6}password: \$NATS_PASSWORD_ANN$/m);
    const [ann, service] = ["hunter2 & more", "$2a$11$W2zko4z4nZC5z6o7FPNbO.4qGOsQWiPCqQ3O0kJLKLQP5WtHLx4KW"];
    const before = { ...process.env };
    Object.assign(process.env, {
      NATS_PASSWORD_ANN: `"${ann}"`,
      NATS_PASSWORD_SHOP: service,
      NATS_PASSWORD_ANYONE: "x",
      NATS_PASSWORD_BILL: "x",
    });
    try {
      await using server = await startNatsServer({ config: output });
      const args = ["call", "shop.ts", "findItem", '{"text":"A1"}', "-s", server.url, "--user", "ann"];
      const options = ["--inbox-prefix", "_INBOX_ann"];
      // The broker lets ann ask; that nobody is there to answer is what it says.
      const allowed = await runCli([...args, ...options], { environment: { NATS_PASSWORD: ann } });
      assert.match(allowed.errorOutput, /^error NO_RESPONDERS/);
      const forbidden = await runCli(
        ["call", "shop.ts", "createOrder", ...args.slice(3), ...options],
        { environment: { NATS_PASSWORD: ann } },
      );
      assert.match(forbidden.errorOutput, /^error FORBIDDEN/);
    } finally {
      process.env = before;
    }
  });

  test("has a user for each role and one for the service where nobody is named", { timeoutMs }, async () => {
    const { output } = await runCli(["describe", "shop.ts", "--nats-config", "--json"]);
    const text: string = JSON.parse(output).natsConfig;
    const users = [...text.matchAll(/^ {6}user: "(.*)"$/gm)].map(([, name]) => name);
    assert.equal(users, ["viewer", "clerk", "manager", "courier", "service"]);
    const names = (await runCli(["describe", "kiosk.ts", "--nats-config"])).output;
    assert.equal([...names.matchAll(/^ {6}user: "(.*)"$/gm)].map(([, name]) => name), ["caller", "service"]);
  });
});

function json(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
