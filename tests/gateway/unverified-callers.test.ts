import { exportJWK, generateKeyPair, SignJWT } from "jose";
import * as assert from "uvu/assert";
import * as v from "valibot";
import {
  createContract,
  createMessagingClient,
  createMessagingServer,
  isMessagingError,
  type LogFields,
  type Logger,
  MemoryTransport,
} from "../../mod.ts";
import { createGateway } from "../../src/gateway/mod.ts";
import {
  createJwtAuthenticator,
  type JwtAuthenticatorOptions,
  type PublicJwk,
} from "../../src/security/create-jwt-authenticator.ts";
import { expectRejection } from "../support/expect-rejection.ts";
import { freePort } from "../support/free-port.ts";
import { describe } from "../support/suite.ts";
import { answerOf, problemIn } from "./answer.ts";

const contract = createContract({
  name: "library",
  version: "1.0.0",
  roles: { reader: {} },
  requests: {
    find: { request: v.any(), response: v.any(), access: ["reader"] },
    hours: { request: v.any(), response: v.any(), access: "public" },
  },
});
const { publicKey, privateKey } = await generateKeyPair("ES256", { extractable: true });
const keys = [{ ...await exportJWK(publicKey), kid: "k", alg: "ES256" }] as PublicJwk[];
const same = { issuer: "https://id.example.com", audience: "library", algorithms: ["ES256"] };

function tokenFor(audience: string): Promise<string> {
  return new SignJWT({ roles: ["reader"] }).setProtectedHeader({ alg: "ES256", kid: "k" }).setIssuer(same.issuer)
    .setAudience(audience).setSubject("ann").setExpirationTime("5m").sign(privateKey);
}

/** A service and a gateway that verify alike, both with a log. */
async function openLibrary(options: Pick<JwtAuthenticatorOptions, "keys"> | { readonly jwksUrl: string }) {
  const logged: [string, LogFields][] = [];
  const note = (text: string, fields: LogFields = {}): void => void logged.push([text, fields]);
  const logger: Logger = { debug: note, info() {}, warn: note, error: note };
  const authenticate = createJwtAuthenticator({ ...same, ...options, roles: (claims) => claims["roles"] });
  const transport = new MemoryTransport();
  const server = createMessagingServer({ contract, transport, authenticate, logger });
  for (const name of ["find", "hours"] as const) server.registerHandler(name, () => 1);
  await server.start();
  const gateway = createGateway({ contracts: [contract], transport, authenticate, logger });
  return {
    logged,
    ask: async (name: "find" | "hours", token: string) => {
      const client = createMessagingClient({ contract, transport, token, retry: { attempts: 1 } });
      await client.connect();
      try {
        return await client.request(name, 1);
      } finally {
        await client.disconnect();
      }
    },
    post: async (name: string, token: string) => {
      const headers = { "Content-Type": "application/json", "Authorization": `Bearer ${token}` };
      const request = new Request(`http://gateway.example/library/v1/${name}`, { method: "POST", headers, body: "1" });
      return await answerOf(await gateway.fetch(request));
    },
    [Symbol.asyncDispose]: async () => {
      await gateway.stop();
      await server.stop();
    },
  };
}

describe("Callers that cannot be verified", (test) => {
  test("because their provider is away come again: nothing was executed, and the log says it", async () => {
    await using library = await openLibrary({ jwksUrl: `http://127.0.0.1:${await freePort()}/jwks` });
    const token = await tokenFor("library");
    for (const name of ["find", "hours"] as const) {
      library.logged.length = 0;
      const error = await expectRejection(library.ask(name, token), { code: "BUSY" });
      assert.ok(isMessagingError(error));
      assert.equal([error.status, error.execution, error.retryable], [503, "not-executed", true]);
      const problem = problemIn(await library.post(name, token), "BUSY", 503);
      assert.equal([problem.execution, problem.retryable], ["not-executed", true]);
      const warnings = library.logged.filter(([text]) => text === "A caller could not be verified");
      assert.equal(warnings.map(([, { operation }]) => operation), [name, name]);
    }
  });

  test("because of what they show hear nothing of it: the log has the reason, and not the token", async () => {
    await using library = await openLibrary({ keys });
    const token = await tokenFor("till");
    for (const name of ["find", "hours"] as const) {
      library.logged.length = 0;
      await expectRejection(library.ask(name, token), { code: "UNAUTHENTICATED", message: /are not believed/ });
      const { detail } = problemIn(await library.post(name, token), "UNAUTHENTICATED", 401);
      assert.match(detail, /are not believed/);
      assert.not.match(detail, /aud/);
      const reasons = library.logged.map(([, { reason }]) => String(reason)).filter((reason) => /"aud"/.test(reason));
      assert.is(reasons.length, 2, "the service's and the gateway's");
      assert.not.ok(JSON.stringify(library.logged).includes(token));
    }
  });
});
