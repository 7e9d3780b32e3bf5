import * as assert from "uvu/assert";
import { MemoryTransport } from "../../mod.ts";
import { createGateway, type Gateway } from "../../src/gateway/mod.ts";
import { describe } from "../support/suite.ts";
import { deskContract } from "../transport-behaviour/desk.ts";
import { deskRequest, eventsUrl } from "./desk-gateway.ts";

const origins = ["https://app.example.com", "http://127.0.0.1:5173"];

/** Thirty that are not in the list, each near to one that is. */
const strangers = [
  "null",
  "*",
  "",
  "https://app.example.com/",
  "https://app.example.com:443",
  "https://app.example.com:8443",
  "https://app.example.com.",
  "https://app.example.com.evil.com",
  "https://evilapp.example.com",
  "https://app-example.com",
  "https://appxexample.com",
  "https://example.com",
  "https://com",
  "https://sub.app.example.com",
  "http://app.example.com",
  "ws://app.example.com",
  "HTTPS://app.example.com",
  "https://APP.example.com",
  "https://app.example.com, https://evil.com",
  "https://evil.com, https://app.example.com",
  "https://app.example.com https://evil.com",
  "https://user@app.example.com",
  "https://app.example.com@evil.com",
  "app.example.com",
  "//app.example.com",
  "file://",
  "https://127.0.0.1:5173",
  "http://127.0.0.1",
  "http://127.0.0.1:51730",
  "http://localhost:5173",
];

function openGateway(): Gateway {
  return createGateway({
    contracts: [deskContract],
    transport: new MemoryTransport(),
    cors: { origins, maxAgeSeconds: 60 },
    forwardHeaders: ["X-Tenant"],
  });
}

function preflight(url: string, origin: string, method = "POST"): Request {
  const headers = {
    "Origin": origin,
    "Access-Control-Request-Method": method,
    "Access-Control-Request-Headers": "authorization,content-type",
  };
  return new Request(url, { method: "OPTIONS", headers });
}

function corsHeaders(response: Response): string[] {
  return [...response.headers.keys()].filter((name) => name.startsWith("access-control-"));
}

describe("The gateway's CORS", (test) => {
  test("lets exactly the listed origins in, and nothing near them, 30 times", async () => {
    assert.is(strangers.length, 30);
    await using gateway = openGateway();
    const url = deskRequest("order").url;
    for (const origin of strangers) {
      const answers = [
        await gateway.fetch(deskRequest("order", { sku: "A" }, { headers: { Origin: origin } })),
        await gateway.fetch(preflight(url, origin)),
        await gateway.fetch(preflight(eventsUrl("name=opened"), origin, "GET")),
        await gateway.fetch(new Request(eventsUrl("name=unknown"), { headers: { Origin: origin } })),
        await gateway.fetch(new Request("http://gateway.example/readyz", { headers: { Origin: origin } })),
      ];
      for (const response of answers) {
        assert.equal(corsHeaders(response), [], origin);
        assert.is(response.headers.get("Vary"), "Origin");
      }
    }
  });

  test("names the origin itself, never *, and never lets credentials of the browser's own along", async () => {
    await using gateway = openGateway();
    for (const origin of origins) {
      const response = await gateway.fetch(deskRequest("order", { sku: "A" }, { headers: { Origin: origin } }));
      // Nobody serves it: errors are for the page to read too.
      assert.is(response.status, 503);
      assert.is(response.headers.get("Access-Control-Allow-Origin"), origin);
      assert.is(response.headers.get("Access-Control-Allow-Credentials"), null);
      assert.match(response.headers.get("Access-Control-Expose-Headers")!, "Retry-After");
      assert.is(response.headers.get("Vary"), "Origin");
      const ready = await gateway.fetch(new Request("http://gateway.example/readyz", { headers: { Origin: origin } }));
      assert.is(ready.headers.get("Access-Control-Allow-Origin"), origin);
      const [unknown] = [await gateway.fetch(deskRequest("unknown", {}, { headers: { Origin: origin } }))];
      assert.equal([unknown!.status, unknown!.headers.get("Access-Control-Allow-Origin")], [404, origin]);
    }
  });

  test("answers a preflight with the route's methods and the headers that callers may send", async () => {
    await using gateway = openGateway();
    const routes = [[deskRequest("order").url, "POST, OPTIONS"], [eventsUrl("name=opened"), "GET, OPTIONS"]] as const;
    for (const [url, methods] of routes) {
      const response = await gateway.fetch(preflight(url, origins[0]!));
      assert.is(response.status, 204);
      assert.is(response.headers.get("Access-Control-Allow-Origin"), origins[0]);
      assert.is(response.headers.get("Access-Control-Allow-Methods"), methods);
      assert.is(
        response.headers.get("Access-Control-Allow-Headers"),
        "Authorization, Content-Type, Idempotency-Key, Request-Timeout-Ms, Last-Event-ID, traceparent, tracestate, X-Tenant",
      );
      assert.is(response.headers.get("Access-Control-Max-Age"), "60");
      assert.is(response.headers.get("Vary"), "Origin");
    }
    // Then the page gets to read its typed 404.
    const unknown = await gateway.fetch(preflight(deskRequest("unknown").url, origins[0]!));
    assert.is(unknown.headers.get("Access-Control-Allow-Origin"), origins[0]);
  });

  test("does not cover what is for operators", async () => {
    await using gateway = openGateway();
    for (const path of ["/metrics", "/healthz"]) {
      const request = new Request(`http://gateway.example${path}`, { headers: { Origin: origins[0]! } });
      assert.equal(corsHeaders(await gateway.fetch(request)), [], path);
      const refused = new Request(request, { method: "POST" });
      assert.equal(corsHeaders(await gateway.fetch(refused)), [], path);
      assert.equal(corsHeaders(await gateway.fetch(preflight(`http://gateway.example${path}`, origins[0]!))), [], path);
    }
  });

  test("allows nobody where no origins are given", async () => {
    await using gateway = createGateway({ contracts: [deskContract], transport: new MemoryTransport() });
    const response = await gateway.fetch(
      deskRequest("order", { sku: "A" }, { headers: { Origin: "https://a.example" } }),
    );
    assert.equal(corsHeaders(response), []);
  });

  test("takes no list with an origin that no browser writes so", () => {
    const transport = new MemoryTransport();
    for (
      const origin of [
        "*",
        "null",
        "https://app.example.com/",
        "https://App.example.com",
        "app.example.com",
        "https://a:443",
        "",
      ]
    ) {
      const make = () => createGateway({ contracts: [deskContract], transport, cors: { origins: [origin] } });
      assert.throws(make, /cors\.origins/, origin);
    }
    const cors = { origins, maxAgeSeconds: -1 };
    assert.throws(() => createGateway({ contracts: [deskContract], transport, cors }), /maxAgeSeconds/);
  });
});
