import { exportJWK, generateKeyPair, SignJWT } from "jose";
import * as assert from "uvu/assert";
import { createMessagingServer } from "../../mod.ts";
import { createGateway, type Gateway, type GatewayOptions } from "../../src/gateway/mod.ts";
import { createJwtAuthenticator, type PublicJwk } from "../../src/security/create-jwt-authenticator.ts";
import { eventData, mayUse, roleNames, shop } from "../security/shop.ts";
import { describe } from "../support/suite.ts";
import { ownNamespace } from "../transport-behaviour/desk.ts";
import type { TransportKind } from "../transport-behaviour/transport-kind.ts";
import { type Answer, answerOf, problemIn } from "./answer.ts";
import { FrameReader } from "./frame-reader.ts";

const issuer = "https://id.example.com";

/** An identity provider with one key. */
async function openProvider() {
  const { publicKey, privateKey } = await generateKeyPair("ES256", { extractable: true });
  const keys = [{ ...await exportJWK(publicKey), kid: "k", alg: "ES256" }] as PublicJwk[];
  const options = { issuer, audience: "shop", algorithms: ["ES256"], keys };
  return {
    authenticate: createJwtAuthenticator({ ...options, roles: (claims) => claims["roles"] }),
    sign: (roles: readonly string[], audience = "shop", expires: string | number = "5m"): Promise<string> =>
      new SignJWT({ roles }).setProtectedHeader({ alg: "ES256", kid: "k" }).setIssuer(issuer).setAudience(audience)
        .setSubject("ann").setExpirationTime(expires).sign(privateKey),
  };
}

/** A shop whose handlers say what their caller may use, with a gateway in front of it. */
async function openShop(kind: TransportKind, options: Partial<GatewayOptions> = {}) {
  const namespace = ownNamespace();
  const provider = await openProvider();
  const { authenticate } = provider;
  const server = createMessagingServer({ contract: shop, transport: kind.connect(), namespace, authenticate });
  for (const name of shop.requests.keys()) {
    server.registerHandler(name as "ping", (_, { actor }) => {
      const all = [...shop.requests.keys(), ...shop.events.keys()];
      return { text: all.filter((operation) => actor.can(`shop.${operation}`)).join(" ") };
    });
  }
  await server.start();
  const transport = kind.connect();
  const gateway = createGateway({ contracts: [shop], transport, namespace, authenticate, ...options });
  return {
    ...provider,
    server,
    gateway,
    [Symbol.asyncDispose]: async () => {
      await gateway.stop({ graceMs: 50 });
      await server.stop({ graceMs: 50 });
    },
  };
}

async function ask(gateway: Gateway, name: string, token: string | undefined, more = {}): Promise<Answer> {
  const authorization = token === undefined ? {} : { Authorization: `Bearer ${token}` };
  const response = await gateway.fetch(
    new Request(`http://gateway.example/shop/v2/${name}`, {
      method: "POST",
      headers: { "Content-Type": "application/json", ...authorization, ...more },
      body: JSON.stringify({ text: "manager", roles: ["manager"], actor: { roles: ["manager"] } }),
    }),
  );
  return await answerOf(response);
}

function listen(gateway: Gateway, query: string, token: string | undefined): Promise<Response> {
  const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` };
  return gateway.fetch(new Request(`http://gateway.example/shop/v2/events?${query}`, { headers }));
}

