import { setTimeout as delay } from "node:timers/promises";
import * as assert from "uvu/assert";
import * as v from "valibot";
import {
  createContract,
  createMessagingClient,
  createMessagingServer,
  isMessagingError,
  type MessagingClient,
  type MessagingError,
  type MessagingServer,
  NatsTransport,
} from "../../mod.ts";
import { withResolvers } from "../../src/transport/with-resolvers.ts";
import { describeWithNatsServer } from "../support/describe-with-nats-server.ts";
import { expectRejection } from "../support/expect-rejection.ts";
import { type NatsServer, startNatsServer } from "../support/nats-server.ts";
import { natsJsPeer } from "./nats-js-peer.ts";
import { findNatsPyPeer } from "./nats-py-peer.ts";
import type { PlainPeer } from "./plain-peer.ts";

const stall = createContract({
  name: "stall",
  version: "3.0.0",
  roles: { seller: {} },
  errors: { SOLD_OUT: { status: 409, message: "Nothing left", data: v.object({ sku: v.string() }) } },
  requests: {
    /** The plain services of these tests answer it with what it asks for. */
    look: {
      request: v.object({ answer: v.string(), headers: v.optional(v.record(v.string(), v.string())) }),
      response: v.object({
        price: v.number(),
        since: v.optional(v.pipe(v.string(), v.isoTimestamp(), v.transform((text) => new Date(text)))),
      }),
      errors: ["SOLD_OUT"],
      access: "public",
    },
    sell: {
      request: v.object({ sku: v.string(), quantity: v.number() }),
      response: v.object({ id: v.string(), total: v.number() }),
      errors: ["SOLD_OUT"],
      access: "public",
    },
    close: { request: v.undefined(), response: v.object({ closedBy: v.string() }), access: ["seller"] },
  },
  events: {
    moved: {
      schema: v.object({ id: v.string(), region: v.string() }),
      subject: "{region}",
      access: { subscribe: "public" },
    },
  },
});
type Stall = typeof stall;

const lookSubject = "stall.v3.request.look";
const sellSubject = "stall.v3.request.sell";
const closeSubject = "stall.v3.request.close";
// Programs of another runtime are started, some one after the other.
const timeoutMs = 60_000;

async function openClient(broker: NatsServer): Promise<MessagingClient<Stall>> {
  const client = createMessagingClient({ contract: stall, transport: new NatsTransport({ servers: broker.url }) });
  await client.connect();
  return client;
}

async function startStall(broker: NatsServer): Promise<MessagingServer<Stall>> {
  const server = createMessagingServer({
    contract: stall,
    transport: new NatsTransport({ servers: broker.url }),
    authenticate: ({ token }) => token === "ann's" ? { id: "ann", roles: ["seller"] } : undefined,
  });
  server.registerHandler("look", () => ({ price: 1 }));
  server.registerHandler("sell", async ({ sku, quantity }, context) => {
    await Promise.resolve();
    if (sku === "none") throw context.error("SOLD_OUT", { sku });
    if (sku === "crash") throw new Error("the till is on fire");
    return { id: `sale-of-${sku}`, total: quantity * 2.5 };
  });
  server.registerHandler("close", (_nothing, { actor }) => ({ closedBy: actor.id }));
  await server.start();
  return server;
}

interface Stage {
  readonly broker: NatsServer;
  readonly peer: PlainPeer;
}

