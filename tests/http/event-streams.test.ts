import * as assert from "uvu/assert";
import * as v from "valibot";
import {
  createContract,
  createMessagingClient,
  isMessagingError,
  type TransportConnection,
  type TransportMessage,
} from "../../mod.ts";
import { expectRejection } from "../support/expect-rejection.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { describe } from "../support/suite.ts";
import { until } from "../support/until.ts";
import {
  type HandMadeGateway,
  handMadeGateway,
  type HandMadeGatewayOptions,
  problem,
  type WrittenStream,
  writtenStream,
} from "./hand-made-gateway.ts";

const subject = "orders.v1.event.orderMoved.eu.*";
const decoder = new TextDecoder();

interface Scene extends AsyncDisposable, HandMadeGateway {
  readonly clock: FakeClock;
  readonly connection: TransportConnection;
  /** One for each call that was not answered otherwise. */
  readonly streams: WrittenStream[];
  /** Waits for so many calls. */
  called(times: number): Promise<void>;
  /** Lets time pass in small steps, so that what follows from each can happen, until there were so many calls. */
  passUntilCalled(times: number, atMostMs: number): Promise<number>;
}

/** A connection to a gateway whose streams the test writes; `instead` answers a call otherwise. */
async function openScene(
  instead: (call: number, request: Request) => Response | Promise<Response> | undefined = () => undefined,
  options: HandMadeGatewayOptions = {},
): Promise<Scene> {
  const clock = new FakeClock();
  const streams: WrittenStream[] = [];
  const gateway = handMadeGateway({
    clock,
    answer: (request, call) => {
      const other = instead(call, request);
      if (other !== undefined) return other;
      const stream = writtenStream();
      streams.push(stream);
      return stream.response;
    },
    ...options,
  });
  const connection = await gateway.transport.open();
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  return {
    ...gateway,
    get asked() {
      return gateway.asked;
    },
    clock,
    connection,
    streams,
    called: async (times) => void await until(`${times} calls`, () => gateway.calls.length >= times),
    passUntilCalled: async (times, atMostMs) => {
      const start = clock.now();
      while (gateway.calls.length < times) {
        for (let count = 0; count < 5; count++) await turn();
        if (gateway.calls.length >= times) break;
        assert.ok(clock.now() - start < atMostMs, `${gateway.calls.length} calls within ${atMostMs} ms`);
        clock.advance(10);
      }
      return clock.now() - start;
    },
    [Symbol.asyncDispose]: async () => {
      await connection.close();
      await until("no timer waits", () => clock.timersWaiting === 0);
    },
  };
}

function textOf({ body }: TransportMessage): string {
  return decoder.decode(body);
}