/** Who gets in: the contract's roles at the edge, and again behind it. */
export function gatewayAccess(kind: TransportKind): void {
  describe(`${kind.name}: access through the gateway`, (test) => {
    test("each role may use what the contract says and nothing else, in 4 roles and 12 operations", async () => {
      await using scene = await openShop(kind);
      const { gateway, server, sign } = scene;
      let cells = 0;
      for (const role of roleNames) {
        const token = await sign([role]);
        for (const name of shop.requests.keys()) {
          const answer = await ask(gateway, name, token);
          cells += 1;
          if (!mayUse[role].includes(name)) {
            problemIn(answer, "FORBIDDEN", 403);
            continue;
          }
          assert.is(answer.status, 200, `${role} ${name}: ${answer.text}`);
          // The service has verified the same token again.
          assert.equal((answer.json as { text: string }).text.split(" ").sort(), [...mayUse[role]].sort());
        }
        for (const name of shop.events.keys()) {
          const response = await listen(gateway, `name=${name}`, token);
          cells += 1;
          if (!mayUse[role].includes(name)) {
            problemIn(await answerOf(response), "FORBIDDEN", 403);
            continue;
          }
          const frames = await FrameReader.of(response);
          await server.broadcast(name as "announced", eventData(name, "acme") as { text: string });
          assert.equal(await frames.data(), eventData(name, "acme"));
          await frames.cancel();
        }
      }
      assert.is(cells, 48);
    });

    test("without a token the public is open and nothing else; with a bad one nothing is", async () => {
      await using scene = await openShop(kind);
      const { gateway } = scene;
      for (const name of shop.requests.keys()) {
        const answer = await ask(gateway, name, undefined);
        if (name === "ping") assert.is(answer.status, 200);
        else assert.is(problemIn(answer, "UNAUTHENTICATED", 401).execution, "not-executed");
        if (name !== "ping") assert.is(answer.headers.get("WWW-Authenticate"), "Bearer");
        problemIn(await ask(gateway, name, "garbage"), "UNAUTHENTICATED", 401);
      }
      for (const name of shop.events.keys()) {
        const response = await listen(gateway, `name=${name}`, undefined);
        if (name === "announced") await (await FrameReader.of(response)).cancel();
        else problemIn(await answerOf(response), "UNAUTHENTICATED", 401);
        problemIn(await answerOf(await listen(gateway, `name=${name}`, "garbage")), "UNAUTHENTICATED", 401);
      }
    });

    test("nobody becomes more by what they claim: headers, bodies, other audiences, old and forged tokens", async () => {
      await using scene = await openShop(kind);
      const { gateway, sign } = scene;
      const viewer = await sign(["viewer"]);
      const [head, , signature] = viewer.split(".");
      const claims = btoa(JSON.stringify({ iss: issuer, aud: "shop", sub: "ann", exp: 4e9, roles: ["manager"] }));
      const stale = Math.floor(Date.now() / 1_000) - 60;
      const none = ["none", "None", "NONE", "nOnE"].map((alg) => {
        return `${btoa(JSON.stringify({ alg })).replaceAll("=", "")}.${claims.replaceAll("=", "")}.`;
      });
      const forged = {
        "X-Role": "manager",
        "X-Actor": '{"roles":["manager"]}',
        "Mb-Signature": "v1;kid=UAAA;sig=x",
        "Mb-Request-Id": "x",
        "Nats-Service-Error": "",
      };
      const attempts: [string, number, string | undefined][] = [
        ["FORBIDDEN", 403, viewer],
        ["FORBIDDEN", 403, await sign(["Manager", "manager ", "admin", "*", "__proto__", "constructor"])],
        ["UNAUTHENTICATED", 401, await sign(["manager"], "billing")],
        ["UNAUTHENTICATED", 401, await sign(["manager"], "shop", stale)],
        ["UNAUTHENTICATED", 401, `${head}.${claims.replaceAll("=", "")}.${signature}`],
        ["UNAUTHENTICATED", 401, `${viewer} ${viewer}`],
        ["UNAUTHENTICATED", 401, undefined],
        ...none.map((token): [string, number, string] => ["UNAUTHENTICATED", 401, token]),
      ];
      for (const [code, status, token] of attempts) {
        problemIn(await ask(gateway, "cancelOrder", token, forged), code, status);
        problemIn(await answerOf(await listen(gateway, "name=orderFlagged", token)), code, status);
      }
    });

    test("the gateway's yes is not the service's: one that knows no such token refuses it again", async () => {
      const other = await openProvider();
      await using scene = await openShop(kind, { authenticate: other.authenticate });
      const answer = await ask(scene.gateway, "findItem", await other.sign(["manager"]));
      problemIn(answer, "UNAUTHENTICATED", 401);
    });

    test("a tenant hears its own events, and of another's neither whether there are any nor what they say", async () => {
      await using scene = await openShop(kind, {
        authorizeEvents: ({ params, actor }) => params["tenant"] === (actor.claims?.["roles"] as string[])[1],
      });
      const { gateway, server, sign } = scene;
      const token = await sign(["manager", "acme"]);
      const frames = await FrameReader.of(await listen(gateway, "name=stockChanged&tenant=acme", token));
      const refused: string[] = [];
      for (
        const query of ["tenant=other", "tenant=nobody", "tenant=acme2", "id=7", "", "tenant=Acme", "tenant=acme."]
      ) {
        const answer = await answerOf(await listen(gateway, `name=stockChanged&${query}`, token));
        problemIn(answer, "FORBIDDEN", 403);
        refused.push(answer.text);
      }
      for (const filter of ["other.*", "*.*", "*.7", "acme=2E.7"]) {
        refused.push((await answerOf(await listen(gateway, `filter=stockChanged.${filter}`, token))).text);
      }
      assert.is(new Set(refused).size, 1);
      for (const tenant of ["other", "acme2", "acme"]) await server.broadcast("stockChanged", { tenant, id: "7" });
      assert.equal(await frames.data(), { tenant: "acme", id: "7" });
      await frames.cancel();
    });

    test("authorize decides by a request's data once its schema has, and its no is FORBIDDEN", async () => {
      const asked: unknown[] = [];
      await using scene = await openShop(kind, {
        authorize: ({ contract, operation, data, actor }) => {
          asked.push([contract, operation, data, actor.id]);
          return operation === "ping";
        },
      });
      const token = await scene.sign(["manager"]);
      assert.is((await ask(scene.gateway, "ping", token)).status, 200);
      problemIn(await ask(scene.gateway, "findItem", token), "FORBIDDEN", 403);
      assert.equal(asked, [
        ["shop", "ping", { text: "manager" }, "ann"],
        ["shop", "findItem", { text: "manager" }, "ann"],
      ]);
    });

    test("a contract whose callers could not be verified makes no gateway, nor does one contract twice", () => {
      const transport = kind.connect();
      assert.throws(() => createGateway({ contracts: [shop], transport }), /"shop".*not public.*authenticate/);
      const authenticate = () => undefined;
      assert.throws(() => createGateway({ contracts: [shop, shop], transport, authenticate }), /"shop\/v2" twice/);
    });
  });
}
