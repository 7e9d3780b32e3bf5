import * as assert from "uvu/assert";
import { createMessagingServer, type MessagingServer, type Transport } from "../../../mod.ts";
import { createJwtAuthenticator } from "../../../src/security/create-jwt-authenticator.ts";
import { mayUse, roleNames, shop } from "../../security/shop.ts";
import { describe } from "../../support/suite.ts";
import { until } from "../../support/until.ts";
import { ownNamespace } from "../../transport-behaviour/desk.ts";
import { readEvents } from "./event-lines.ts";
import type { IdentityProvider } from "./identity-provider.ts";

/** What the tests of a running gateway need. */
export interface GatewayOverHttpOptions {
  /** Stands in front of every test's name. */
  readonly name: string;
  /** Where the gateway of a namespace is. */
  readonly urlOf: (namespace: string) => string;
  /** A transport to the broker behind it. */
  readonly connect: () => Transport;
  /** Whose tokens it takes. */
  readonly provider: IdentityProvider;
  /** The one foreign origin that may use it. */
  readonly origin: string;
  /** Whether its runtime tells that a caller has left; where not, the work goes on until its deadline. */
  readonly hearsLeaving: boolean;
}

interface Shop extends AsyncDisposable {
  readonly url: string;
  readonly server: MessagingServer<typeof shop>;
  /** The handlers that were told that nobody waits any longer. */
  readonly aborted: () => number;
  readonly running: () => number;
}

