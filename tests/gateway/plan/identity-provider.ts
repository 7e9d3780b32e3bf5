import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type CryptoKey, exportJWK, exportSPKI, generateKeyPair, type JWTHeaderParameters, SignJWT } from "jose";
import { audience, issuer, tokenType } from "./authenticate.ts";

/** What a token says; the rest is as it has to be, and `false` leaves a claim out. */
export interface TokenClaims {
  readonly subject?: string | false;
  readonly roles?: readonly string[];
  readonly tenant?: string;
  readonly issuer?: string;
  readonly audience?: string | false;
  /** Seconds since 1970, or a time from now as jose reads it. @default "1h" */
  readonly expires?: number | string | false;
  /** The same, for `nbf`. @default none */
  readonly notBefore?: number | string;
  /** Members of its header beside the usual ones, or in their place. */
  readonly header?: Readonly<Record<string, unknown>>;
}

/** An identity provider on loopback, which counts who asks for its keys, and for anything else. */
export class IdentityProvider implements AsyncDisposable {
  /** The address of its public keys for one who asks by this name. */
  readonly keysUrl: (asker: string) => string;
  /** An address of the same server that nobody has a reason to ask. */
  readonly trapUrl: string;
  /** The RSA key as anybody can read it, for those who sign with it. */
  readonly publicRsaPem: string;
  readonly #server: Server;
  readonly #keys: Readonly<Record<"ES256" | "RS256", CryptoKey>>;
  readonly #asked = new Map<string, number>();

  private constructor(
    server: Server,
    asked: Map<string, number>,
    keys: Readonly<Record<"ES256" | "RS256", CryptoKey>>,
    publicRsaPem: string,
  ) {
    const { port } = server.address() as AddressInfo;
    this.#server = server;
    this.#asked = asked;
    this.#keys = keys;
    this.publicRsaPem = publicRsaPem;
    this.keysUrl = (asker) => `http://127.0.0.1:${port}/${asker}/keys.json`;
    this.trapUrl = `http://127.0.0.1:${port}/trap`;
  }

  /** Starts one with a key of each kind. */
  static async start(): Promise<IdentityProvider> {
    const curve = await generateKeyPair("ES256", { extractable: true });
    const rsa = await generateKeyPair("RS256", { extractable: true });
    const keys = [
      { ...await exportJWK(curve.publicKey), kid: "es", alg: "ES256", use: "sig" },
      { ...await exportJWK(rsa.publicKey), kid: "rs", alg: "RS256", use: "sig" },
    ];
    const asked = new Map<string, number>();
    const server = createServer(({ url = "" }, response) => {
      asked.set(url, (asked.get(url) ?? 0) + 1);
      response.setHeader("Content-Type", "application/json");
      response.end(JSON.stringify({ keys }));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const privateKeys = { ES256: curve.privateKey, RS256: rsa.privateKey };
    return new IdentityProvider(server, asked, privateKeys, await exportSPKI(rsa.publicKey));
  }

  /** How often somebody asked for the keys. */
  fetchesOf(asker: string): number {
    return this.#asked.get(`/${asker}/keys.json`) ?? 0;
  }

  /** How often anything but the keys was asked for. */
  get trapped(): number {
    let count = 0;
    for (const [url, times] of this.#asked) if (!url.endsWith("/keys.json")) count += times;
    return count;
  }

  /** Signs a token. */
  async sign(claims: TokenClaims = {}, algorithm: "ES256" | "RS256" = "ES256"): Promise<string> {
    const { subject = "ann", roles = ["member"], tenant, expires = "1h", notBefore } = claims;
    const header = {
      alg: algorithm,
      kid: algorithm === "ES256" ? "es" : "rs",
      typ: tokenType,
      ...claims.header,
    } as JWTHeaderParameters;
    const token = new SignJWT({ roles, ...(tenant === undefined ? {} : { tenant }) })
      .setProtectedHeader(header).setIssuer(claims.issuer ?? issuer);
    if (claims.audience !== false) token.setAudience(claims.audience ?? audience);
    if (subject !== false) token.setSubject(subject);
    if (expires !== false) token.setExpirationTime(expires);
    if (notBefore !== undefined) token.setNotBefore(notBefore);
    return await token.sign(this.#keys[algorithm], { crit: { "urn:example:critical": true } });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
