import * as assert from "uvu/assert";
import { type Actor, type Authenticate, MessagingError, type PayloadEncryption } from "../../mod.ts";
import { createPayloadEncryption } from "../../src/security/create-payload-encryption.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { describe } from "../support/suite.ts";
import { until } from "../support/until.ts";
import type { TransportKind } from "../transport-behaviour/transport-kind.ts";
import { answerOf, problemIn } from "./answer.ts";
import { deskRequest, eventsUrl, openDeskGateway } from "./desk-gateway.ts";

const bearer = (token: string): RequestInit => ({ headers: { Authorization: `Bearer ${token}` } });

/** Event streams of a gateway: what they show, how they begin and how they end. */
export function gatewayEvents(kind: TransportKind): void {
  describe(`${kind.name}: event streams of the gateway`, (test) => {
    test("200 means that the broker has it: an event broadcast right after comes through", async () => {
      await using desk = await openDeskGateway(kind);
      for (let count = 0; count < 5; count++) {
        const frames = await desk.listen("name=opened");
        await desk.server.broadcast("opened", { at: count });
        assert.equal(await frames.data(), { at: count });
        await frames.cancel();
      }
    });

    test("a frame has an id, the event's name, its subject, its headers and its bytes", async () => {
      await using desk = await openDeskGateway(kind);
      const frames = await desk.listen("name=moved");
      await desk.server.broadcast("moved", { id: "1", region: "eu.west", step: -2.5 }, {
        headers: { "X-Tenant": "acme", "Authorization": "Bearer inside", "traceparent": "00-x", "tracestate": "x" },
      });
      await desk.server.broadcast("moved", { id: "2", region: "😀", step: 1 });
      const [first, second] = [await frames.next(), await frames.next()];
      const [, instance, number] = /^([\w-]{8})-(\d+)$/.exec(first!.id!)!;
      assert.equal({ ...first, id: "" }, {
        id: "",
        event: "moved",
        subject: "moved.eu=2Ewest.-2=2E5",
        headers: ["X-Tenant: acme"],
        data: '{"id":"1","region":"eu.west","step":-2.5}',
      });
      assert.is(second!.id, `${instance}-${Number(number) + 1}`);
      assert.is(second!.subject, "moved.=F0=9F=98=80.1");
      assert.equal(second!.headers, []);
      await frames.cancel();
    });

    test("parameters by name, and a filter as the transport writes it, let the broker choose", async () => {
      await using desk = await openDeskGateway(kind);
      const queries = [
        "name=moved",
        "name=moved&region=eu",
        "name=moved&step=2",
        "region=e.u&name=moved&step=1",
        "filter=moved.*.*",
        "filter=moved.eu.*",
        "filter=moved.e=2Eu.1",
      ];
      const streams = await Promise.all(queries.map((query) => desk.listen(query)));
      const events = [["eu", 1], ["eu", 2], ["us", 2], ["e.u", 1], ["*", 1], ["end", 0]] as const;
      for (const [region, step] of events) await desk.server.broadcast("moved", { id: "x", region, step });
      const wanted = [
        "eu1 eu2 us2 e.u1 *1 end0",
        "eu1 eu2",
        "eu2 us2",
        "e.u1",
        "eu1 eu2 us2 e.u1 *1 end0",
        "eu1 eu2",
        "e.u1",
      ];
      for (const [index, frames] of streams.entries()) {
        const seen: string[] = [];
        for (const _ of wanted[index]!.split(" ")) {
          const { region, step } = await frames.data() as { region: string; step: number };
          seen.push(`${region}${step}`);
        }
        assert.is(seen.join(" "), wanted[index], queries[index]);
      }
      const stopped = desk.gateway.stop();
      // And nothing else came.
      for (const frames of streams) assert.is((await frames.end()).code, "DISCONNECTED");
      await stopped;
    });

    test("what is no event is 404, and what is no parameter of it is 400 INVALID_EVENT", async () => {
      await using desk = await openDeskGateway(kind);
      const ask = async (query: string) => answerOf(await desk.gateway.fetch(new Request(eventsUrl(query))));
      for (const query of ["name=unknown", "filter=unknown.eu.1", "name=order", "filter=order", "filter=", "name="]) {
        problemIn(await ask(query), "NO_RESPONDERS", 404);
      }
      const bad = [
        "",
        "region=eu",
        "name=moved&filter=moved.*.*",
        "filter=moved.*.*&region=eu",
        "name=moved&colour=red",
        "name=moved&__proto__=x",
        "name=moved&constructor=x",
        "name=moved&region=eu&region=us",
        "name=moved&name=opened",
        "name=moved&region=",
        `name=moved&region=${"x".repeat(129)}`,
        "name=opened&at=1",
        "filter=moved",
        "filter=moved.*",
        "filter=moved.*.*.*",
        "filter=moved.>",
        "filter=moved.eu.>",
        "filter=moved.e%20u.1",
        "filter=moved.%0d%0aSUB.1",
        "filter=moved.=41.1",
        "filter=opened.*",
      ];
      for (const query of bad) problemIn(await ask(query), "INVALID_EVENT", 400);
    });

    test("streams that show the same share one subscription, which ends with the last of them", async () => {
      let subscribed = 0;
      let ended = 0;
      const transport = kind.connect();
      const counted = {
        kind: "counted",
        get status() {
          return transport.status;
        },
        onStatus: transport.onStatus.bind(transport),
        open: async (...options: Parameters<typeof transport.open>) => {
          const connection = await transport.open(...options);
          const subscribe: typeof connection.subscribe = (...given) => {
            subscribed += 1;
            const subscription = connection.subscribe(...given);
            const unsubscribe = (): void => {
              ended += 1;
              subscription.unsubscribe();
            };
            return { ready: subscription.ready, unsubscribe, drain: () => subscription.drain() };
          };
          return Object.assign(Object.create(connection), {
            subscribe,
            request: connection.request.bind(connection),
            send: connection.send.bind(connection),
            close: connection.close.bind(connection),
          });
        },
      };
      await using desk = await openDeskGateway(kind, { transport: counted });
      const queries = ["name=moved&region=eu", "filter=moved.eu.*", "region=eu&name=moved"];
      const streams = await Promise.all(queries.map((query) => desk.listen(query)));
      const other = await desk.listen("name=opened");
      assert.is(subscribed, 2);
      await desk.server.broadcast("moved", { id: "1", region: "eu", step: 1 });
      const ids = new Set<string | undefined>();
      for (const frames of streams) ids.add((await frames.next())?.id);
      assert.is(ids.size, 1);
      await streams[0]!.cancel();
      await streams[1]!.cancel();
      assert.is(ended, 0);
      await streams[2]!.cancel();
      assert.is(ended, 1);
      await other.cancel();
      assert.is(ended, 2);
      await (await desk.listen("name=opened")).cancel();
      assert.equal([subscribed, ended], [3, 3]);
    });

    test("an event that does not fit the contract is not passed on, and those around it are", async () => {
      await using desk = await openDeskGateway(kind);
      const connection = await kind.connect().open();
      const frames = await desk.listen("name=moved");
      const subject = `${desk.namespace}.desk.v2.event.moved.eu.1`;
      const send = async (text: string | Uint8Array) => {
        const body = typeof text === "string" ? new TextEncoder().encode(text) : text;
        await connection.publish(subject, body, { timeoutMs: 2_000, operation: "moved" });
      };
      const good = '{"id":"1","region":"eu","step":1}';
      for (const text of [good, "{", '{"id":1}', "", "null", new Uint8Array([0x22, 0xff, 0x22]), good]) {
        await send(text);
      }
      assert.equal([await frames.data(), await frames.data()], [JSON.parse(good), JSON.parse(good)]);
      const metrics = await (await desk.gateway.fetch(new Request("http://gateway.example/metrics"))).text();
      assert.match(metrics, 'messaging_gateway_events_dropped_total{reason="invalid"} 5');
      await frames.cancel();
      await connection.close();
    });

    test("an event over several lines is one event, and nothing in it begins another", async () => {
      await using desk = await openDeskGateway(kind);
      const connection = await kind.connect().open();
      const frames = await desk.listen("name=moved");
      const text =
        '\ufeff{\r\n"id":"\\n\\nevent: admin\\ndata: x",\n\n"region" :\r"event: admin\u2028",\r\n\r\n"step":1}\n';
      const subject = `${desk.namespace}.desk.v2.event.moved.eu.1`;
      await connection.publish(subject, new TextEncoder().encode(text), { timeoutMs: 2_000, operation: "moved" });
      await desk.server.broadcast("moved", { id: "\n\nevent: admin\ndata: 1\n\n", region: "eu", step: 2 });
      assert.equal(await frames.data(), { id: "\n\nevent: admin\ndata: x", region: "event: admin\u2028", step: 1 });
      assert.equal(await frames.data(), { id: "\n\nevent: admin\ndata: 1\n\n", region: "eu", step: 2 });
      await frames.cancel();
      await connection.close();
    });

    test("a Last-Event-ID that was given cannot be resumed, and the first frame says so; one that was not is refused", async () => {
      await using desk = await openDeskGateway(kind);
      const ask = (id: string): RequestInit => ({ headers: { "Last-Event-ID": id } });
      for (const id of ["RDD0A0Jc-17", "a-0", `${"x".repeat(64)}-${"9".repeat(16)}`, "--1"]) {
        const frames = await desk.listen("name=opened", ask(id));
        const frame = await frames.next();
        assert.is(frame?.event, "gateway.reset");
        assert.is(typeof (JSON.parse(frame!.data!) as { reason: string }).reason, "string");
        await frames.cancel();
      }
      const forged = [
        "17",
        "a-",
        "-1",
        "a-1x",
        "a b-1",
        `${"x".repeat(65)}-1`,
        "a-12345678901234567",
        "a.b-1",
        "a-1,b-2",
      ];
      for (const id of forged) {
        const answer = await desk.gateway.fetch(new Request(eventsUrl("name=opened"), ask(id)));
        problemIn(await answerOf(answer), "INVALID_REQUEST", 400);
      }
    });

    test("encrypted events are opened for it, in order, and those that cannot be are left out", async () => {
      const encryption = createPayloadEncryption({
        keys: { k: btoa("0123456789abcdef0123456789abcdef") },
        current: "k",
      });
      await using desk = await openDeskGateway(kind, { encryption }, { encryption });
      const connection = await kind.connect().open();
      const frames = await desk.listen("name=moved");
      const open = new TextEncoder().encode('{"id":"open","region":"eu","step":1}');
      for (let step = 0; step < 20; step++) {
        await desk.server.broadcast("moved", { id: "sealed", region: "eu", step });
        connection.send(`${desk.namespace}.desk.v2.event.moved.eu.1`, open);
      }
      for (let step = 0; step < 20; step++) assert.equal(await frames.data(), { id: "sealed", region: "eu", step });
      await frames.cancel();
      await connection.close();
    });

    test("events stay in order when one takes longer to open than those behind it", async () => {
      let opened = 0;
      const encryption: PayloadEncryption = {
        seal: (body) => Promise.resolve({ header: "none", body }),
        open: async (body) => {
          opened += 1;
          if (opened % 5 === 1) await new Promise((resolve) => setTimeout(resolve, 20));
          return body;
        },
      };
      await using desk = await openDeskGateway(kind, { encryption });
      const frames = await desk.listen("name=moved");
      for (let step = 0; step < 20; step++) await desk.server.broadcast("moved", { id: `${step}`, region: "eu", step });
      for (let step = 0; step < 20; step++) assert.equal(await frames.data(), { id: `${step}`, region: "eu", step });
      await frames.cancel();
    });

    test("a stream ends when its caller's credentials do, with the reason, whoever says when", async () => {
      const clock = new FakeClock();
      const inMs = (ms: number): number => clock.date() + ms;
      const actors: Record<string, Actor> = {
        says: { id: "says", roles: [], expiresAt: inMs(60_000) },
        claims: { id: "claims", roles: [], claims: { exp: Math.floor(inMs(60_000) / 1_000) } },
        never: { id: "never", roles: [] },
        past: { id: "past", roles: [], expiresAt: inMs(-1) },
      };
      const authenticate: Authenticate = ({ token }) => actors[token ?? ""];
      await using desk = await openDeskGateway(kind, { authenticate, clock });
      const streams = await Promise.all(
        ["says", "claims", "never"].map((id) => desk.listen("name=opened", bearer(id))),
      );
      const past = await desk.gateway.fetch(new Request(eventsUrl("name=opened"), bearer("past")));
      problemIn(await answerOf(past), "UNAUTHENTICATED", 401);
      clock.advance(58_900);
      await desk.server.broadcast("opened", { at: 1 });
      // A heartbeat or several came before it.
      for (const frames of streams) {
        let frame = await frames.next();
        while (frame?.comment !== undefined) frame = await frames.next();
        assert.is(frame?.data, '{"at":1}');
      }
      clock.advance(1_400);
      for (const frames of streams.slice(0, 2)) {
        const problem = await frames.end();
        assert.equal([problem.code, problem.status, problem.retryable], ["UNAUTHENTICATED", 401, false]);
      }
      await desk.server.broadcast("opened", { at: 2 });
      assert.equal(await streams[2]!.data(), { at: 2 });
      await streams[2]!.cancel();
    });

    test("a stream ends when its caller may no longer listen", async () => {
      const clock = new FakeClock();
      const may = new Set(["ann", "bob", "eve"]);
      let asked = 0;
      const authenticate: Authenticate = ({ token }) => {
        if (token === "down" && ++asked > 1) throw new Error("the provider is away");
        return token === undefined || token === "gone" && ++asked > 1 ? undefined : { id: token, roles: [] };
      };
      await using desk = await openDeskGateway(kind, {
        authenticate,
        clock,
        limits: { recheckMs: 10_000, heartbeatMs: 600_000, streamStallMs: 600_000 },
        authorizeEvents: ({ actor }) => may.has(actor.id),
      });
      const streams = await Promise.all(["ann", "bob"].map((id) => desk.listen("name=opened", bearer(id))));
      may.delete("bob");
      clock.advance(11_000);
      const problem = await streams[1]!.end();
      assert.equal([problem.code, problem.status], ["FORBIDDEN", 403]);
      await desk.server.broadcast("opened", { at: 1 });
      assert.equal(await streams[0]!.data(), { at: 1 });
      may.add("gone");
      const gone = await desk.listen("name=opened", bearer("gone"));
      clock.advance(11_000);
      assert.is((await gone.end()).code, "UNAUTHENTICATED");
      // A provider that cannot be asked says nothing about a caller.
      asked = 0;
      may.add("down");
      const down = await desk.listen("name=opened", bearer("down"));
      clock.advance(11_000);
      await until("it was asked again", () => asked > 1);
      await desk.server.broadcast("opened", { at: 2 });
      assert.equal(await down.data(), { at: 2 });
      await down.cancel();
      await streams[0]!.cancel();
    });

    test("authorizeEvents decides by contract, event and parameters, and its no is FORBIDDEN", async () => {
      const asked: unknown[] = [];
      await using desk = await openDeskGateway(kind, {
        authorizeEvents: ({ contract, operation, params, actor }) => {
          asked.push({ contract, operation, params: { ...params }, actor: actor.id });
          return params["region"] === "eu";
        },
      });
      await (await desk.listen("name=moved&region=eu")).cancel();
      await (await desk.listen("filter=moved.eu.*")).cancel();
      for (
        const query of ["name=moved", "name=moved&region=us", "filter=moved.*.1", "name=moved&region=Eu", "name=opened"]
      ) {
        const answer = await answerOf(await desk.gateway.fetch(new Request(eventsUrl(query))));
        problemIn(answer, "FORBIDDEN", 403);
      }
      const call = { contract: "desk", operation: "moved", actor: "anonymous" };
      assert.equal(asked.slice(0, 4), [
        { ...call, params: { region: "eu" } },
        { ...call, params: { region: "eu" } },
        { ...call, params: {} },
        { ...call, params: { region: "us" } },
      ]);
      assert.equal(asked[4], { ...call, params: { step: "1" } });
    });

    test("stop() ends streams with a reason that says to come again, and takes nothing more", async () => {
      await using desk = await openDeskGateway(kind);
      const streams = await Promise.all(["name=opened", "name=moved"].map((query) => desk.listen(query)));
      const stopped = desk.gateway.stop();
      for (const frames of streams) {
        const problem = await frames.end();
        assert.equal([problem.code, problem.retryable], ["DISCONNECTED", true]);
      }
      await stopped;
      await desk.gateway.stop();
      const late = await answerOf(await desk.gateway.fetch(deskRequest("echo", 1)));
      const problem = problemIn(late, "DISCONNECTED", 503);
      assert.equal([problem.retryable, problem.execution], [true, "not-executed"]);
      assert.is(late.headers.get("Retry-After"), "1");
      problemIn(await answerOf(await desk.gateway.fetch(new Request(eventsUrl("name=opened")))), "DISCONNECTED", 503);
      assert.is((await desk.gateway.fetch(new Request("http://gateway.example/readyz"))).status, 503);
      assert.is((await desk.gateway.fetch(new Request("http://gateway.example/healthz"))).status, 200);
      await desk.gateway.start();
      assert.is((await desk.post("echo", 1)).status, 200);
    });

    test("stop() lets what is under way be answered, and answers the rest when the grace is over", async () => {
      await using desk = await openDeskGateway(kind);
      const short = desk.post("wait", { ms: 150 });
      await until("it is at the service", () => desk.seen.has("wait"));
      await desk.gateway.stop({ graceMs: 5_000 });
      assert.is((await short).json, "waited");
      await desk.gateway.start();
      const long = desk.post("wait", { ms: 60_000 }, { headers: { "Request-Timeout-Ms": "60000" } });
      await until("it is at the service", () => desk.seen.get("wait")!.length === 2);
      const startedAt = performance.now();
      await desk.gateway.stop({ graceMs: 50 });
      assert.is(problemIn(await long, "DISCONNECTED", 503).execution, "unknown");
      assert.ok(performance.now() - startedAt < 2_000);
    });

    test("what a program's own functions throw is told as they meant it, or not at all", async () => {
      let thrown: unknown;
      const logged: string[] = [];
      const note = (message: string): void => void logged.push(message);
      await using desk = await openDeskGateway(kind, {
        authorizeEvents: () => Promise.reject(thrown),
        authorize: () => Promise.reject(thrown),
        logger: { debug: note, info: () => {}, warn: note, error: note },
      });
      thrown = new Error("the password is hunter2");
      for (
        const ask of [
          () => desk.post("echo", 1),
          async () => answerOf(await desk.gateway.fetch(new Request(eventsUrl("name=opened")))),
        ]
      ) {
        const answer = await ask();
        problemIn(answer, "INTERNAL", 500);
        assert.not.match(answer.text, "hunter2");
      }
      assert.is(logged.length, 2);
      thrown = new MessagingError("BUSY", "Come later", { retryAfterMs: 1_500 });
      const busy = await desk.post("echo", 1);
      assert.is(problemIn(busy, "BUSY", 503).retryAfterMs, 1_500);
      assert.is(busy.headers.get("Retry-After"), "2");
    });
  });
}
