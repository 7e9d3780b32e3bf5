import { exportJWK, generateKeyPair, SignJWT } from "jose";
import * as assert from "uvu/assert";
import { type Authenticate, createMessagingServer, isMessagingError, type MessagingServer } from "../../mod.ts";
import { createJwtAuthenticator, type PublicJwk } from "../../src/security/create-jwt-authenticator.ts";
import { describe } from "../support/suite.ts";
import { ownNamespace } from "../transport-behaviour/desk.ts";
import { clientAt, serverTransport } from "../transport-behaviour/participants.ts";
import type { Place, TransportKind } from "../transport-behaviour/transport-kind.ts";
import { mayUse, roleNames, shop } from "./shop.ts";

const { publicKey, privateKey } = await generateKeyPair("ES256", { extractable: true });
const issuer = "https://id.example.com";
const keys = [{ ...await exportJWK(publicKey), kid: "k", alg: "ES256" }] as PublicJwk[];
const authenticate: Authenticate = createJwtAuthenticator({
  issuer,
  audience: "shop",
  algorithms: ["ES256"],
  keys,
  roles: (claims) => claims["roles"],
});

function sign(roles: readonly string[], audience = "shop", expires: string | number = "5m"): Promise<string> {
  return new SignJWT({ roles }).setProtectedHeader({ alg: "ES256", kid: "k" }).setIssuer(issuer).setAudience(audience)
    .setSubject("ann").setExpirationTime(expires).sign(privateKey);
}

/** Which operations an actor could use, as its handler was told. */
type Offered = readonly string[];

function placeOf(namespace: string): Place & { readonly contract: typeof shop; readonly authenticate: Authenticate } {
  return { contract: shop, namespace, authenticate };
}

function openShop(kind: TransportKind, namespace: string): MessagingServer<typeof shop> {
  const server = createMessagingServer({ ...placeOf(namespace), transport: serverTransport(kind) });
  for (const name of shop.requests.keys()) {
    server.registerHandler(name as "ping", (_, { actor }) => {
      const all = [...shop.requests.keys(), ...shop.events.keys()];
      return { text: all.filter((operation) => actor.can(`shop.${operation}`)).join(" ") };
    });
  }
  return server;
}

/** Calls one request; gives what the actor could use, or the code of the refusal. */
async function call(
  kind: TransportKind,
  namespace: string,
  name: string,
  token: string | undefined,
  headers?: Record<string, string>,
): Promise<Offered | string> {
  const client = clientAt(kind, placeOf(namespace), token === undefined ? {} : { token });
  await using _ = client;
  await client.connect();
  try {
    const input = { text: "manager", roles: ["manager"], role: "manager", actor: { roles: ["manager"] } };
    const { text } = await client.request(name as "ping", input, headers === undefined ? {} : { headers });
    return text.split(" ");
  } catch (error) {
    return isMessagingError(error) ? error.code : String(error);
  }
}

/** The server's own check: every role with every operation, and what callers try to be more than they are. */
export function serverMatrix(kind: TransportKind): void {
  describe(`${kind.name}: the server's role check`, (test) => {
    test("each role may use what the contract says and nothing else, in 4 roles and 12 operations", async () => {
      const namespace = ownNamespace();
      await using server = openShop(kind, namespace);
      await server.start();
      let cells = 0;
      for (const role of roleNames) {
        const token = await sign([role]);
        for (const name of shop.requests.keys()) {
          const result = await call(kind, namespace, name, token);
          const wanted = mayUse[role].includes(name);
          assert.is(typeof result === "object", wanted, `${role} ${name}: ${result}`);
          if (!wanted) assert.is(result, "FORBIDDEN");
          cells += 1;
        }
        // What a handler is told of events, which the broker's permissions enforce.
        const offered = await call(kind, namespace, "ping", token);
        assert.equal([...offered as Offered].sort(), [...mayUse[role]].sort(), role);
        cells += shop.events.size;
      }
      assert.is(cells, 48);
    });

    test("nobody becomes more by what they claim: payload, headers, other audiences, old and forged tokens", async () => {
      const namespace = ownNamespace();
      await using server = openShop(kind, namespace);
      await server.start();
      const viewer = await sign(["viewer"]);
      const [head, , signature] = viewer.split(".");
      const claims = btoa(JSON.stringify({ iss: issuer, aud: "shop", sub: "ann", exp: 4e9, roles: ["manager"] }));
      const stale = Math.floor(Date.now() / 1_000) - 60;
      const attempts: [string, string | undefined, Record<string, string>?][] = [
        ["FORBIDDEN", viewer],
        ["FORBIDDEN", viewer, { "X-Role": "manager", "Role": "manager", "X-Actor": '{"roles":["manager"]}' }],
        ["FORBIDDEN", await sign(["Manager", "manager ", "admin", "*", "__proto__", "constructor"])],
        ["UNAUTHENTICATED", undefined],
        ["UNAUTHENTICATED", await sign(["manager"], "billing")],
        ["UNAUTHENTICATED", await sign(["manager"], "shop", stale)],
        ["UNAUTHENTICATED", `${head}.${claims.replaceAll("=", "")}.${signature}`],
        ...["none", "None", "NONE", "nOnE"].map((alg): [string, string] => [
          "UNAUTHENTICATED",
          `${btoa(JSON.stringify({ alg })).replaceAll("=", "")}.${claims.replaceAll("=", "")}.`,
        ]),
      ];
      for (const [wanted, token, headers] of attempts) {
        const result = await call(kind, namespace, "cancelOrder", token, headers);
        assert.is(result, wanted);
      }
    });
  });
}
