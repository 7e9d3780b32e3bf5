import * as assert from "uvu/assert";
import {
  createMessagingClient,
  createMessagingServer,
  isMessagingError,
  type Logger,
  type MessagingError,
  NatsTransport,
} from "../../mod.ts";
import { describeWithNatsServer } from "../support/describe-with-nats-server.ts";
import { connectEcho, echo, serveEcho } from "../support/echo.ts";
import { expectRejection } from "../support/expect-rejection.ts";
import { type NatsServer, startNatsServer } from "../support/nats-server.ts";
import { RawPeer } from "../support/raw-peer.ts";
import { until } from "../support/until.ts";

const toldWithinMs = 100;
const healsWithinMs = 5_000;

/** A configuration where ann may do this, and anybody else everything. */
function annMay(permissions: string): string {
  return `authorization { users: [{ user: root, password: r }, { user: ann, password: a, permissions: { ${permissions} } }] }`;
}

function connectAs(broker: NatsServer, user: "ann" | "root", logger?: Logger): NatsTransport {
  const authentication = { user, password: user[0]! };
  return new NatsTransport({ servers: broker.url, authentication, ...(logger === undefined ? {} : { logger }) });
}

/** A logger that keeps the texts of its errors. */
function listeningLogger(): { readonly logger: Logger; readonly errors: string[] } {
  const errors: string[] = [];
  const quiet = (): void => {};
  return { errors, logger: { debug: quiet, info: quiet, warn: quiet, error: (text) => void errors.push(text) } };
}

async function rejectsInTime(promise: Promise<unknown>, execution = "not-executed"): Promise<void> {
  const start = performance.now();
  const error = await expectRejection(promise, { code: "FORBIDDEN" });
  const tookMs = performance.now() - start;
  assert.is((error as MessagingError).execution, execution);
  assert.ok(tookMs < toldWithinMs, `${tookMs} ms`);
}

const everything = 'publish: [">"], subscribe: [">"]';

