import { Buffer } from "node:buffer";
import { createHmac, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { audience, issuer, tokenType } from "./authenticate.ts";
import type { IdentityProvider } from "./identity-provider.ts";

/** Every kind of token that must not be believed, by name. */
export async function forgedTokensOf(
  provider: IdentityProvider,
): Promise<readonly (readonly [string, string | undefined])[]> {
  const now = Math.floor(Date.now() / 1_000);
  const good = await provider.sign({ roles: ["manager"] });
  const [head = "", body = "", signature = ""] = good.split(".");
  const own = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const jwk = { ...own.publicKey.export({ format: "jwk" }), kid: "es", alg: "ES256" };
  const signedBySelf = (header: Readonly<Record<string, unknown>>): string => signedWith(own.privateKey, header);
  const hmac = (key: string, alg = "HS256"): string =>
    compact({ alg, kid: "rs", typ: tokenType }, claims(), (input) => createHmac("sha256", key).update(input).digest());
  const pem = provider.publicRsaPem;
  return [
    ["missing", undefined],
    ["garbage", "garbage"],
    ["garbage of three parts", "a.b.c"],
    ["empty parts", ".."],
    ["15 KiB", "a".repeat(15 * 1_024)],
    ["100 KiB", "a".repeat(100 * 1_024)],
    ["expired", await provider.sign({ expires: now - 60 })],
    ["not yet", await provider.sign({ notBefore: now + 600 })],
    ["without an end", await provider.sign({ expires: false })],
    ["of nobody", await provider.sign({ subject: false })],
    ["for nobody", await provider.sign({ audience: false })],
    ...["none", "None", "NONE", "nOnE"].map((alg) =>
      [`alg ${alg}`, `${compact({ alg, typ: tokenType }, claims(), () => Buffer.alloc(0))}`] as const
    ),
    ["alg none with a signature", `${encode({ alg: "none", typ: tokenType })}.${body}.${signature}`],
    ["HS256 with the RSA public key", hmac(pem)],
    ["HS256 with the RSA public key, without its last line end", hmac(pem.trimEnd())],
    ["HS256 with an empty key", hmac("")],
    ["RS256 that is an HMAC", hmac(pem, "RS256")],
    ["wrong audience", await provider.sign({ audience: "billing" })],
    ["wrong issuer", await provider.sign({ issuer: "https://id.example.org" })],
    ["issuer with a slash more", await provider.sign({ issuer: `${issuer}/` })],
    ["wrong typ", await provider.sign({ header: { typ: "JWT" } })],
    ["no typ", await provider.sign({ header: { typ: undefined } })],
    ["jku", signedBySelf({ jku: provider.trapUrl })],
    ["x5u", signedBySelf({ x5u: provider.trapUrl })],
    ["jwk", signedBySelf({ jwk })],
    ["jku and another key id", signedBySelf({ jku: provider.trapUrl, kid: provider.trapUrl })],
    ["the provider's own with jku, signed by another", signedBySelf({ jku: provider.keysUrl("trap") })],
    ["crit", await provider.sign({ header: { crit: ["urn:example:critical"], "urn:example:critical": true } })],
    ["kid that is a path", signedBySelf({ kid: "../../../../dev/null" })],
    ["kid that is a query", signedBySelf({ kid: "es' OR '1'='1" })],
    ["zero signature", `${head}.${body}.${Buffer.alloc(64).toString("base64url")}`],
    ["no signature", `${head}.${body}.`],
    ["short signature", `${head}.${body}.${signature.slice(0, 40)}`],
    ["another's claims", `${head}.${encode(claims())}.${signature}`],
    ["another's header", `${encode({ alg: "ES256", kid: "es", typ: tokenType, x: 1 })}.${body}.${signature}`],
    ["the key of another algorithm", await provider.sign({ header: { kid: "rs" } })],
    ["a bit flipped", `${head}.${body}.${flipped(signature)}`],
    ["twice", `${good} ${good}`],
    ["with a comma", `${good},${good}`],
    ["JSON form", encode({ payload: body, signatures: [{ protected: head, signature }] })],
  ];
}

/** A token that is right in all but its key. */
export function signedWith(key: KeyObject, header: Readonly<Record<string, unknown>>): string {
  return compact(
    { alg: "ES256", kid: "es", typ: tokenType, ...header },
    claims(),
    (input) => sign("sha256", input, { key, dsaEncoding: "ieee-p1363" }),
  );
}

function claims(): Readonly<Record<string, unknown>> {
  const now = Math.floor(Date.now() / 1_000);
  return { iss: issuer, aud: audience, sub: "eve", exp: now + 3_600, iat: now, roles: ["manager"], tenant: "tenant-1" };
}

function compact(header: object, payload: object, signer: (input: Buffer) => Uint8Array): string {
  const input = `${encode(header)}.${encode(payload)}`;
  return `${input}.${Buffer.from(signer(Buffer.from(input))).toString("base64url")}`;
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

function flipped(signature: string): string {
  const bytes = Buffer.from(signature, "base64url");
  bytes[10]! ^= 1;
  return bytes.toString("base64url");
}
