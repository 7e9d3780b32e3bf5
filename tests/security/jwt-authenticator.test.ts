import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, exportSPKI, generateKeyPair, SignJWT } from "jose";
import * as assert from "uvu/assert";
import {
  createJwtAuthenticator,
  type JwtAuthenticatorOptions,
  type PublicJwk,
} from "../../src/security/create-jwt-authenticator.ts";
import { isMessagingError } from "../../mod.ts";
import { describe } from "../support/suite.ts";

const issuer = "https://id.example.com";
const call = { operation: "order", subject: "desk.v2.request.order", requestId: "r", body: new Uint8Array() };
const rsa = await generateKeyPair("RS256", { extractable: true });
const elliptic = await generateKeyPair("ES256", { extractable: true });
const stranger = await generateKeyPair("ES256", { extractable: true });
const keys = [
  { ...await exportJWK(rsa.publicKey), kid: "rsa", alg: "RS256" },
  { ...await exportJWK(elliptic.publicKey), kid: "ec", alg: "ES256" },
] as PublicJwk[];

function authenticator(options: Partial<JwtAuthenticatorOptions> = {}) {
  return createJwtAuthenticator({
    issuer,
    audience: "desk",
    algorithms: ["ES256", "RS256"],
    keys,
    roles: (claims) => claims["roles"],
    ...options,
  });
}

function token(claims: Record<string, unknown> = {}, header: { kid?: string } = { kid: "ec" }): SignJWT {
  return new SignJWT({ roles: ["clerk"], ...claims }).setProtectedHeader({ alg: "ES256", ...header })
    .setIssuer(issuer).setAudience("desk").setSubject("ann").setExpirationTime("5m");
}

function unsigned(header: Record<string, unknown>, signature = ""): string {
  const part = (value: unknown) =>
    btoa(JSON.stringify(value)).replaceAll("=", "").replaceAll("+", "-").replaceAll("/", "_");
  const exp = Math.floor(Date.now() / 1_000) + 300;
  return `${part(header)}.${part({ iss: issuer, aud: "desk", sub: "ann", exp, roles: ["manager"] })}.${signature}`;
}