function foreignBehaviour(name: string, peer: PlainPeer | Error): void {
  function suite(title: string, tests: Readonly<Record<string, (stage: Stage) => Promise<void>>>): void {
    describeWithNatsServer(`${title} ${name}`, {}, (test) => {
      for (const [sentence, body] of Object.entries(tests)) {
        if (peer instanceof Error) {
          test.skip(sentence, peer.message);
          continue;
        }
        test(sentence, { timeoutMs }, async () => {
          await using broker = await startNatsServer();
          await body({ broker, peer });
        });
      }
    });
  }

  suite("A typed client and a plain service of", {
    async "request() gives its plain JSON answer as the schema's output"({ broker, peer }) {
      await using _service = await peer.serve(broker.url, lookSubject);
      await using client = await openClient(broker);
      assert.equal(await client.request("look", { answer: '{"price":7.5}' }), { price: 7.5 });
      const answer = '{ "price": 8, "since": "2026-11-23T10:00:00.000Z", "unknown": ["ä", null] }\n';
      const looked = await client.request("look", { answer, headers: { "X-Served-By": "somebody else" } });
      assert.equal(looked, { price: 8, since: new Date("2026-11-23T10:00:00.000Z") });
    },

    async "request() rejects with INVALID_RESPONSE what is not of the contract's shape"({ broker, peer }) {
      await using _service = await peer.serve(broker.url, lookSubject);
      await using client = await openClient(broker);
      for (const answer of ['{"price":"7.5"}', "{}", "[]", "null", "7.5", ""]) {
        const error = await failure(client.request("look", { answer }));
        assert.is(error.code, "INVALID_RESPONSE", answer);
        assert.is(error.execution, "executed", answer);
        assert.is(error.operation, "look", answer);
      }
      assert.equal(await client.request("look", { answer: '{"price":7.5}' }), { price: 7.5 });
    },

    async "request() rejects with MALFORMED_MESSAGE what is not JSON"({ broker, peer }) {
      await using _service = await peer.serve(broker.url, lookSubject);
      await using client = await openClient(broker);
      for (const answer of ['{"price":', "price=7.5", "'7.5'"]) {
        assert.is((await failure(client.request("look", { answer }))).code, "MALFORMED_MESSAGE", answer);
      }
    },

    async "request() rejects with a typed error for an ADR-32 error of two headers"({ broker, peer }) {
      await using _service = await peer.serve(broker.url, lookSubject);
      await using client = await openClient(broker);
      const expected: [status: number, code: string][] = [
        [400, "INVALID_REQUEST"],
        [401, "UNAUTHENTICATED"],
        [403, "FORBIDDEN"],
        [404, "INTERNAL"],
        [413, "PAYLOAD_TOO_LARGE"],
        [500, "INTERNAL"],
        [501, "UNSUPPORTED"],
        [503, "BUSY"],
        [504, "TIMEOUT"],
      ];
      for (const [status, code] of expected) {
        const text = `It said ${status}: größer als erlaubt`;
        const headers = { "Nats-Service-Error": text, "Nats-Service-Error-Code": String(status) };
        const error = await failure(client.request("look", { answer: "", headers }));
        assert.is(error.code, code);
        assert.is(error.status, status);
        assert.is(error.message, text);
        assert.is(error.operation, "look");
        // Nobody knows what a foreign service did before it refused.
        assert.is(error.execution, "unknown");
      }
    },

    async "request() takes an error for an error whatever stands in its body or its code"({ broker, peer }) {
      await using _service = await peer.serve(broker.url, lookSubject);
      await using client = await openClient(broker);
      for (
        const headers of [
          { "Nats-Service-Error": "Refused", "Nats-Service-Error-Code": "500" },
          { "Nats-Service-Error": "Refused" },
          { "nats-service-error": "Refused", "nats-service-error-code": "500" },
          { "Nats-Service-Error": "Refused", "Nats-Service-Error-Code": "E_REFUSED" },
          { "Nats-Service-Error": "Refused", "Nats-Service-Error-Code": "200" },
        ]
      ) {
        const error = await failure(client.request("look", { answer: '{"price":7.5}', headers }));
        assert.is(error.code, "INTERNAL");
        assert.is(error.message, "Refused");
        assert.is(error.status, 500);
      }
    },

    async "request() rejects with the contract's error where the service speaks the wire's headers"({ broker, peer }) {
      await using _service = await peer.serve(broker.url, lookSubject);
      await using client = await openClient(broker);
      const headers = {
        "Nats-Service-Error": "Nothing left",
        "Nats-Service-Error-Code": "409",
        "Mb-Error": "SOLD_OUT",
      };
      const answer = '{"code":"SOLD_OUT","message":"Nothing left","data":{"sku":"paper"}}';
      const error = await failure(client.request("look", { answer, headers }));
      assert.is(error.code, "SOLD_OUT");
      assert.is(error.status, 409);
      assert.equal(error.data, { sku: "paper" });

      const wrong = await failure(client.request("look", { answer: '{"data":{"sku":7}}', headers }));
      assert.is(wrong.code, "INVALID_RESPONSE");
    },

    async "subscribe() hears its plain JSON event, and goes on after one that does not fit"({ broker, peer }) {
      await using client = await openClient(broker);
      const errors: string[] = [];
      const { promise: heard, resolve: hear } = withResolvers<unknown>();
      const onError = (error: Error): void => void errors.push(isMessagingError(error) ? error.code : error.message);
      await client.subscribe("moved", { onError }, (data, { params }) => hear({ data, params: { ...params } })).ready;
      await peer.publish(broker.url, "stall.v3.event.moved.eu", '{"id":7}');
      await peer.publish(broker.url, "stall.v3.event.moved.eu", '{"id":');
      await peer.publish(broker.url, "stall.v3.event.moved.eu", '{ "id": "cart", "region": "eu" }');
      assert.equal(await heard, { data: { id: "cart", region: "eu" }, params: { region: "eu" } });
      assert.equal(errors, ["INVALID_EVENT", "MALFORMED_MESSAGE"]);
    },
  });

  suite("A server and a plain caller of", {
    async "a request with plain JSON gets the plain JSON result, and no headers"({ broker, peer }) {
      await using _server = await startStall(broker);
      const { body, headers } = await peer.request(broker.url, sellSubject, '{ "sku": "paper", "quantity": 4 }');
      assert.is(body, '{"id":"sale-of-paper","total":10}');
      assert.equal(headers, {});
    },

    async "a request that is refused gets an error of ADR-32 and of the wire"({ broker, peer }) {
      await using _server = await startStall(broker);
      const cases: [body: string, status: string, code: string, text: RegExp][] = [
        ['{"sku":', "400", "MALFORMED_MESSAGE", /JSON/],
        ["", "400", "INVALID_REQUEST", /./],
        ['{"sku":7,"quantity":1}', "400", "INVALID_REQUEST", /sku/],
        ['{"sku":"none","quantity":1}', "409", "SOLD_OUT", /^Nothing left$/],
        [
          '{"sku":"crash","quantity":1}',
          "500",
          "INTERNAL",
          /^The service failed; its logger has the reason under [\w-]{16,}$/,
        ],
      ];
      for (const [body, status, code, text] of cases) {
        const answer = await peer.request(broker.url, sellSubject, body);
        assert.match(answer.headers["Nats-Service-Error"]!, text);
        assert.is(answer.headers["Nats-Service-Error-Code"], status);
        assert.is(answer.headers["Mb-Error"], code);
        const told = JSON.parse(answer.body);
        assert.is(told.code, code);
        assert.match(told.message, text);
        if (code === "SOLD_OUT") assert.equal(told.data, { sku: "none" });
        if (code === "INTERNAL") assert.match(told.correlationId, /^[\w-]{16,}$/);
        assert.not.match(answer.body, /till|fire/);
      }
    },

    async "a request shows who it is from with Authorization: Bearer"({ broker, peer }) {
      await using _server = await startStall(broker);
      const refused = await peer.request(broker.url, closeSubject, "");
      assert.is(refused.headers["Nats-Service-Error-Code"], "401");
      assert.is(refused.headers["Mb-Error"], "UNAUTHENTICATED");

      const taken = await peer.request(broker.url, closeSubject, "", { Authorization: "Bearer ann's" });
      assert.is(taken.body, '{"closedBy":"ann"}');
      assert.equal(taken.headers, {});
    },

    async "an event arrives as plain JSON on its subject"({ broker, peer }) {
      await using server = await startStall(broker);
      await using hearing = await peer.hear(broker.url, "stall.v3.event.moved.*");
      await server.broadcast("moved", { id: "cart", region: "eu" });
      assert.is(await hearing.body, '{"id":"cart","region":"eu"}');
    },
  });
}

async function failure(promise: PromiseLike<unknown>): Promise<MessagingError> {
  const error = await expectRejection(promise);
  assert.ok(isMessagingError(error), String(error));
  return error as MessagingError;
}

// A file may take 60 s to load; pip needs some seconds, once for each user.
const installLimitMs = 45_000;
const natsPyPeer = await Promise.race([
  findNatsPyPeer().catch((error: Error) => error),
  delay(installLimitMs, new Error(`pip had not installed nats-py within ${installLimitMs} ms`), { ref: false }),
]);

foreignBehaviour("nats.js", natsJsPeer);
foreignBehaviour("nats-py", natsPyPeer);
