import { setTimeout as delay } from "node:timers/promises";
import * as assert from "uvu/assert";
import { findNatsCli } from "../../scripts/nats-cli.ts";
import { type MessagingServer, NatsTransport } from "../../mod.ts";
import { type Program, type ProgramResult, startProgram } from "../support/program.ts";
import { describeWithNatsServer } from "../support/describe-with-nats-server.ts";
import { type NatsServer, startNatsServer } from "../support/nats-server.ts";
import { until } from "../support/until.ts";
import { type Kiosk, kioskEndpoints, serveKiosk } from "./kiosk.ts";

const timeoutMs = 30_000;
const workMs = 30;
// A timer of Node may fire a millisecond early on the clock that measures.
const leastWorkNs = (workMs - 2) * 1e6;

// `npm test` installs it before it starts the files.
const tool = await findNatsCli({ install: false }).catch((error: Error) => error);

interface Stage extends AsyncDisposable {
  readonly broker: NatsServer;
  readonly server: MessagingServer<Kiosk>;
  /** Starts the tool. */
  start(...args: string[]): Program;
  /** Runs the tool to its end. */
  nats(...args: string[]): Promise<ProgramResult>;
  /** The same, for what prints JSON; fails where the tool does. */
  json<Answer>(...args: string[]): Promise<Answer>;
  /** Sends one request with the tool; each header a line of its own. */
  request(name: string, body: string): Promise<{ body: string; headers: string; milliseconds: number }>;
}

async function openStage(): Promise<Stage> {
  if (tool instanceof Error) throw tool;
  const { path } = tool;
  const broker = await startNatsServer({ monitoring: true });
  const server = await serveKiosk(new NatsTransport({ servers: broker.url }), () => delay(workMs));
  const start = (...args: string[]): Program => startProgram(path, ["--no-context", "--server", broker.url, ...args]);
  const nats = async (...args: string[]): Promise<ProgramResult> => {
    await using program = start(...args);
    return await program.ended();
  };
  return {
    broker,
    server,
    start,
    nats,
    async json<Answer>(...args: string[]): Promise<Answer> {
      const { exitCode, standardOutput, errorOutput } = await nats(...args, "--json");
      assert.is(exitCode, 0, errorOutput);
      return JSON.parse(standardOutput);
    },
    async request(name, body) {
      const { exitCode, standardOutput, errorOutput } = await nats("request", `kiosk.v2.request.${name}`, body);
      assert.is(exitCode, 0, errorOutput);
      const rtt = /Received with rtt ([\d.]+)(ms|µs|s)$/m.exec(errorOutput);
      assert.ok(rtt, errorOutput);
      const unit = { s: 1_000, ms: 1, µs: 0.001 }[rtt![2] as "s" | "ms" | "µs"];
      return { body: standardOutput.trim(), headers: errorOutput, milliseconds: Number(rtt![1]) * unit };
    },
    async [Symbol.asyncDispose]() {
      await server.stop({ graceMs: 1_000 });
      await broker.stop();
    },
  };
}

interface EndpointInfo {
  readonly name: string;
  readonly subject: string;
  readonly queue_group: string;
  readonly metadata: Readonly<Record<string, string>>;
}

interface ServiceInfo {
  readonly name: string;
  readonly id: string;
  readonly version: string;
  readonly description: string;
  readonly endpoints: readonly EndpointInfo[];
}

interface EndpointStats extends EndpointInfo {
  readonly num_requests: number;
  readonly num_errors: number;
  readonly last_error: string;
  readonly processing_time: number;
  readonly average_processing_time: number;
}

interface ServiceStats {
  readonly name: string;
  readonly started: string;
  readonly endpoints: readonly EndpointStats[];
}

