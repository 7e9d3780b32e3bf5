import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { NatsTransport } from "../../mod.ts";
import { createGateway } from "../../src/gateway/mod.ts";
import { kiosk, serveKiosk } from "../discovery/kiosk.ts";
import { serveEveryone } from "../security/broker-matrix.ts";
import { shopService, startShopBroker } from "../security/shop-broker.ts";
import { makeCertificates } from "../support/certificates.ts";
import { describeWithNatsServer } from "../support/describe-with-nats-server.ts";
import { freePort } from "../support/free-port.ts";
import { makeJwtIdentities, makeNkeyUser } from "../support/nats-identities.ts";
import { startNatsServer } from "../support/nats-server.ts";
import { startStrangeServer } from "../support/strange-server.ts";
import { exposeOverNode } from "../transport-behaviour/node-gateways.ts";
import { runCli, startCli } from "./run-cli.ts";

const timeoutMs = 30_000;
const sale = '{"sku":"A1","quantity":2}';
const noWork = async (): Promise<void> => {};

describeWithNatsServer("call", {}, (test) => {
  test("prints the answer of a request, for people and for machines", { timeoutMs }, async () => {
    await using server = await startNatsServer();
    await using _service = await serveKiosk(new NatsTransport({ servers: server.url }), noWork);
    const people = await runCli(["call", "kiosk.ts", "sell", sale, "--server", server.url]);
    assert.equal(people, { exitCode: 0, output: '{\n  "id": "sale-of-A1",\n  "total": 5\n}\n', errorOutput: "" });
    const machines = await runCli(["call", "kiosk.ts", "sell", sale, "--json"], {
      environment: { NATS_URL: server.url },
    });
    assert.equal(machines, { exitCode: 0, output: '{"id":"sale-of-A1","total":5}\n', errorOutput: "" });
  });

  test("takes the input from standard input where it is -", { timeoutMs }, async () => {
    await using server = await startNatsServer();
    await using _service = await serveKiosk(new NatsTransport({ servers: server.url }), noWork);
    const args = ["call", "kiosk.ts", "price", "-", "--json", "--server", server.url];
    assert.is((await runCli(args, { input: '{"sku":"A1"}\n' })).output, '{"price":2.5}\n');
    const broken = await runCli(args, { input: '{"sku":' });
    assert.is(broken.exitCode, 2);
    assert.match(broken.errorOutput, /Standard input is no JSON/);
    const endless = await runCli([...args, "--timeout", "50ms"]);
    assert.is(endless.exitCode, 2);
    assert.match(endless.errorOutput, /did not end within 50 ms/);
  });

  test("tells a typed error of the contract on standard error, and ends with 1", { timeoutMs }, async () => {
    await using server = await startNatsServer();
    await using _service = await serveKiosk(new NatsTransport({ servers: server.url }), noWork);
    const args = ["call", "kiosk.ts", "sell", '{"sku":"none","quantity":1}', "--server", server.url];
    const people = await runCli(args);
    assert.is(people.exitCode, 1);
    assert.is(people.output, "");
    assert.is(
      people.errorOutput,
      'error SOLD_OUT (409): Nothing left\n  data: {"sku":"none"}\n  request: sell, was executed\n',
    );
    const machines = await runCli([...args, "--json"]);
    assert.is(machines.exitCode, 1);
    assert.equal(JSON.parse(machines.errorOutput), {
      error: {
        code: "SOLD_OUT",
        message: "Nothing left",
        status: 409,
        data: { sku: "none" },
        operation: "sell",
        execution: "executed",
        retryable: false,
      },
    });
  });

  test("checks the input before it is sent, and says what differs", { timeoutMs }, async () => {
    await using server = await startNatsServer();
    const args = ["call", "kiosk.ts", "sell", '{"sku":"A1","quantity":"two"}', "--server", server.url];
    const { exitCode, errorOutput } = await runCli(args);
    assert.is(exitCode, 1);
    assert.match(errorOutput, /^error INVALID_REQUEST \(400\): .*"quantity"/);
    assert.match(errorOutput, /was not executed/);
    assert.match(errorOutput, /hint: .*messaging describe/);
    assert.match(errorOutput, /docs\/troubleshooting\.md#invalid_request\n$/);
  });

  test("names what to do where nobody serves the request, or nobody answers in time", { timeoutMs }, async () => {
    await using server = await startNatsServer();
    const nobody = await runCli(["call", "kiosk.ts", "sell", sale, "--server", server.url]);
    assert.is(nobody.exitCode, 1);
    assert.match(nobody.errorOutput, /^error NO_RESPONDERS \(503\)/);
    assert.match(nobody.errorOutput, /hint: Nobody serves this request/);
    const never = new Promise<void>(() => {});
    const service = await serveKiosk(new NatsTransport({ servers: server.url }), () => never);
    const slow = await runCli(["call", "kiosk.ts", "sell", sale, "--server", server.url, "--timeout", "100ms"]);
    assert.is(slow.exitCode, 1);
    assert.match(slow.errorOutput, /^error TIMEOUT \(504\)/);
    assert.match(slow.errorOutput, /may have been executed/);
    await service.stop({ graceMs: 0 });
  });

  test("ends with 130 on Ctrl-C, and the handler hears of it", { timeoutMs }, async () => {
    await using server = await startNatsServer();
    let begin = (): void => {};
    const begun = new Promise<void>((resolve) => begin = resolve);
    const service = await serveKiosk(new NatsTransport({ servers: server.url }), async () => {
      begin();
      await new Promise(() => {});
    });
    const running = startCli(["call", "kiosk.ts", "sell", sale, "--server", server.url]);
    await begun;
    running.interrupt();
    assert.equal(await running.ended, { exitCode: 130, output: "", errorOutput: "" });
    await service.stop({ graceMs: 0 });
  });

  test("ends with 3 where nothing listens, within its time where nothing answers", { timeoutMs }, async () => {
    const refused = await runCli(["call", "kiosk.ts", "sell", sale, "-s", `nats://127.0.0.1:${await freePort()}`]);
    assert.is(refused.exitCode, 3);
    assert.match(
      refused.errorOutput,
      /^error DISCONNECTED \(503\): Cannot connect to nats:\/\/127\.0\.0\.1:\d+: connection refused/,
    );
    assert.match(refused.errorOutput, /troubleshooting\.md#connecting$/m);
    await using silent = await startStrangeServer();
    const startedAt = performance.now();
    const unanswered = await runCli([
      "call",
      "kiosk.ts",
      "sell",
      sale,
      "-s",
      `nats://127.0.0.1:${silent.port}`,
      "--timeout",
      "300ms",
    ]);
    assert.is(unanswered.exitCode, 3);
    assert.ok(performance.now() - startedAt < 5_000);
  });
});

describeWithNatsServer("call, by its credentials,", {}, (test) => {
  const config = `authorization { users: [{ user: "ann", password: "hunter2 & more" }] }`;

  test("signs in with a password from the environment, or from a URL, and never shows it", { timeoutMs }, async () => {
    await using server = await startNatsServer({ config });
    const transport = new NatsTransport({
      servers: server.url,
      authentication: { user: "ann", password: "hunter2 & more" },
    });
    await using _service = await serveKiosk(transport, noWork);
    const args = ["call", "kiosk.ts", "sell", sale];
    const password = "hunter2 & more";
    const withUrl = server.url.replace("//", `//ann:${encodeURIComponent(password)}@`);
    const signedIn: [string[], Record<string, string>][] = [
      [["-s", server.url, "--user", "ann"], { NATS_PASSWORD: password }],
      [["-s", server.url, "--user", "ann", "--password-env", "MINE"], { MINE: password, NATS_PASSWORD: "other" }],
      [[], { NATS_URL: server.url, NATS_USER: "ann", NATS_PASSWORD: password }],
      [[], { NATS_URL: withUrl }],
    ];
    for (const [options, environment] of signedIn) {
      assert.equal(
        { ...await runCli([...args, ...options], { environment }), output: "" },
        { exitCode: 0, output: "", errorOutput: "" },
      );
    }
    const warned = await runCli([...args, "-s", withUrl]);
    assert.is(warned.exitCode, 0);
    assert.match(warned.errorOutput, /^warning: others on this machine can read the password in --server/);

    const wrong = server.url.replace("//", "//ann:s3cret@");
    for (
      const options of [["-s", wrong], ["-s", wrong, "--json"], [
        "-s",
        `${wrong},${server.url.replace("//", "//bob:s3cret@")}`,
      ]]
    ) {
      const { exitCode, output, errorOutput } = await runCli([...args, ...options]);
      assert.ok(exitCode === 3 || exitCode === 2, errorOutput);
      assert.not.match(output + errorOutput, /s3cret/);
    }
  });

  test(
    "ends with 3 where the broker refuses the password, and says which options it is about",
    { timeoutMs },
    async () => {
      await using server = await startNatsServer({ config });
      const { exitCode, errorOutput } = await runCli([
        "call",
        "kiosk.ts",
        "sell",
        sale,
        "-s",
        server.url,
        "--user",
        "ann",
      ], {
        environment: { NATS_PASSWORD: "s3cret" },
      });
      assert.is(exitCode, 3);
      assert.match(errorOutput, /^error UNAUTHENTICATED \(401\): .*Authorization Violation/);
      assert.match(errorOutput, /--password-env/);
      assert.not.match(errorOutput, /s3cret/);
    },
  );

  test("signs in by a .creds file, an nkey file and a token", { timeoutMs }, async () => {
    const folder = await mkdtemp(join(tmpdir(), "messaging-cli-"));
    try {
      const call = async (url: string, options: string[], environment: Record<string, string> = {}): Promise<void> => {
        // There is no service: that the broker says so shows that it has let the command in.
        const { errorOutput } = await runCli(["call", "kiosk.ts", "sell", sale, "-s", url, ...options], {
          environment,
        });
        assert.match(errorOutput, /^error NO_RESPONDERS/, options.join(" "));
      };
      const identities = await makeJwtIdentities();
      await writeFile(join(folder, "ann.creds"), (await identities.user("ann")).creds);
      await using byJwt = await startNatsServer({ config: identities.config });
      await call(byJwt.url, ["--creds", join(folder, "ann.creds")]);
      await call(byJwt.url, [], { NATS_CREDS: join(folder, "ann.creds") });
      const nkey = makeNkeyUser();
      await writeFile(join(folder, "ann.nk"), `-----BEGIN USER NKEY SEED-----\n${nkey.nkeySeed}\n`);
      await using byNkey = await startNatsServer({ config: `authorization { users: [{ nkey: ${nkey.publicKey} }] }` });
      await call(byNkey.url, ["--nkey-file", join(folder, "ann.nk")]);
      await using byToken = await startNatsServer({ config: `authorization { token: "hunter2" }` });
      await call(byToken.url, ["--token-env", "MINE"], { MINE: "hunter2" });
      await call(byToken.url, [], { NATS_TOKEN: "hunter2" });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test("encrypts, with a client certificate where files are given", { timeoutMs }, async () => {
    const certificates = await makeCertificates();
    const { server: pair, client, authority } = certificates;
    const tls = {
      certFile: pair.certificateFile,
      keyFile: pair.keyFile,
      caFile: authority.certificateFile,
      verify: true,
    };
    await using server = await startNatsServer({ tls });
    const args = ["call", "kiosk.ts", "sell", sale, "-s", server.url];
    const files = [
      "--tls-ca",
      authority.certificateFile,
      "--tls-cert",
      client.certificateFile,
      "--tls-key",
      client.keyFile,
    ];
    assert.match((await runCli([...args, ...files])).errorOutput, /^error NO_RESPONDERS/);
    assert.is((await runCli(args)).exitCode, 3);
    assert.is((await runCli([...args, ...files.slice(0, 4)])).exitCode, 2);
  });

  test("works as a user whose inbox is its own, and says how where it is not given", { timeoutMs }, async () => {
    await using broker = await startShopBroker();
    const service = await serveEveryone(shopService(broker));
    const args = ["call", "shop.ts", "findItem", '{"text":"A1"}', "-s", broker.url, "--user", "viewer"];
    const environment = { NATS_PASSWORD: "role-password", WHO: "anybody" };
    const bearer = ["--bearer-env", "WHO"];
    const answered = await runCli([...args, ...bearer, "--inbox-prefix", "_INBOX_viewer", "--json"], { environment });
    assert.equal(answered, { exitCode: 0, output: '{"text":"findItem A1"}\n', errorOutput: "" });
    const without = await runCli(args, { environment });
    assert.is(without.exitCode, 1);
    assert.match(without.errorOutput, /^error FORBIDDEN \(403\)/);
    assert.match(without.errorOutput, /--inbox-prefix/);
    await service.stop();
  });
});

describeWithNatsServer("call through a gateway", {}, (test) => {
  test("works as over NATS, and refuses what only a broker takes", { timeoutMs }, async () => {
    await using server = await startNatsServer();
    const transport = new NatsTransport({ servers: server.url });
    await using _service = await serveKiosk(transport, noWork);
    const gateway = createGateway({ contracts: [kiosk], transport });
    await gateway.start();
    const { url } = (await exposeOverNode())(gateway.fetch);
    const args = ["call", "kiosk.ts", "sell", sale, "--http", url];
    assert.is((await runCli([...args, "--json"])).output, '{"id":"sale-of-A1","total":5}\n');
    const mixed = await runCli([...args, "--user", "ann"]);
    assert.is(mixed.exitCode, 2);
    assert.match(mixed.errorOutput, /--user with --http/);
    const secret = await runCli(["call", "kiosk.ts", "sell", sale, "--http", "http://ann:s3cret@127.0.0.1:1"]);
    assert.is(secret.exitCode, 2);
    assert.not.match(secret.errorOutput, /s3cret/);
    await gateway.stop();
    const away = await runCli(["call", "kiosk.ts", "sell", sale, "--http", `http://127.0.0.1:${await freePort()}`]);
    assert.is(away.exitCode, 3);
  });
});