describe("HttpTransport: an event stream", (test) => {
  test("asks for its filter, and is ready when the gateway has it, not before", async () => {
    let answer!: (response: Response) => void;
    const stream = writtenStream();
    await using scene = await openScene(() => new Promise((resolve) => answer = resolve), {
      url: "http://127.0.0.1:8080/api",
    });
    const token = () => Promise.resolve("t-1");
    const subscription = scene.connection.subscribe("orders.v1.event.orderMoved.eu=20west.*", {
      token,
      onMessage() {},
    });
    let ready = false;
    subscription.ready.then(() => ready = true);
    await scene.called(1);
    const request = scene.calls[0]!;
    assert.is(request.url, "http://127.0.0.1:8080/api/orders/v1/events?filter=orderMoved.eu%3D20west.*");
    assert.is(new URL(request.url).searchParams.get("filter"), "orderMoved.eu=20west.*");
    assert.equal([request.method, request.redirect], ["GET", "manual"]);
    assert.equal(Object.fromEntries(request.headers), { accept: "text/event-stream", authorization: "Bearer t-1" });
    assert.not.ok(ready);
    answer(stream.response);
    await subscription.ready;
  });

  test("gives events in order, with subject, headers and body as they were published", async () => {
    await using scene = await openScene();
    const heard: TransportMessage[] = [];
    await scene.connection.subscribe(subject, { onMessage: (message) => void heard.push(message) }).ready;
    scene.streams[0]!.write(
      ': ready\n\nid: aaaaaaaa-1\nevent: orderMoved\nsubject: orderMoved.eu.42\nheader: X-Tenant: acme\ndata: {"a":1}\n\n' +
        "id: aaaaaaaa-2\nevent: orderMoved\nsubject: orderMoved.eu.43\n\n",
    );
    await until("both are there", () => heard.length === 2);
    assert.equal(heard.map(({ subject }) => subject), [
      "orders.v1.event.orderMoved.eu.42",
      "orders.v1.event.orderMoved.eu.43",
    ]);
    assert.equal(heard.map(textOf), ['{"a":1}', ""]);
    assert.equal(heard.map(({ headerBlock }) => headerBlock && decoder.decode(headerBlock)), [
      "NATS/1.0\r\nX-Tenant: acme\r\n\r\n",
      undefined,
    ]);
  });

  test("is shared by all who listen to the same with the same token, and by nobody else", async () => {
    await using scene = await openScene();
    const token = () => "mine";
    const heard: string[] = [];
    const listen = (name: string, other: object = {}) =>
      scene.connection.subscribe(subject, { token, onMessage: () => void heard.push(name), ...other });
    const subscriptions = [listen("a"), listen("b"), listen("c", { token: "mine" }), listen("d", { token: undefined })];
    await Promise.all(subscriptions.map(({ ready }) => ready));
    assert.is(scene.calls.length, 3);
    const shown = scene.calls.map(({ headers }) => headers.get("authorization"));
    assert.equal(shown.sort(), ["Bearer mine", "Bearer mine", null]);
    for (const stream of scene.streams) stream.write("event: e\nsubject: e\ndata: 1\n\n");
    await until("all have heard", () => heard.length === 4);
    assert.equal(heard.sort(), ["a", "b", "c", "d"]);
  });

  test("ends with its last listener, who hears nothing after that", async () => {
    await using scene = await openScene();
    const heard: string[] = [];
    const one = scene.connection.subscribe(subject, { onMessage: () => void heard.push("one") });
    const other = scene.connection.subscribe(subject, {
      onMessage: () => {
        heard.push("other");
        other.unsubscribe();
      },
    });
    await Promise.all([one.ready, other.ready]);
    one.unsubscribe();
    one.unsubscribe();
    scene.streams[0]!.write("subject: e\ndata: 1\n\nsubject: e\ndata: 2\n\n");
    await until("the stream is given back", () => scene.streams[0]!.cancelled);
    assert.equal(heard, ["other"]);
    assert.ok(scene.calls[0]!.signal.aborted);
    await scene.connection.subscribe(subject, { onMessage() {} }).ready;
    assert.is(scene.calls.length, 2);
  });

  test("takes who leaves while an event is given out off the list at once", async () => {
    await using scene = await openScene();
    const heard: string[] = [];
    const one = scene.connection.subscribe(subject, {
      onMessage: () => {
        heard.push("one");
        other.unsubscribe();
      },
    });
    const other = scene.connection.subscribe(subject, { onMessage: () => void heard.push("other") });
    await Promise.all([one.ready, other.ready]);
    scene.streams[0]!.write("subject: e\ndata: 1\n\nsubject: e\ndata: 2\n\n");
    await until("both events are given out", () => heard.length === 2);
    assert.equal(heard, ["one", "one"]);
  });

  test("ends with its participant, and drain() ends it too", async () => {
    await using scene = await openScene();
    const second = await scene.transport.open();
    await second.subscribe(subject, { onMessage() {} }).ready;
    const drained = scene.connection.subscribe("orders.v1.event.other", { onMessage() {} });
    await drained.ready;
    await second.close();
    await until("the stream is given back", () => scene.streams[0]!.cancelled);
    await drained.drain();
    await until("the other one, too", () => scene.streams[1]!.cancelled);
    assert.is(scene.transport.status, "connected");
  });

  test("of a callback that throws goes on, and the failure is logged", async () => {
    await using scene = await openScene();
    let heard = 0;
    const onMessage = (): void => {
      heard += 1;
      throw new Error("from a callback");
    };
    await scene.connection.subscribe(subject, { onMessage }).ready;
    for (let count = 0; count < 3; count++) scene.streams[0]!.write("subject: e\ndata: 1\n\n");
    await until("all are there", () => heard === 3);
    assert.is(scene.logged.filter(([text]) => text === "error A message callback threw").length, 3);
  });

  test("without a subject in it is no event of a gateway: it is dropped and logged", async () => {
    await using scene = await openScene();
    const heard: string[] = [];
    await scene.connection.subscribe(subject, { onMessage: (message) => void heard.push(textOf(message)) }).ready;
    scene.streams[0]!.write("data: strange\n\nsubject: e\ndata: 1\n\n");
    await until("the good one is there", () => heard.length === 1);
    assert.equal(heard, ["1"]);
    assert.ok(scene.logged.some(([text]) => text === "warn An event that names no subject was dropped"));
  });

  test("is for events of contracts; what a gateway does not offer is refused as UNSUPPORTED", async () => {
    await using scene = await openScene();
    const refused = {
      "prod.orders.v1.event.orderMoved": /namespace/,
      "orders.v1.request.createOrder": /nothing else/,
      "orders.v1.event.>": /nothing else/,
      "orders.v1.event.*": /nothing else/,
      "*.v1.event.orderMoved": /nothing else/,
      "orders.v1.cancel.*": /nothing else/,
      "$SRV.>": /nothing else/,
      ">": /nothing else/,
    };
    for (const [wanted, message] of Object.entries(refused)) {
      const { ready, unsubscribe } = scene.connection.subscribe(wanted, { onMessage() {} });
      await expectRejection(ready, { code: "UNSUPPORTED", message });
      unsubscribe();
    }
    const inGroup = scene.connection.subscribe(subject, { queueGroup: "mailers", onMessage() {} });
    await expectRejection(inGroup.ready, { code: "UNSUPPORTED", message: /queue group/ });
    assert.equal(scene.calls, []);
  });

  test("tells once that over HTTP/1.1 too many streams leave no connection for requests", async () => {
    await using scene = await openScene();
    const warnings = () => scene.logged.filter(([text]) => text.includes("HTTP/2")).length;
    const listen = (name: string) => scene.connection.subscribe(`orders.v1.event.${name}`, { onMessage() {} }).ready;
    await Promise.all(["a", "b", "c", "d", "e", "e"].map(listen));
    assert.is(warnings(), 0);
    await Promise.all(["f", "g"].map(listen));
    assert.is(warnings(), 1);
  });
});