describe("createJwtAuthenticator()", (test) => {
  test("gives the token's subject, roles and claims", async () => {
    const actor = await authenticator()({ token: await token({ tenant: "acme" }).sign(elliptic.privateKey) }, call);
    assert.is(actor?.id, "ann");
    assert.equal(actor?.roles, ["clerk"]);
    assert.is(actor?.claims?.["tenant"], "acme");
  });

  test("refuses every token that is not the issuer's for this audience, now", async () => {
    const authenticate = authenticator();
    const now = Math.floor(Date.now() / 1_000);
    const refused: Record<string, string | undefined> = {
      "no token": undefined,
      "empty": "",
      "garbage": "garbage",
      "100 KiB": "x".repeat(102_400),
      "another key": await token().sign(stranger.privateKey),
      "another issuer": await token().setIssuer("https://evil.example.com").sign(elliptic.privateKey),
      "another audience": await token().setAudience("billing").sign(elliptic.privateKey),
      "expired": await token().setExpirationTime(now - 60).sign(elliptic.privateKey),
      "not yet valid": await token().setNotBefore(now + 600).sign(elliptic.privateKey),
      "no exp": await new SignJWT({}).setProtectedHeader({ alg: "ES256", kid: "ec" }).setIssuer(issuer).setAudience(
        "desk",
      )
        .setSubject("ann").sign(elliptic.privateKey),
      "no sub": await new SignJWT({}).setProtectedHeader({ alg: "ES256", kid: "ec" }).setIssuer(issuer).setAudience(
        "desk",
      )
        .setExpirationTime("5m").sign(elliptic.privateKey),
      "alg none": unsigned({ alg: "none" }),
      "alg None": unsigned({ alg: "None" }),
      "alg NONE": unsigned({ alg: "NONE", kid: "ec" }),
      "alg nOnE": unsigned({ alg: "nOnE", kid: "rsa" }),
      "no alg": unsigned({ kid: "ec" }),
      "zero signature": unsigned({ alg: "ES256", kid: "ec" }, "A".repeat(86)),
      "unknown critical header": unsigned({ alg: "ES256", kid: "ec", crit: ["b64x"], b64x: true }, "A".repeat(86)),
      "HS256 with the RSA public key": await new SignJWT({ roles: ["manager"] }).setProtectedHeader({
        alg: "HS256",
        kid: "rsa",
      })
        .setIssuer(issuer).setAudience("desk").setSubject("ann").setExpirationTime("5m")
        .sign(new TextEncoder().encode(await exportSPKI(rsa.publicKey))),
    };
    for (const [name, value] of Object.entries(refused)) {
      assert.is(await authenticate(value === undefined ? {} : { token: value }, call), undefined, name);
    }
  });

  test("accepts only the algorithms it was given", async () => {
    const authenticate = authenticator({ algorithms: ["RS256"] });
    assert.is(await authenticate({ token: await token().sign(elliptic.privateKey) }, call), undefined);
  });

  test("takes roles that are texts, and nothing else for one", async () => {
    const authenticate = authenticator();
    for (const roles of ["manager", { manager: true }, 5, null, [1, null, { role: "manager" }]]) {
      const actor = await authenticate({ token: await token({ roles }).sign(elliptic.privateKey) }, call);
      assert.equal(actor?.roles, []);
    }
  });

  test("finds the key among several without an id", async () => {
    const { kid: _, ...nameless } = keys[1]!;
    const other = await exportJWK(stranger.publicKey) as PublicJwk;
    const authenticate = authenticator({ keys: [{ ...other, alg: "ES256" }, nameless] as PublicJwk[] });
    const signed = await token({}, {}).sign(elliptic.privateKey);
    assert.is((await authenticate({ token: signed }, call))?.id, "ann");
  });

  test("fetches keys, asks once for a flood of unknown key ids, and fails rather than refuse when the provider is away", async () => {
    let fetches = 0;
    const provider = createServer((_, response) => {
      fetches += 1;
      response.setHeader("content-type", "application/json").end(JSON.stringify({ keys }));
    });
    await new Promise<void>((resolve) => provider.listen(0, "127.0.0.1", resolve));
    const jwksUrl = `http://127.0.0.1:${(provider.address() as AddressInfo).port}/jwks`;
    const { keys: _, ...remote } = { issuer, audience: "desk", algorithms: ["ES256"], keys, jwksUrl };
    const authenticate = createJwtAuthenticator(remote);
    try {
      assert.is((await authenticate({ token: await token().sign(elliptic.privateKey) }, call))?.id, "ann");
      for (let count = 0; count < 200; count++) {
        const unknown = await token({}, { kid: `k${count}` }).sign(stranger.privateKey);
        assert.is(await authenticate({ token: unknown }, call), undefined);
      }
      assert.ok(fetches <= 2, `${fetches} fetches`);
    } finally {
      await new Promise((resolve) => provider.close(resolve));
    }
    const away = createJwtAuthenticator(remote);
    const failure = await Promise.resolve(away({ token: await token().sign(elliptic.privateKey) }, call)).catch((
      error,
    ) => error);
    assert.ok(isMessagingError(failure, "BUSY"), String(failure));
    assert.equal([failure.status, failure.execution, failure.retryable], [503, "not-executed", true]);
    assert.instance(failure.cause, Error);
  });

  test("says why to the log, with nothing of the token", async () => {
    const authenticate = authenticator();
    const sign = (made: SignJWT): Promise<string> => made.sign(elliptic.privateKey);
    const reasons: Record<string, [RegExp, string | undefined]> = {
      "no token": [/no bearer token/, undefined],
      "audience": [/"aud"/, await sign(token().setAudience("till"))],
      "key id": [/no applicable key/, await token({}, { kid: "other" }).sign(stranger.privateKey)],
      "signature": [/signature/, await token().sign(stranger.privateKey)],
      "expired": [/"exp"/, await sign(token().setExpirationTime("-1m"))],
      "subject": [/"sub"/, await sign(token().setSubject(""))],
      "roles": [/array of strings/, await sign(token({ roles: "clerk" }))],
    };
    for (const [what, [reason, shown]] of Object.entries(reasons)) {
      const told: string[] = [];
      const explain = (text: string): void => void told.push(text);
      await authenticate(shown === undefined ? {} : { token: shown }, { ...call, explain });
      assert.is(told.length, 1, what);
      assert.match(told[0]!, reason);
      for (const part of shown?.split(".") ?? []) assert.not.ok(told[0]!.includes(part), what);
    }
  });

  test("refuses a private key where a public one is wanted, and shows nothing of it", async () => {
    const secret = await exportJWK(elliptic.privateKey) as PublicJwk;
    assert.throws(() => authenticator({ keys: [...keys, secret] }), (error: Error) => {
      assert.instance(error, TypeError);
      assert.match(error.message, /private/);
      return !error.message.includes(String(secret["d"]));
    });
  });

  test("refuses options that would accept too much", () => {
    assert.throws(() => authenticator({ algorithms: [] }), /algorithms/);
    assert.throws(() => authenticator({ algorithms: ["none"] }), /algorithms/);
    assert.throws(() => authenticator({ keys: [] }), /empty/);
    assert.throws(() => authenticator({ audience: "" }), /audience/);
    assert.throws(() => authenticator({ jwksUrl: "https://id.example.com/jwks" }), /`keys` or `jwksUrl`/);
    const { keys: _, ...rest } = { issuer, audience: "desk", algorithms: ["ES256"], keys };
    assert.throws(() => createJwtAuthenticator({ ...rest, jwksUrl: "http://id.example.com/jwks" }), /https/);
  });
});
