import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { createMessagingServer, NatsTransport } from "../../mod.ts";
import type { Check } from "../../src/cli/doctor/check.ts";
import { subjectsOverlap } from "../../src/cli/doctor/subjects-overlap.ts";
import { serveEveryone } from "../security/broker-matrix.ts";
import { shopService, startShopBroker } from "../security/shop-broker.ts";
import { shop } from "../security/shop.ts";
import { makeCertificates } from "../support/certificates.ts";
import { describeWithNatsServer } from "../support/describe-with-nats-server.ts";
import { freePort } from "../support/free-port.ts";
import { makeJwtIdentities } from "../support/nats-identities.ts";
import { type NatsServer, startNatsServer } from "../support/nats-server.ts";
import { startStrangeServer } from "../support/strange-server.ts";
import { describe } from "../support/suite.ts";
import { startLenientBroker } from "./lenient-broker.ts";
import { type CommandLineOptions, runCli } from "./run-cli.ts";

const timeoutMs = 30_000;

interface Diagnosis {
  readonly exitCode: number;
  readonly ok: boolean;
  readonly checks: readonly Check[];
  /** Those of one name. */
  of(name: string): readonly Omit<Check, "name">[];
}

async function doctor(args: readonly string[], options?: CommandLineOptions): Promise<Diagnosis> {
  const { exitCode, output, errorOutput } = await runCli(["doctor", ...args, "--json"], options);
  if (output === "") throw new Error(errorOutput);
  const { ok, checks } = JSON.parse(output) as { ok: boolean; checks: readonly Check[] };
  return {
    exitCode,
    ok,
    checks,
    of: (wanted) => checks.filter(({ name }) => name === wanted).map(({ name: _, ...check }) => check),
  };
}

/** Options of one who connects to the shop's broker. */
function as(user: string, server: NatsServer): { args: string[]; options: CommandLineOptions } {
  const passwords: Record<string, string> = { shop: "service-password", admin: "admin-password" };
  const inbox = user === "admin" ? [] : ["--inbox-prefix", `_INBOX_${user}`];
  return {
    args: ["-s", server.url, "--user", user, ...inbox],
    options: { environment: { NATS_PASSWORD: passwords[user] ?? "role-password" } },
  };
}