describe("HttpTransport: an event stream that is refused", (test) => {
  test("rejects `ready` with the gateway's reason, and asks no more", async () => {
    const refusals: [string, Response][] = [
      ["UNAUTHENTICATED", problem(401, { code: "UNAUTHENTICATED", detail: "Who are you" })],
      ["FORBIDDEN", problem(403, { code: "FORBIDDEN", detail: "Not you" })],
      ["NO_RESPONDERS", problem(404, { code: "NO_RESPONDERS", detail: "No such event", retryable: false })],
      ["INVALID_EVENT", problem(400, { code: "INVALID_EVENT", detail: "No such parameter" })],
      ["NO_RESPONDERS", new Response("<h1>Not found</h1>", { status: 404 })],
      ["MALFORMED_MESSAGE", new Response("<html>", { headers: { "Content-Type": "text/html" } })],
      ["MALFORMED_MESSAGE", new Response(null, { status: 204 })],
    ];
    for (const [code, response] of refusals) {
      await using scene = await openScene(() => response);
      const { ready } = scene.connection.subscribe(subject, { onMessage() {} });
      const error = await expectRejection(ready, { code });
      assert.is(isMessagingError(error) && error.operation, "orderMoved");
      assert.is(scene.clock.timersWaiting, 0);
      assert.is(scene.calls.length, 1);
      assert.is(scene.transport.status, "connected");
    }
  });

  test("leaves room for the next try, which is a stream of its own", async () => {
    await using scene = await openScene((call) => call === 1 ? problem(403, { code: "FORBIDDEN" }) : undefined);
    const first = scene.connection.subscribe(subject, { onMessage() {} });
    await expectRejection(first.ready, { code: "FORBIDDEN" });
    await scene.connection.subscribe(subject, { onMessage() {} }).ready;
    first.unsubscribe();
    assert.not.ok(scene.streams[0]!.cancelled);
  });

  test("for a passing reason is tried until it is there, and `ready` waits", async () => {
    const answers = [
      () => problem(503, { code: "BUSY", detail: "Later" }),
      () => new Response("<h1>Bad gateway</h1>", { status: 502 }),
      () => problem(503, { code: "DISCONNECTED", detail: "No broker" }),
      () => Promise.reject(new TypeError("fetch failed")),
    ];
    await using scene = await openScene((call) => answers[call - 1]?.());
    const { ready } = scene.connection.subscribe(subject, { onMessage() {} });
    await scene.passUntilCalled(5, 2_000);
    await ready;
    assert.is(scene.transport.status, "connected");
  });

  test("waits as long as Retry-After says", async () => {
    const busy = (): Response => problem(429, { code: "BUSY", detail: "Later" }, { "Retry-After": "7" });
    await using scene = await openScene((call) => call === 1 ? busy() : undefined);
    const { ready } = scene.connection.subscribe(subject, { onMessage() {} });
    await scene.called(1);
    const passedMs = await scene.passUntilCalled(2, 8_000);
    assert.ok(passedMs >= 7_000 && passedMs < 7_100, `${passedMs} ms`);
    await ready;
  });

  test("after it was there is logged and tried slowly, and comes back when it may", async () => {
    await using scene = await openScene((call) =>
      call === 2 || call === 3 ? problem(401, { code: "UNAUTHENTICATED" }) : undefined
    );
    const heard: string[] = [];
    const refused: unknown[] = [];
    const onMessage = (message: TransportMessage): void => void heard.push(textOf(message));
    const onRefused = (error: unknown): void => void refused.push(isMessagingError(error) && error.code);
    const subscription = scene.connection.subscribe(subject, { token: "t", onMessage, onRefused });
    await subscription.ready;
    scene.streams[0]!.write(
      'event: gateway.end\ndata: {"code":"UNAUTHENTICATED","detail":"The token has expired"}\n\n',
    );
    await scene.passUntilCalled(2, 100);
    await until("the refusal is told", () => refused.length === 1);
    await expectRejection(subscription.ready, { code: "UNAUTHENTICATED" });
    const first = await scene.passUntilCalled(3, 31_000);
    const second = await scene.passUntilCalled(4, 31_000);
    assert.ok(first >= 15_000 && second >= 15_000, `${first} and ${second} ms`);
    await subscription.ready;
    scene.streams[1]!.write("subject: e\ndata: back\n\n");
    await until("it is heard", () => heard.length === 1);
    assert.equal(refused, ["UNAUTHENTICATED"], "it is told once");
    assert.is(
      scene.logged.filter(([text]) => text === "warn An event stream that was there before is refused").length,
      2,
    );
    assert.ok(scene.logged.some(([text]) => text === "info An event stream is back"));
  });

  test("for a token that a function gives is tried within 5 s: the next one may be another", async () => {
    await using scene = await openScene((call) =>
      call === 2 || call === 3 ? problem(401, { code: "UNAUTHENTICATED" }) : undefined
    );
    let asked = 0;
    await scene.connection.subscribe(subject, { token: () => `t${asked++}`, onMessage() {} }).ready;
    scene.streams[0]!.cut();
    await scene.passUntilCalled(2, 100);
    const first = await scene.passUntilCalled(3, 5_100);
    const second = await scene.passUntilCalled(4, 5_100);
    assert.ok(first >= 2_500 && second >= 2_500, `${first} and ${second} ms`);
    assert.equal(
      scene.calls.map(({ headers }) => headers.get("authorization")),
      ["t0", "t1", "t2", "t3"].map((t) => `Bearer ${t}`),
    );
  });

  test("after it was there tells the application, whose `for await` throws and whose handler comes back", async () => {
    let refuses = false;
    const streams: WrittenStream[] = [];
    const clock = new FakeClock();
    const { transport } = handMadeGateway({
      clock,
      answer: () => {
        if (refuses) return problem(401, { code: "UNAUTHENTICATED" });
        const stream = writtenStream();
        streams.push(stream);
        return stream.response;
      },
    });
    const contract = createContract({ name: "orders", version: "1.0.0", events: { moved: v.any(), sold: v.any() } });
    const client = createMessagingClient({ contract, transport, token: "t" });
    await client.connect();
    const told: unknown[] = [];
    const heard: unknown[] = [];
    const onError = (error: unknown): void => void told.push(isMessagingError(error) && error.code);
    const subscription = client.subscribe("moved", { onError }, (data) => void heard.push(data));
    const events = client.events("sold");
    await Promise.all([subscription.ready, events.ready]);
    const next = events.next();
    refuses = true;
    for (const stream of streams.splice(0)) stream.cut();
    await expectRejection(next, { code: "UNAUTHENTICATED" });
    await until("onError has heard", () => told.length === 1);
    assert.equal(told, ["UNAUTHENTICATED"]);
    await expectRejection(subscription.ready, { code: "UNAUTHENTICATED" });
    assert.is(client.status, "connected");
    refuses = false;
    clock.advance(30_000);
    await until("it is back", () => streams.length === 1);
    await subscription.ready;
    streams[0]!.write("event: moved\nsubject: moved\ndata: 1\n\n");
    await until("it is heard", () => heard.length === 1);
    await client.disconnect();
  });

  test("rejects `ready` of those who join it meanwhile", async () => {
    let refuse!: (response: Response) => void;
    const refusal = new Promise<Response>((resolve) => refuse = resolve);
    await using scene = await openScene((call) => call === 2 ? refusal : undefined);
    await scene.connection.subscribe(subject, { onMessage() {} }).ready;
    scene.streams[0]!.cut();
    await scene.passUntilCalled(2, 100);
    const late = scene.connection.subscribe(subject, { onMessage() {} });
    refuse(problem(403, { code: "FORBIDDEN" }));
    await expectRejection(late.ready, { code: "FORBIDDEN" });
    await scene.passUntilCalled(3, 31_000);
    await scene.connection.subscribe(subject, { onMessage() {} }).ready;
    assert.is(scene.calls.length, 3);
  });
});