/** What a caller without this library sees of a gateway, over real HTTP. */
export function gatewayOverHttp(options: GatewayOverHttpOptions): void {
  const { provider, origin, hearsLeaving } = options;

  async function openShop(): Promise<Shop> {
    const namespace = ownNamespace().replaceAll(".", "-");
    const { issuer, keys } = provider;
    const server = createMessagingServer({
      contract: shop,
      transport: options.connect(),
      namespace,
      authenticate: createJwtAuthenticator({
        issuer,
        audience: "shop",
        algorithms: ["ES256"],
        keys,
        roles: (claims) => claims["roles"],
      }),
    });
    let aborted = 0;
    let running = 0;
    for (const name of shop.requests.keys()) {
      server.registerHandler(name as "ping", ({ text }, { actor, signal, headers, traceparent }) => {
        if (text !== "wait") return { text: JSON.stringify({ actor: actor.id, headers: [...headers], traceparent }) };
        running += 1;
        return new Promise((_, reject) => {
          signal.addEventListener("abort", () => {
            aborted += 1;
            reject(signal.reason);
          });
        });
      });
    }
    await server.start();
    return {
      url: options.urlOf(namespace),
      server,
      aborted: () => aborted,
      running: () => running,
      [Symbol.asyncDispose]: () => server.stop({ graceMs: 1_000 }),
    };
  }

  function post(url: string, text: unknown, headers: Record<string, string> = {}, signal?: AbortSignal) {
    return fetch(url, {
      method: "POST",
      body: JSON.stringify({ text }),
      headers: { "Content-Type": "application/json", ...headers },
      ...(signal === undefined ? {} : { signal }),
    });
  }

  async function expectProblem(response: Response, status: number, code: string): Promise<void> {
    const problem = await response.json();
    assert.equal([response.status, problem.code, problem.status], [status, code, status], JSON.stringify(problem));
    assert.match(response.headers.get("Content-Type")!, "application/problem+json");
    assert.is(response.headers.get("Cache-Control"), "no-store");
  }

  describe(`${options.name}: the gateway over HTTP`, (test) => {
    test(
      "each role may use what the contract says and nothing else, events included",
      { timeoutMs: 30_000 },
      async () => {
        await using gateway = await openShop();
        for (const role of roleNames) {
          const authorization = { Authorization: `Bearer ${await provider.sign([role])}` };
          for (const name of shop.requests.keys()) {
            const response = await post(`${gateway.url}/shop/v2/${name}`, "x", authorization);
            assert.is(response.status, mayUse[role].includes(name) ? 200 : 403, `${role} ${name}`);
            await response.body?.cancel();
          }
          for (const name of shop.events.keys()) {
            const abort = new AbortController();
            const init = { headers: authorization, signal: abort.signal };
            const response = await fetch(`${gateway.url}/shop/v2/events?name=${name}`, init);
            assert.is(response.status, mayUse[role].includes(name) ? 200 : 403, `${role} ${name}`);
            abort.abort();
          }
        }
      },
    );

    test("nobody, somebody else's token and an expired one are 401; what is not in the contract is 404", async () => {
      await using gateway = await openShop();
      const expired = await provider.sign(["manager"], Math.floor(Date.now() / 1_000) - 10);
      for (const headers of [{}, { Authorization: "Bearer nonsense" }, { Authorization: `Bearer ${expired}` }]) {
        const response = await post(`${gateway.url}/shop/v2/cancelOrder`, "x", headers as Record<string, string>);
        assert.match(response.headers.get("WWW-Authenticate")!, /^Bearer/);
        await expectProblem(response, 401, "UNAUTHENTICATED");
      }
      for (
        const path of ["shop/v2/nothing", "shop/v1/ping", "stock/v2/ping", "shop/v2/__proto__", "shop/v2/ping/x", "x"]
      ) {
        await expectProblem(await post(`${gateway.url}/${path}`, "x"), 404, "NO_RESPONDERS");
      }
    });

    test("a wrong method, content type, encoding, body and size are refused with their statuses", async () => {
      await using gateway = await openShop();
      const ping = `${gateway.url}/shop/v2/ping`;
      const send = (body: string, headers: Record<string, string>) => fetch(ping, { method: "POST", body, headers });
      const json = { "Content-Type": "application/json" };
      await expectProblem(await fetch(ping), 405, "UNSUPPORTED");
      await expectProblem(await send('{"text":"x"}', { "Content-Type": "text/plain" }), 415, "UNSUPPORTED");
      await expectProblem(await send("x", { ...json, "Content-Encoding": "gzip" }), 415, "UNSUPPORTED");
      await expectProblem(await send('{"text":', json), 400, "MALFORMED_MESSAGE");
      await expectProblem(await send('{"text":"a","te\\u0078t":"b"}', json), 400, "MALFORMED_MESSAGE");
      await expectProblem(await send('{"text":1}', json), 400, "INVALID_REQUEST");
      await expectProblem(await send(JSON.stringify({ text: "x".repeat(300_000) }), json), 413, "PAYLOAD_TOO_LARGE");
    });

    test("nothing of NATS, of the library or of a trace comes in from outside; the token that was verified goes on", async () => {
      await using gateway = await openShop();
      const response = await post(`${gateway.url}/shop/v2/findItem`, "x", {
        "Authorization": `Bearer ${await provider.sign(["viewer"])}`,
        "Nats-Rollup": "all",
        "Mb-Request-Id": "forged",
        "X-Forwarded-For": "10.0.0.1",
        "X-Role": "manager",
        "X-Case": "Kept",
        "traceparent": `00-${"1".repeat(32)}-${"2".repeat(16)}-01`,
      });
      const { actor, headers, traceparent } = JSON.parse((await response.json()).text);
      assert.is(actor, "ann");
      const names = (headers as string[][]).map(([name]) => name!.toLowerCase());
      assert.not.ok(names.includes("nats-rollup") || names.includes("x-forwarded-for") || names.includes("x-role"));
      assert.not.ok((headers as string[][]).some(([, value]) => value === "forged"));
      assert.ok((headers as string[][]).some(([name, value]) => name?.toLowerCase() === "x-case" && value === "Kept"));
      assert.match(traceparent, /^00-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}$/);
      assert.not.match(traceparent, "1".repeat(32));
    });

    test("a caller that leaves ends the work behind, and a deadline is the handler's too", async () => {
      await using gateway = await openShop();
      const leave = new AbortController();
      const left = post(`${gateway.url}/shop/v2/ping`, "wait", {
        "Request-Timeout-Ms": hearsLeaving ? "30000" : "1000",
      }, leave.signal);
      await until("the handler", () => gateway.running() === 1);
      leave.abort();
      await left.then(() => assert.unreachable(), () => {});
      await until("the end of the work", () => gateway.aborted() === 1);
      const late = await post(`${gateway.url}/shop/v2/ping`, "wait", { "Request-Timeout-Ms": "100" });
      await expectProblem(late, 504, "TIMEOUT");
      await until("the end of the late work", () => gateway.aborted() === 2);
    });

    test("events come as a stream: ready, filtered by parameter, each with an id; leaving ends it", async () => {
      await using gateway = await openShop();
      const abort = new AbortController();
      const headers = { Authorization: `Bearer ${await provider.sign(["viewer"])}` };
      const url = `${gateway.url}/shop/v2/events?name=stockChanged&tenant=acme`;
      const response = await fetch(url, { headers, signal: abort.signal });
      assert.is(response.status, 200);
      assert.match(response.headers.get("Content-Type")!, "text/event-stream");
      const events = readEvents(response);
      await gateway.server.broadcast("stockChanged", { tenant: "other", id: "1" });
      await gateway.server.broadcast("stockChanged", { tenant: "acme", id: "2\r\n\r\nevent: forged" });
      await gateway.server.broadcast("stockChanged", { tenant: "acme", id: "3" });
      const seen = [(await events.next()).value!, (await events.next()).value!];
      assert.equal(seen.map(({ event, data }) => [event, JSON.parse(data).id]), [
        ["stockChanged", "2\r\n\r\nevent: forged"],
        ["stockChanged", "3"],
      ]);
      assert.match(seen[0]!.id, /^[\w-]+-\d+$/);
      abort.abort();
      const metrics = await until("the end of the stream", async () => {
        const text = await (await fetch(`${gateway.url}/metrics`)).text();
        return /^\w*streams\w* 0$/m.test(text) && text;
      });
      assert.match(metrics, "shop");
    });

    test("another tenant's events are refused whether there are any or not, and a forged id is", async () => {
      await using gateway = await openShop();
      const headers = { Authorization: `Bearer ${await provider.sign(["viewer"])}` };
      for (const query of ["name=stockChanged&tenant=other", "filter=stockChanged.nobody.*"]) {
        await expectProblem(await fetch(`${gateway.url}/shop/v2/events?${query}`, { headers }), 403, "FORBIDDEN");
      }
      const url = `${gateway.url}/shop/v2/events?name=announced`;
      const forged = { headers: { ...headers, "Last-Event-ID": "0' OR 1=1" } };
      await expectProblem(await fetch(url, forged), 400, "INVALID_REQUEST");
    });

    test("a stream ends with a typed event when its token does", { timeoutMs: 20_000 }, async () => {
      await using gateway = await openShop();
      const expires = Math.floor(Date.now() / 1_000) + 2;
      const headers = { Authorization: `Bearer ${await provider.sign(["viewer"], expires)}` };
      const events = readEvents(await fetch(`${gateway.url}/shop/v2/events?name=announced`, { headers }));
      const { value } = await events.next();
      assert.is(value!.event, "gateway.end");
      assert.is(JSON.parse(value!.data).code, "UNAUTHENTICATED");
      assert.ok(Date.now() < expires * 1_000 + 5_000);
      assert.ok((await events.next()).done);
    });

    test("only the listed origin may read the answers, and every answer says that it varies", async () => {
      await using gateway = await openShop();
      for (
        const asked of [origin, "null", `${origin}.evil.com`, origin.toUpperCase(), origin.replace("https", "http")]
      ) {
        const allowed = asked === origin ? origin : null;
        const answer = await post(`${gateway.url}/shop/v2/ping`, "x", { Origin: asked });
        assert.is(answer.headers.get("Access-Control-Allow-Origin"), allowed, asked);
        assert.match(answer.headers.get("Vary")!, "Origin");
        const preflight = await fetch(`${gateway.url}/shop/v2/ping`, {
          method: "OPTIONS",
          headers: { "Origin": asked, "Access-Control-Request-Method": "POST" },
        });
        assert.is(preflight.headers.get("Access-Control-Allow-Origin"), allowed, asked);
        assert.is(preflight.headers.get("Access-Control-Allow-Credentials"), null);
      }
    });

    test("tells its health, its readiness and its numbers", async () => {
      await using gateway = await openShop();
      await (await post(`${gateway.url}/shop/v2/ping`, "x")).json();
      assert.is((await fetch(`${gateway.url}/healthz`)).status, 200);
      const ready = await fetch(`${gateway.url}/readyz`);
      assert.equal([ready.status, (await ready.json()).status], [200, "ready"]);
      const metrics = await fetch(`${gateway.url}/metrics`);
      assert.match(metrics.headers.get("Content-Type")!, /^text\/plain; version=0\.0\.4/);
      assert.match(await metrics.text(), /requests_total\{.*operation="ping".*status="200".*\} 1/);
    });
  });
}