describeWithNatsServer("doctor, of connections,", {}, (test) => {
  test("finds nothing wrong where nothing is, and says so to people", { timeoutMs }, async () => {
    await using server = await startNatsServer();
    const { exitCode, output, errorOutput } = await runCli(["doctor", "-s", server.url]);
    assert.equal([exitCode, errorOutput], [0, ""]);
    assert.match(output, /^ok +runtime +Node\.js 20\./m);
    assert.match(
      output,
      new RegExp(`^ok +server +${server.url} is nats-server ${server.version} and takes the credentials$`, "m"),
    );
    assert.match(output, /^ok +tls +nats:\/\/127\.0\.0\.1:\d+ is on this machine, and not encrypted$/m);
    assert.match(output, /^ok +round-trip +A round trip to .* takes [\d.]+ ms$/m);
    assert.match(output, /\nNo problem\n$/);
  });

  test("looks at each server by itself, and names what failed with what to do", { timeoutMs }, async () => {
    await using server = await startNatsServer();
    await using silent = await startStrangeServer();
    await using chatty = await startStrangeServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
    const refused = `nats://127.0.0.1:${await freePort()}`;
    const urls = [
      refused,
      `nats://127.0.0.1:${silent.port}`,
      `nats://127.0.0.1:${chatty.port}`,
      "nats://no-such-host.invalid",
      server.url,
    ];
    const found = await doctor(["--timeout", "400ms", "-s", urls.join(",")]);
    assert.equal([found.exitCode, found.ok], [1, false]);
    const problems = found.of("server");
    assert.equal(problems.map(({ status }) => status), ["problem", "problem", "problem", "problem", "ok"]);
    const texts = [/: connection refused$/, /no connection within 400 ms/, /Cannot connect/, /no-such-host\.invalid/];
    const hints = [/Nothing listens there/, /no NATS listener/, /no NATS listener/, /name/];
    for (const [index, text] of texts.entries()) {
      assert.match(problems[index]!.text, text);
      assert.match(problems[index]!.text, new RegExp(urls[index]!));
      assert.match(problems[index]!.hint!, hints[index]!);
    }
  });

  test("knows a scheme that leads to another listener of the broker", { timeoutMs }, async () => {
    const { server: { certificateFile: certFile, keyFile } } = await makeCertificates();
    await using server = await startNatsServer({ websocket: true });
    await using secure = await startNatsServer({ websocketTls: { certFile, keyFile } });
    const [tcp, webSocket] = [`127.0.0.1:${server.port}`, `127.0.0.1:${server.websocketPort}`];
    const rows: readonly (readonly [string, RegExp, RegExp])[] = [
      [`nats://${webSocket}`, /no connection within/, /WebSocket port, which is for ws:/],
      [`tls://${tcp}`, /server does not support 'tls'$/, /no `tls` block/],
      [`ws://${tcp}`, /Parse Error: Expected HTTP/, /TCP port: try nats:/],
      [`wss://${webSocket}`, /wrong version number/, /does not speak TLS: try ws:/],
      [secure.websocketUrl.replace("wss:", "ws:"), /Unexpected server response: 400$/, /try wss:/],
    ];
    for (const [url, text, hint] of rows) {
      const [problem] = (await doctor(["-s", url, "--timeout", "1s"])).of("server");
      assert.match(problem!.text, new RegExp(`^Cannot connect to ${url}: `));
      assert.match(problem!.text, text);
      assert.match(problem!.hint!, hint);
    }
  });

  test("tells refused credentials from a server that is away", { timeoutMs }, async () => {
    await using server = await startNatsServer({
      config: `authorization { users: [{ user: "ann", password: "right" }] }`,
    });
    const options = { environment: { NATS_PASSWORD: "s3cret" } };
    const found = await doctor(["-s", server.url, "--user", "ann"], options);
    const [refused, ...others] = found.of("credentials");
    assert.equal([found.exitCode, refused!.status, others, found.of("server")], [1, "problem", [], []]);
    assert.match(refused!.text, /Authorization Violation/);
    assert.match(refused!.hint!, /--password-env/);
    assert.not.match(refused!.hint!, /--bearer-env/);
    assert.not.match(JSON.stringify(found), /s3cret/);
  });

  test("warns of credentials that end soon", { timeoutMs }, async () => {
    const folder = await mkdtemp(join(tmpdir(), "messaging-cli-"));
    try {
      const identities = await makeJwtIdentities();
      await using server = await startNatsServer({ config: identities.config });
      const path = join(folder, "ann.creds");
      await writeFile(path, (await identities.user("ann", 3 * 3_600_000)).creds);
      const found = await doctor(["-s", server.url, "--creds", path]);
      assert.is(found.exitCode, 0);
      const [expiry] = found.of("expiry");
      assert.is(expiry!.status, "warning");
      assert.match(expiry!.text, /good for 3 h/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test("tells what is wrong with TLS, by the certificate", { timeoutMs }, async () => {
    const certificates = await makeCertificates();
    const ca = ["--tls-ca", certificates.authority.certificateFile];
    const client = ["--tls-cert", certificates.client.certificateFile, "--tls-key", certificates.client.keyFile];
    const tlsOf = ({ certificateFile: certFile, keyFile }: typeof certificates.server) => ({
      certFile,
      keyFile,
      caFile: certificates.authority.certificateFile,
    });
    await using server = await startNatsServer({ tls: tlsOf(certificates.server) });
    const sound = await doctor(["-s", server.url, ...ca]);
    assert.is(sound.exitCode, 0);
    const [tls] = sound.of("tls");
    assert.is(tls!.status, "warning");
    assert.match(tls!.text, /encrypted by TLSv1\.3; its certificate is for localhost, 127\.0\.0\.1/);
    assert.match(tls!.hint!, /It ends in \d+ d: renew it/);

    const unknown = (await doctor(["-s", server.url])).of("server")[0]!;
    assert.equal([unknown.status, unknown.hint], [
      "problem",
      "Give the authority that signed the server's certificate: --tls-ca",
    ]);
    await using misnamed = await startNatsServer({ tls: tlsOf(certificates.misnamedServer) });
    assert.match((await doctor(["-s", misnamed.url, ...ca])).of("server")[0]!.hint!, /certificate is for another name/);
    await using expired = await startNatsServer({ tls: tlsOf(certificates.expiredServer) });
    assert.match((await doctor(["-s", expired.url, ...ca])).of("server")[0]!.hint!, /certificate has ended/);
    await using strict = await startNatsServer({ tls: { ...tlsOf(certificates.server), verify: true } });
    assert.match((await doctor(["-s", strict.url, ...ca])).of("server")[0]!.hint!, /client certificate/);
    assert.is((await doctor(["-s", strict.url, ...ca, ...client])).exitCode, 0);
    const mixed = [...client.slice(0, 3), certificates.strangerClient.keyFile];
    assert.match((await doctor(["-s", strict.url, ...ca, ...mixed])).of("server")[0]!.hint!, /is not that of the cert/);
    await using first = await startNatsServer({ tls: { ...tlsOf(certificates.server), handshakeFirst: true } });
    assert.is((await doctor(["-s", first.url, ...ca, "--tls-first"])).exitCode, 0);
    await using secure = await startNatsServer({ websocketTls: tlsOf(certificates.server) });
    assert.match((await doctor(["-s", secure.websocketUrl, ...ca])).of("tls")[0]!.text, /encrypted by TLSv1\.3/);
  });
});

describeWithNatsServer("doctor, of permissions,", {}, (test) => {
  test("says whom of the contract the broker lets a user act as", { timeoutMs }, async () => {
    await using broker = await startShopBroker();
    const able: Record<string, string> = {
      viewer: "viewer",
      clerk: "viewer, clerk",
      manager: "viewer, clerk, manager",
      courier: "courier",
      shop: "service",
    };
    for (const [user, names] of Object.entries(able)) {
      const { args, options } = as(user, broker);
      const found = await doctor(["shop.ts", ...args], options);
      const [permissions, ...others] = found.of("permissions");
      assert.equal([found.exitCode, others, permissions!.status], [0, [], "ok"], user);
      assert.match(permissions!.text, new RegExp(`lets this connection act as ${names}; `), user);
    }
    const { args, options } = as("viewer", broker);
    assert.match(
      (await doctor(["shop.ts", ...args], options)).of("permissions")[0]!.text,
      /clerk lacks publish shop\.v2\.request\.listOrders, publish shop\.v2\.request\.createOrder, subscribe shop\.v2\.event\.orderMoved\.\*\.moved\.\*;/,
    );
    const admin = as("admin", broker);
    assert.match(
      (await doctor(["shop.ts", ...admin.args], admin.options)).of("permissions")[0]!.text,
      /act as viewer, clerk, manager, courier, service: it keeps nothing apart/,
    );
  });

  test("holds the broker to a role and to the service where they are named", { timeoutMs }, async () => {
    await using broker = await startShopBroker();
    const viewer = as("viewer", broker);
    const enough = await doctor(["shop.ts", "--role", "viewer", ...viewer.args], viewer.options);
    assert.equal([enough.exitCode, enough.of("permissions").map(({ status }) => status)], [0, ["ok"]]);
    const missing = await doctor(["shop.ts", "--role", "clerk", ...viewer.args], viewer.options);
    const [refused] = missing.of("permissions");
    assert.equal([missing.exitCode, refused!.status], [1, "problem"]);
    assert.match(refused!.text, /refuses what clerk needs: publish shop\.v2\.request\.listOrders/);
    assert.match(refused!.hint!, /--nats-config/);
    const manager = as("manager", broker);
    const more = await doctor(["shop.ts", "--role", "clerk", ...manager.args], manager.options);
    assert.equal([more.exitCode, more.of("permissions").map(({ status }) => status)], [0, ["ok", "warning"]]);
    assert.match(more.of("permissions")[1]!.text, /do more than that: publish shop\.v2\.request\.cancelOrder/);
    const service = as("shop", broker);
    const serving = await doctor(["shop.ts", "--service", ...service.args], service.options);
    assert.equal([serving.exitCode, serving.of("permissions").map(({ status }) => status)], [0, ["ok"]]);
    const notServing = await doctor(["shop.ts", "--service", ...viewer.args], viewer.options);
    assert.match(
      notServing.of("permissions")[0]!.text,
      /subscribe shop\.v2\.request\.ping as shop|publish shop\.v2\.event\.announced/,
    );
    const inbox = await doctor(["shop.ts", "--role", "viewer", ...viewer.args.slice(0, 4)], viewer.options);
    assert.match(inbox.of("permissions")[0]!.text, /subscribe _INBOX\.doctor-/);
    assert.match(inbox.of("permissions")[0]!.hint!, /--inbox-prefix/);
    const nobody = await doctor(["shop.ts", ...viewer.args.slice(0, 4)], viewer.options);
    const [refusal] = nobody.of("permissions");
    assert.equal([nobody.exitCode, refusal!.status], [1, "problem"]);
    assert.match(refusal!.text, /act as nobody of the contract/);
  });

  test("does no harm: nobody hears of it, and no request of others is lost", { timeoutMs }, async () => {
    await using broker = await startShopBroker();
    const asked = new Map<string, number>();
    const service = createMessagingServer({
      contract: shop,
      transport: shopService(broker),
      authenticate: () => ({ id: "anybody", roles: ["viewer", "clerk", "manager", "courier"] }),
    });
    for (const name of shop.requests.keys()) {
      service.registerHandler(name as "ping", ({ text }) => {
        asked.set(text, (asked.get(text) ?? 0) + 1);
        return { text };
      });
    }
    await service.start();
    const heard: string[] = [];
    const admin = { user: "admin", password: "admin-password" };
    const watcher = await new NatsTransport({ servers: broker.url, authentication: admin }).open();
    const watching = watcher.subscribe("shop.>", { onMessage: ({ subject }) => heard.push(subject) });
    await watching.ready;
    for (const user of ["admin", "shop", "manager"]) {
      const { args, options } = as(user, broker);
      // Not two at once: the second would hear of what the first is told.
      const found = await doctor(["shop.ts", ...args], options);
      assert.is(found.exitCode, 0);
      const seen = user === "admin" ? /^1 instance of shop 2\.1\.0 serve every request$/ : /does not let/;
      assert.match(found.of("services")[0]!.text, seen);
    }
    await watcher.flush(5_000);
    assert.equal(heard, []);
    assert.is(asked.size, 0);
    await watcher.close();
    await service.stop();
  });

  test("tells whoever asks it for a service's work in that moment to try again", { timeoutMs }, async () => {
    await using broker = await startLenientBroker({ refusesReservedReplies: true });
    const found = await doctor(["shop.ts", "-s", broker.url, "--timeout", "500ms"]);
    assert.is(found.of("permissions")[0]!.status, "ok");
    assert.equal(broker.answers.map(({ code }) => code), ["BUSY"]);
    const subscribed = broker.lines.flatMap((line, index) => line.startsWith("SUB shop.") ? [index] : []);
    assert.ok(subscribed.length > shop.requests.size);
    for (const index of subscribed) {
      assert.is(broker.lines[index + 1], `UNSUB ${broker.lines[index]!.split(" ").at(-1)}`);
    }
    assert.equal(broker.published.filter((subject) => subject.startsWith("shop.")), [...broker.probed]);
  });

  test("publishes nothing where the broker would deliver it", { timeoutMs }, async () => {
    await using broker = await startLenientBroker({ refusesReservedReplies: false });
    const found = await doctor(["shop.ts", "-s", broker.url, "--timeout", "500ms"]);
    assert.equal(found.of("permissions").map(({ status }) => status), ["skipped", "ok"]);
    assert.equal(broker.published.filter((subject) => subject.startsWith("shop.")), []);
  });

  test("gives the parameters that the broker fixes for a user", { timeoutMs }, async () => {
    await using broker = await startShopBroker();
    const { args, options } = as("manager", broker);
    assert.is((await doctor(["shop.ts", "--role", "manager", "--param", "tenant=acme", ...args], options)).exitCode, 0);
    const wrong = await runCli(["doctor", "shop.ts", "--param", "region=eu", ...args], options);
    assert.equal([wrong.exitCode, wrong.errorOutput], [2, 'error: No event has the subject parameter "region"\n']);
    const unknown = await runCli(["doctor", "shop.ts", "--role", "boss", ...args], options);
    assert.equal([unknown.exitCode, unknown.errorOutput.split("\n")[1]], [
      2,
      "  hint: It has viewer, clerk, manager, courier",
    ]);
    assert.is((await runCli(["doctor", "--role", "viewer", ...args], options)).exitCode, 2);
  });
});

describeWithNatsServer("doctor, of streams,", {}, (test) => {
  test("finds a stream that answers requests before the service does", { timeoutMs }, async () => {
    await using broker = await startShopBroker();
    const { args, options } = as("admin", broker);
    const service = await serveEveryone(shopService(broker));
    const stream = await jetStream(broker);
    await stream("EVENTS", { subjects: ["shop.v2.event.delivered.>"] });
    const sound = await doctor(["shop.ts", ...args], options);
    const [streams, ...others] = sound.of("streams");
    assert.equal([sound.exitCode, streams!.status, others], [0, "ok", []]);
    assert.match(streams!.text, /^None of \d streams? overlaps a request$/);
    await stream("EVERYTHING", { subjects: ["shop.*.request.ping"] });
    const overlapping = await doctor(["shop.ts", ...args], options);
    assert.is(overlapping.exitCode, 1);
    assert.equal(overlapping.of("streams"), [{
      status: "problem",
      text: "Stream EVERYTHING (shop.*.request.ping) stores the requests ping, and answers them before the service can",
      hint: "Give it the subjects of events alone: shop.v2.event.>",
    }]);
    const call = await runCli(["call", "shop.ts", "ping", '{"text":"A1"}', ...args], options);
    assert.match(call.errorOutput, /stream "EVERYTHING"/i);
    await stream("SILENT", { subjects: ["shop.v2.request.findItem"], no_ack: true });
    const silent = (await doctor(["shop.ts", ...args], options)).of("streams");
    assert.equal(silent.map(({ status }) => status).sort(), ["problem", "warning"]);
    const viewer = as("viewer", broker);
    assert.equal(
      (await doctor(["shop.ts", ...viewer.args], viewer.options)).of("streams").map(({ status }) => status),
      ["skipped"],
    );
    await service.stop();
  });

  test("is content where the account has no JetStream", { timeoutMs }, async () => {
    await using server = await startNatsServer();
    const found = await doctor(["kiosk.ts", "-s", server.url]);
    assert.equal(found.of("streams"), [{
      status: "ok",
      text: "The account has no JetStream: no stream can be in the way",
    }]);
    assert.equal(found.of("services").map(({ status, text }) => [status, text]), [[
      "warning",
      "Nobody serves kiosk 2.4.1",
    ]]);
  });
});

describeWithNatsServer("doctor, of durable events,", {}, (test) => {
  test("finds a broker that has no streams for them", { timeoutMs }, async () => {
    await using server = await startNatsServer();
    const found = await doctor(["stored.ts", "-s", server.url]);
    assert.is(found.exitCode, 1);
    const [streams, ...others] = found.of("streams");
    assert.equal([streams!.status, others], ["problem", []]);
    assert.match(streams!.text, /^The broker has no streams; JetStream is off, and these events are durable: placed$/);
    assert.match(streams!.hint!, /nats-server -js/);
  });
});

describe("doctor, of what is installed,", (test) => {
  test("counts a copy in a folder above only where a program here gets it from there", { timeoutMs }, async () => {
    const above = await mkdtemp(join(tmpdir(), "messaging-cli-"));
    try {
      const install = async (path: string, version: string): Promise<void> => {
        const home = join(above, path);
        await mkdir(home, { recursive: true });
        await writeFile(join(home, "package.json"), JSON.stringify({ version }));
      };
      await install("node_modules/@nats-io/nats-core", "3.3.0");
      await install("own/node_modules/@nats-io/nats-core", "3.4.0");
      const args = ["-s", `nats://127.0.0.1:${await freePort()}`];
      const options = { folder: join(above, "own") };
      assert.equal((await doctor(args, options)).of("copies").map(({ status }) => status), ["ok"]);
      await install("node_modules/@magicbutton/messaging", "0.0.1");
      assert.equal((await doctor(args, options)).of("copies").map(({ status }) => status), ["warning"]);
    } finally {
      await rm(above, { recursive: true });
    }
  });

  test("finds copies of nats-core, nested and of pnpm, and counts a linked one once", { timeoutMs }, async () => {
    const folder = await mkdtemp(join(tmpdir(), "messaging-cli-"));
    try {
      const install = async (path: string, version: string): Promise<void> => {
        const home = join(folder, "node_modules", path);
        await mkdir(home, { recursive: true });
        await writeFile(join(home, "package.json"), JSON.stringify({ version }));
      };
      await install("@nats-io/nats-core", "3.4.0");
      await install("valibot", "1.5.0");
      await install("@magicbutton/messaging", "0.0.1");
      await mkdir(join(folder, "node_modules", "linked", "node_modules", "@nats-io"), { recursive: true });
      await symlink(
        join(folder, "node_modules", "@nats-io", "nats-core"),
        join(folder, "node_modules", "linked", "node_modules", "@nats-io", "nats-core"),
      );
      const args = ["-s", `nats://127.0.0.1:${await freePort()}`];
      const once = await doctor(args, { folder });
      assert.equal(once.of("copies").map(({ status }) => status), ["ok"]);
      assert.equal(once.of("versions").map(({ status }) => status), ["warning"]);
      assert.match(once.of("versions")[0]!.text, /library 0\.0\.1, nats-core 3\.4\.0, valibot 1\.5\.0/);
      await install("other/node_modules/@nats-io/nats-core", "3.0.0");
      await install(".pnpm/x@1/node_modules/@nats-io/nats-core", "3.1.0");
      const [copies] = (await doctor(args, { folder })).of("copies");
      assert.is(copies!.status, "warning");
      assert.match(copies!.text, /^@nats-io\/nats-core is there 3 times: /);
      for (const version of ["3.4.0", "3.0.0", "3.1.0"]) {
        assert.match(copies!.text, new RegExp(`${version} in node_modules/`));
      }
      assert.match(copies!.hint!, /npm ls @nats-io\/nats-core/);
      await install("valibot", "0.42.1");
      assert.equal((await doctor(args, { folder: join(folder, "node_modules") })).of("versions").length, 1);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test("knows which patterns have a subject in common", () => {
    const overlapping = [["a.b", "a.b"], ["a.*", "a.b"], ["*.b", "a.*"], [">", "a.b"], ["a.>", "*.b.c"], [
      "a.>",
      "a.*",
    ]];
    const apart = [["a.b", "a.c"], ["a.b", "a"], ["a.>", "a"], ["a.*", "a.b.c"], ["a.b.>", "a.c.>"]];
    for (const [one, other] of overlapping) {
      assert.ok(subjectsOverlap(one!, other!) && subjectsOverlap(other!, one!), `${one} ${other}`);
    }
    for (const [one, other] of apart) {
      assert.not(subjectsOverlap(one!, other!) || subjectsOverlap(other!, one!), `${one} ${other}`);
    }
  });
});

/** Makes streams as an administrator. */
async function jetStream(server: NatsServer): Promise<(name: string, config: object) => Promise<void>> {
  const authentication = { user: "admin", password: "admin-password" };
  const connection = await new NatsTransport({ servers: server.url, authentication }).open();
  let count = 0;
  return async (name, config) => {
    const body = new TextEncoder().encode(JSON.stringify({ name, storage: "memory", ...config }));
    const answer = await connection.request(`$JS.API.STREAM.CREATE.${name}`, body, {
      requestId: `stream${++count}`,
      timeoutMs: 5_000,
      operation: "stream",
      read: (message) => JSON.parse(new TextDecoder().decode(message.body)),
    });
    if (answer.error !== undefined) throw new Error(answer.error.description);
  };
}