describe("HttpTransport: an event stream's token", (test) => {
  test("that cannot be had rejects `ready`, and nothing is sent", async () => {
    const secret = "sec\r\nret";
    const tokens = ["", "a b", secret, () => secret, () => Promise.reject(new Error("logged out")), () => {
      throw new Error("logged out");
    }];
    for (const token of [...tokens, () => undefined as unknown as string]) {
      await using scene = await openScene();
      const { ready } = scene.connection.subscribe(subject, { token, onMessage() {} });
      const error = await expectRejection(ready, { code: "UNAUTHENTICATED" });
      assert.not.match(`${(error as Error).message}${(error as Error).stack}`, /sec/);
      assert.equal(scene.calls, []);
    }
  });

  test("that cannot be had for a while does not slow down what comes back", async () => {
    await using scene = await openScene();
    let asked = 0;
    const token = (): string => {
      asked += 1;
      if (asked === 2 || asked === 3) throw new Error("no network");
      return `t${asked}`;
    };
    await scene.connection.subscribe(subject, { token, onMessage() {} }).ready;
    scene.streams[0]!.cut();
    await scene.passUntilCalled(2, 1_000);
    assert.is(scene.calls[1]!.headers.get("authorization"), "Bearer t4");
  });

  test("that nobody gives in time is an attempt like one that nobody answers", async () => {
    await using scene = await openScene();
    let asked = 0;
    const token = (): Promise<string> => ++asked === 1 ? new Promise(() => {}) : Promise.resolve("t");
    const { ready } = scene.connection.subscribe(subject, { token, onMessage() {} });
    const passedMs = await scene.passUntilCalled(1, 11_000);
    assert.ok(passedMs >= 10_000, `${passedMs} ms`);
    await ready;
  });
});