describeWithNatsServer("What the broker does not permit", {}, (test) => {
  test("is FORBIDDEN at once for a request and for an event, and works as soon as it is granted", async () => {
    await using broker = await startNatsServer({ config: annMay('publish: ["_INBOX.>"], subscribe: [">"]') });
    await using service = await serveEcho(connectAs(broker, "root"));
    const transport = connectAs(broker, "ann");
    await using client = await connectEcho(transport);
    const teller = createMessagingServer({ contract: echo, transport });
    await using _ = teller;
    await teller.start({ partial: true });
    await rejectsInTime(client.request("say", { text: "?" }));
    await rejectsInTime(teller.broadcast("heard", { number: 1 }));
    await broker.reload(annMay(everything));
    assert.equal(await client.request("say", { text: "granted" }), { text: "granted" });
    await teller.broadcast("heard", { number: 1 });
    assert.is(service.status, "connected");
  });

  test("is told of a subscription at once and once, which is ready and hears as soon as it is granted", async () => {
    await using broker = await startNatsServer({ config: annMay('publish: [">"], subscribe: ["_INBOX.>"]') });
    const { logger, errors } = listeningLogger();
    await using client = createMessagingClient({ contract: echo, transport: connectAs(broker, "ann"), logger });
    await client.connect();
    const heard: number[] = [];
    const gaps: unknown[] = [];
    const options = { onGap: (gap: unknown) => void gaps.push(gap) };
    const subscription = client.subscribe("heard", options, ({ number }) => void heard.push(number));
    await rejectsInTime(subscription.ready);
    const refusals = () => broker.log.text.split("Subscription Violation").length - 1;
    await until("the second refusal", () => refusals() >= 2, healsWithinMs);
    assert.equal(errors, ["A subscription was refused"]);
    await broker.reload(annMay(everything));
    const start = performance.now();
    await until("the grant", () => subscription.ready.then(() => true, () => false), healsWithinMs);
    assert.ok(performance.now() - start < healsWithinMs);
    using peer = await RawPeer.connect(broker.port, { user: "root", pass: "r" });
    peer.publish("echo.v1.event.heard", '{"number":7}');
    await until("the event", () => heard.length === 1);
    assert.equal(gaps, []);
  });

  test("is told of a subscription that is taken away, and of the gap when it is granted again", async () => {
    await using broker = await startNatsServer({ config: annMay(everything) });
    const { logger, errors } = listeningLogger();
    await using client = createMessagingClient({ contract: echo, transport: connectAs(broker, "ann"), logger });
    await client.connect();
    const gaps: unknown[] = [];
    const other = client.subscribe("moved", { onGap: (gap) => void gaps.push(gap) }, () => {});
    const subscription = client.subscribe("heard", { onGap: (gap) => void gaps.push(gap) }, () => {});
    await Promise.all([subscription.ready, other.ready]);
    await broker.reload(annMay('publish: [">"], subscribe: { allow: [">"], deny: ["*.*.event.heard"] }'));
    await until("the refusal", () => errors.length === 1);
    await expectRejection(subscription.ready, { code: "FORBIDDEN" });
    await other.ready;
    await broker.reload(annMay(everything));
    await until("the grant", () => subscription.ready.then(() => true, () => false), healsWithinMs);
    assert.equal(gaps, [{ reason: "outage", missed: undefined }]);
    assert.is(client.status, "connected");
  });

  test("of answers ends every request at once, and lets them through as soon as they are granted", async () => {
    await using broker = await startNatsServer({ config: annMay('publish: [">"]') });
    const service = createMessagingServer({ contract: echo, transport: connectAs(broker, "root") });
    let handled = 0;
    service.registerHandler("say", (request) => (handled += 1, request));
    service.registerHandler("ask", () => (handled += 1, new Promise(() => {})));
    await service.start();
    await using client = await connectEcho(connectAs(broker, "ann"), { timeoutMs: 60_000 });
    const pending = client.request("ask", { text: "?" });
    await until("the handler", () => handled === 1);
    // Heard from before the reload on: the refusal may be here before the reload's own word is.
    const refused = expectRejection(pending, { code: "FORBIDDEN" });
    await broker.reload(annMay('publish: [">"], subscribe: ["nothing"]'));
    const lost = await refused;
    assert.is(isMessagingError(lost) && lost.execution, "unknown");
    await rejectsInTime(client.request("say", { text: "?" }));
    assert.is(handled, 1);
    await broker.reload(annMay(everything));
    await until("an answer", () => client.request("say", { text: "!" }).catch(() => undefined), healsWithinMs);
    assert.is(handled, 2);
    await service.stop({ graceMs: 0 });
  });

  test("of a request that is refused ends that one, not one that was let through before", async () => {
    await using broker = await startNatsServer({ config: annMay(everything) });
    const service = createMessagingServer({ contract: echo, transport: connectAs(broker, "root") });
    const gates: (() => void)[] = [];
    service.registerHandler("say", async (request) => {
      await new Promise<void>((open) => gates.push(open));
      return request;
    });
    await using _ = service;
    await service.start({ partial: true });
    await using client = await connectEcho(connectAs(broker, "ann"));
    const earlier = client.request("say", { text: "earlier" });
    await until("the handler", () => gates.length === 1);
    await broker.reload(annMay('publish: ["nothing"], subscribe: [">"]'));
    await rejectsInTime(client.request("say", { text: "later" }));
    gates[0]!();
    assert.equal(await earlier, { text: "earlier" });
    assert.is(gates.length, 1);
  });

  test("of a server's answers is told to its log and counted for its request, at once", async () => {
    const publish = 'publish: { allow: [">"], deny: ["_INBOX.denied.>"] }, subscribe: [">"]';
    await using broker = await startNatsServer({ config: annMay(publish) });
    const { logger, errors } = listeningLogger();
    await using server = await serveEcho(connectAs(broker, "ann"), { logger });
    using peer = await RawPeer.connect(broker.port, { user: "root", pass: "r" });
    const start = performance.now();
    peer.publish("echo.v1.request.say", '{"text":"?"}', { replySubject: "_INBOX.denied.0123456789" });
    await until("the log", () => errors.length > 0);
    assert.ok(performance.now() - start < toldWithinMs);
    assert.equal(errors, ["The broker does not let this server answer"]);
    const { body } = await peer.request("$SRV.STATS.echo");
    const [endpoint] = JSON.parse(String(body)).endpoints;
    assert.equal([endpoint.num_requests, endpoint.num_errors, endpoint.last_error], [
      1,
      1,
      "the broker refused an answer",
    ]);
    assert.is(server.status, "connected");
  });

  test("of a server's requests fails its start, and is logged and counted when it comes later", async () => {
    const denied = annMay('publish: [">"], subscribe: { allow: [">"], deny: ["*.*.request.say"] }');
    await using broker = await startNatsServer({ config: denied });
    const { logger, errors } = listeningLogger();
    const server = createMessagingServer({ contract: echo, transport: connectAs(broker, "ann"), logger });
    server.registerHandler("say", (request) => request);
    await using _ = server;
    await expectRejection(server.start({ partial: true }), { code: "FORBIDDEN" });
    await broker.reload(annMay(everything));
    await server.start({ partial: true });
    errors.length = 0;
    await broker.reload(denied);
    await until("the refusal", () => errors.length > 0);
    assert.equal(errors, ["The broker does not let this server serve"]);
    await broker.reload(annMay(everything));
    await using client = await connectEcho(connectAs(broker, "root"));
    const say = () => client.request("say", { text: "again" }).catch(() => undefined);
    assert.equal(await until("an answer", say, healsWithinMs), { text: "again" });
  });
});