describeWithNatsServer("The nats command line tool", {}, (test) => {
  function check(name: string, use: (stage: Stage) => Promise<void>): void {
    if (tool instanceof Error) return test.skip(name, tool.message);
    test(name, { timeoutMs }, async () => {
      await using stage = await openStage();
      await use(stage);
    });
  }

  check("`nats micro ls` lists the service", async ({ nats, json }) => {
    const { exitCode, standardOutput } = await nats("micro", "ls");
    assert.is(exitCode, 0);
    assert.match(standardOutput, /kiosk.*2\.4\.1.*Sells newspapers/);

    const services = await json<ServiceInfo[]>("micro", "ls");
    assert.equal(services.map(({ name, version }) => `${name} ${version}`), ["kiosk 2.4.1"]);
    assert.ok(standardOutput.includes(services[0]!.id));
  });

  check("`nats micro info` shows the service and its endpoints", async ({ nats, json }) => {
    const { exitCode, standardOutput } = await nats("micro", "info", "kiosk");
    assert.is(exitCode, 0);
    assert.match(standardOutput, /Version: 2\.4\.1/);
    assert.match(standardOutput, /Subject: kiosk\.v2\.request\.sell/);
    assert.match(standardOutput, /Subject: kiosk\.v2\.request\.price/);

    const { info } = await json<{ info: ServiceInfo }>("micro", "info", "kiosk");
    assert.is(info.description, "Sells newspapers");
    assert.equal(info.endpoints, kioskEndpoints);
  });

  check("`nats micro stats` counts successes and failures of handlers that wait", async ({ nats, json, request }) => {
    for (const sku of ["paper", "crash", "paper", "none", "paper"]) {
      await request("sell", JSON.stringify({ sku, quantity: 1 }));
    }
    const [stats] = await json<ServiceStats[]>("micro", "stats", "kiosk");
    const [sell, price] = stats!.endpoints;
    assert.is(sell!.name, "sell");
    assert.is(sell!.num_requests, 5);
    assert.is(sell!.num_errors, 2);
    assert.match(sell!.last_error, /^SOLD_OUT/);
    assert.ok(sell!.average_processing_time >= leastWorkNs, `average ${sell!.average_processing_time} ns`);
    assert.ok(sell!.average_processing_time < 1e9, `average ${sell!.average_processing_time} ns`);
    assert.ok(Math.abs(sell!.processing_time - 5 * sell!.average_processing_time) <= 5);
    assert.is(price!.num_requests, 0);
    assert.is(price!.average_processing_time, 0);
    assert.ok(Math.abs(Date.now() - Date.parse(stats!.started)) < timeoutMs);

    const { exitCode, standardOutput } = await nats("micro", "stats", "kiosk");
    assert.is(exitCode, 0);
    assert.match(standardOutput, /│ sell +│ 5 +│ kiosk +│ 2 +│ [\d.]+(ms|s) +│ [\d.]+ms +│/);
  });

  check("`nats micro request` finds the endpoint by name and gets its answer", async ({ nats }) => {
    const { exitCode, standardOutput, errorOutput } = await nats(
      ...["micro", "request", "kiosk", "sell", '{"sku":"paper","quantity":4}', "--raw"],
    );
    assert.is(exitCode, 0, errorOutput);
    assert.is(standardOutput.trim(), '{"id":"sale-of-paper","total":10}');
  });

  check("`nats req` with plain JSON gets the plain result and no error header", async ({ request }) => {
    const { body, headers } = await request("sell", '{"sku":"paper","quantity":2}');
    assert.is(body, '{"id":"sale-of-paper","total":5}');
    assert.not.match(headers, /Nats-Service-Error|Mb-Error/);
  });

  check("`nats req` with malformed JSON is answered at once with MALFORMED_MESSAGE", async ({ request }) => {
    const { body, headers, milliseconds } = await request("sell", '{"sku":');
    assert.match(headers, /Nats-Service-Error: \S+/);
    assert.match(headers, /Nats-Service-Error-Code: 400$/m);
    assert.match(headers, /Mb-Error: MALFORMED_MESSAGE$/m);
    assert.is(JSON.parse(body).code, "MALFORMED_MESSAGE");
    assert.ok(milliseconds < 1_000, `${milliseconds} ms`);
  });

  check("`nats req` with JSON that does not fit is answered with INVALID_REQUEST and where", async ({ request }) => {
    const { body, headers } = await request("sell", '{"sku":7,"quantity":1}');
    assert.match(headers, /Nats-Service-Error: .*sku/);
    assert.match(headers, /Nats-Service-Error-Code: 400$/m);
    assert.match(headers, /Mb-Error: INVALID_REQUEST$/m);
    assert.is(JSON.parse(body).code, "INVALID_REQUEST");
    assert.is(JSON.parse(body).data.issues[0].path, "sku");
  });

  check("`nats req` gets the contract's error with its status and data, and of another only INTERNAL", async ({
    request,
  }) => {
    const soldOut = await request("sell", '{"sku":"none","quantity":1}');
    assert.match(soldOut.headers, /Nats-Service-Error: Nothing left$/m);
    assert.match(soldOut.headers, /Nats-Service-Error-Code: 409$/m);
    assert.match(soldOut.headers, /Mb-Error: SOLD_OUT$/m);
    assert.equal(JSON.parse(soldOut.body).data, { sku: "none" });

    const crashed = await request("sell", '{"sku":"crash","quantity":1}');
    assert.match(crashed.headers, /Nats-Service-Error-Code: 500$/m);
    assert.match(crashed.headers, /Mb-Error: INTERNAL$/m);
    assert.not.match(crashed.headers + crashed.body, /till|fire/);
  });

  check("`nats sub` sees an event's plain JSON", async ({ broker, server, start }) => {
    await using program = start("sub", "kiosk.v2.event.sold", "--raw", "--count", "1");
    await until("the broker has the tool's subscription", async () => {
      const answer = await fetch(`${broker.monitoringUrl}/connz?subs=1`);
      return (await answer.text()).includes("kiosk.v2.event.sold");
    });
    await server.broadcast("sold", { id: "sale-1", region: "eu" });
    const { exitCode, standardOutput } = await program.ended();
    assert.is(exitCode, 0);
    assert.is(standardOutput.trim(), '{"id":"sale-1","region":"eu"}');
  });
});