describe("HttpTransport: an event stream that is lost", (test) => {
  test("comes back by itself, at once, and says where it stood", async () => {
    await using scene = await openScene();
    const heard: string[] = [];
    await scene.connection.subscribe(subject, { onMessage: (message) => void heard.push(textOf(message)) }).ready;
    scene.streams[0]!.write("id: abcdefgh-7\nsubject: e\ndata: 1\n\nid: abcdefgh-8\nsubject: e\ndata: cut");
    await until("the first is there", () => heard.length === 1);
    scene.streams[0]!.cut();
    const passedMs = await scene.passUntilCalled(2, 100);
    assert.is(passedMs, 0);
    assert.is(scene.calls[1]!.headers.get("last-event-id"), "abcdefgh-7");
    await until("the stream is back", () => scene.streams.length === 2);
    scene.streams[1]!.write(
      'event: gateway.reset\ndata: {"reason":"not stored"}\n\nid: ijklmnop-1\nsubject: e\ndata: 2\n\n',
    );
    await until("the next is there", () => heard.length === 2);
    assert.equal(heard, ["1", "2"]);
    assert.ok(scene.logged.some(([text]) => text === "warn Events may have been missed"));
    scene.streams[1]!.end();
    await scene.passUntilCalled(3, 200);
    assert.is(scene.calls[2]!.headers.get("last-event-id"), "ijklmnop-1");
  });

  test("tells its gap once: by the gateway's word where it asked to go on, else as an outage; ready is another promise", async () => {
    await using scene = await openScene();
    const told: string[] = [];
    const subscription = scene.connection.subscribe(subject, {
      onMessage: (message) => void told.push(textOf(message)),
      onGap: (reason) => void told.push(reason),
    });
    const first = subscription.ready;
    await first;
    scene.streams[0]!.cut();
    await scene.passUntilCalled(2, 100);
    await until("the stream is back", () => scene.streams.length === 2);
    assert.is.not(subscription.ready, first);
    await subscription.ready;
    scene.streams[1]!.write("id: abcdefgh-1\nsubject: e\ndata: 1\n\n");
    await until("an event", () => told.length === 2);
    scene.streams[1]!.cut();
    await scene.passUntilCalled(3, 1_000);
    await until("the stream is back again", () => scene.streams.length === 3);
    scene.streams[2]!.write('event: gateway.reset\ndata: {"reason":"not stored"}\n\nid: a-2\nsubject: e\ndata: 2\n\n');
    await until("the last event", () => told.length === 4);
    assert.equal(told, ["outage", "1", "reset", "2"]);
  });

  test("again and again is tried less and less often, up to 2 s", async () => {
    await using scene = await openScene((call) => call > 1 ? Promise.reject(new TypeError("fetch failed")) : undefined);
    await scene.connection.subscribe(subject, { onMessage() {} }).ready;
    scene.streams[0]!.cut();
    const pauses: number[] = [];
    for (let call = 2; call < 62; call++) pauses.push(await scene.passUntilCalled(call, 2_100));
    assert.ok(pauses.slice(0, 40).every((ms) => ms <= 260), pauses.join(" "));
    assert.ok(pauses.every((ms) => ms <= 2_010), pauses.join(" "));
    assert.ok(Math.max(...pauses) > 500, pauses.join(" "));
    assert.is(scene.transport.status, "connected");
  });

  test("as soon as it is there is no reason to hurry: the pause grows until one has lasted", async () => {
    await using scene = await openScene();
    await scene.connection.subscribe(subject, { onMessage() {} }).ready;
    let total = 0;
    for (let call = 1; call < 12; call++) {
      await until("the stream is there", () => scene.streams.length === call);
      scene.streams[call - 1]!.end();
      total += await scene.passUntilCalled(call + 1, 2_100);
    }
    assert.ok(total > 300, `${total} ms for 11 streams`);
    scene.clock.advance(5_000);
    await until("the stream is there", () => scene.streams.length === 12);
    scene.clock.advance(5_000);
    scene.streams[11]!.end();
    assert.is(await scene.passUntilCalled(13, 100), 0);
  });

  test("comes back as late as the server wishes by `retry`", async () => {
    await using scene = await openScene();
    await scene.connection.subscribe(subject, { onMessage() {} }).ready;
    scene.streams[0]!.write("retry: 3000\n\n");
    scene.streams[0]!.end();
    await scene.called(1);
    const passedMs = await scene.passUntilCalled(2, 3_100);
    assert.ok(passedMs >= 3_000, `${passedMs} ms`);
  });

  test("by silence is noticed, and a heartbeat is no silence", async () => {
    await using scene = await openScene();
    await scene.connection.subscribe(subject, { onMessage() {} }).ready;
    for (let beat = 0; beat < 10; beat++) {
      scene.clock.advance(15_000);
      scene.streams[0]!.write(":\n\n");
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.is(scene.calls.length, 1);
    const passedMs = await scene.passUntilCalled(2, 36_000);
    assert.ok(passedMs >= 35_000, `${passedMs} ms`);
    assert.ok(scene.streams[0]!.cancelled);
    const lost = scene.logged.find(([text]) => text === "warn An event stream was lost");
    assert.match(String(lost?.[1]["error"]), /nothing for 35000 ms/);
  });

  test("before it was ever answered is tried again after the time to connect", async () => {
    await using scene = await openScene((call) => call === 1 ? new Promise(() => {}) : undefined);
    const { ready } = scene.connection.subscribe(subject, { onMessage() {} });
    await scene.called(1);
    const passedMs = await scene.passUntilCalled(2, 10_100);
    assert.ok(passedMs >= 10_000, `${passedMs} ms`);
    assert.ok(scene.calls[0]!.signal.aborted);
    await ready;
  });

  test("by an event that is too large is logged and opened anew", async () => {
    await using scene = await openScene(undefined, { maxMessageBytes: 1_000 });
    const heard: string[] = [];
    await scene.connection.subscribe(subject, { onMessage: (message) => void heard.push(textOf(message)) }).ready;
    scene.streams[0]!.write(`id: abcdefgh-1\nsubject: e\ndata: 1\n\nsubject: e\ndata: ${"x".repeat(1_001)}`);
    await scene.passUntilCalled(2, 100);
    assert.equal(heard, ["1"]);
    assert.ok(scene.streams[0]!.cancelled);
    const lost = scene.logged.find(([text]) => text === "warn An event stream was lost");
    assert.ok(isMessagingError(lost?.[1]["error"], "PAYLOAD_TOO_LARGE"));
  });

  test("because the gateway ends it says why in the log, and comes back", async () => {
    const ends = ["BUSY", "DISCONNECTED", "FORBIDDEN", "UNAUTHENTICATED"];
    for (const code of ends) {
      await using scene = await openScene();
      await scene.connection.subscribe(subject, { onMessage() {} }).ready;
      scene.streams[0]!.write(`event: gateway.end\ndata: ${JSON.stringify({ code, detail: "Because" })}\n\n`);
      await scene.passUntilCalled(2, 100);
      const lost = scene.logged.find(([text]) => text === "warn An event stream was lost");
      assert.ok(isMessagingError(lost?.[1]["error"], code));
    }
    await using scene = await openScene();
    await scene.connection.subscribe(subject, { onMessage() {} }).ready;
    scene.streams[0]!.write("event: gateway.end\ndata: nonsense\n\n");
    await scene.passUntilCalled(2, 100);
  });

  test("as its last listener leaves, or as all is closed, is not asked for again", async () => {
    await using scene = await openScene((call) => call > 2 ? Promise.reject(new TypeError("fetch failed")) : undefined);
    const one = scene.connection.subscribe(subject, { onMessage() {} });
    const other = scene.connection.subscribe("orders.v1.event.other", { onMessage() {} });
    await Promise.all([one.ready, other.ready]);
    for (const stream of scene.streams) stream.cut();
    await scene.passUntilCalled(4, 100);
    const late = scene.connection.subscribe(subject, { onMessage() {} });
    late.unsubscribe();
    one.unsubscribe();
    await scene.connection.close();
    const calls = scene.calls.length;
    await until("no timer waits", () => scene.clock.timersWaiting === 0);
    scene.clock.advance(60_000);
    await new Promise((resolve) => setImmediate(resolve));
    assert.is(scene.calls.length, calls);
    await expectRejection(late.ready, { code: "DISCONNECTED" });
  });
});
