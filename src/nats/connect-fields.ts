import { MessagingError } from "../errors/messaging-error.ts";
import { defaultMaxPayloadBytes } from "../transport/payload-limit.ts";
import type { ResolvedAuthentication } from "./authentication.ts";

/** The most members of a cluster that are remembered. */
const maximumServers = 256;

/** As much of the broker's `INFO` as is used. */
export interface BrokerInfo {
  /** The broker's version. */
  readonly version: string;
  /** Whether it carries headers; without them there are no errors and no no-responders. */
  readonly headers: boolean;
  /** Whether it has streams. */
  readonly jetstream: boolean;
  /** The most bytes of a message. */
  readonly maxPayload: number;
  /** To be signed by an nkey. */
  readonly nonce: string | undefined;
  /** Where the cluster's members can be reached over TCP, `host:port` each. */
  readonly connectUrls: readonly string[];
  /** It is about to go and asks its clients to leave. */
  readonly lameDuck: boolean;
}

/** Reads an `INFO` line's JSON. @throws {SyntaxError} where it is none */
export function parseBrokerInfo(text: string): BrokerInfo {
  const info = JSON.parse(text) as Record<string, unknown>;
  return {
    version: String(info["version"]),
    headers: info["headers"] === true,
    jetstream: info["jetstream"] === true,
    maxPayload: Number.isInteger(info["max_payload"]) ? info["max_payload"] as number : defaultMaxPayloadBytes,
    nonce: typeof info["nonce"] === "string" ? info["nonce"] : undefined,
    connectUrls: Array.isArray(info["connect_urls"]) ? info["connect_urls"].map(String).slice(0, maximumServers) : [],
    lameDuck: info["ldm"] === true,
  };
}

/**
 * What `CONNECT` says about the client.
 *
 * @throws {MessagingError} `UNAUTHENTICATED` for credentials that are not well-formed
 */
export async function connectFields(
  authentication: ResolvedAuthentication,
  nonce: string | undefined,
  encrypted: boolean,
  name: string | undefined,
): Promise<Record<string, unknown>> {
  return {
    protocol: 1,
    lang: "@magicbutton/messaging",
    version: "0.1.0",
    verbose: false,
    pedantic: false,
    headers: true,
    no_responders: true,
    tls_required: encrypted,
    ...(name === undefined ? {} : { name }),
    ...await credentialFields(authentication.credentials, nonce),
  };
}

async function credentialFields(
  credentials: ResolvedAuthentication["credentials"],
  nonce: string | undefined,
): Promise<Record<string, unknown>> {
  switch (credentials.kind) {
    case "none":
      return {};
    case "password":
      return { user: credentials.user, pass: credentials.password };
    case "token":
      return { auth_token: credentials.token };
    case "nkey":
      return await signedFields(credentials.seed, nonce);
    case "jwt":
      return { jwt: credentials.jwt, ...await signedFields(credentials.seed, nonce) };
    case "creds": {
      const { jwt, seed } = parseCreds(new TextDecoder().decode(credentials.creds));
      return { jwt, ...await signedFields(seed, nonce) };
    }
  }
}

async function signedFields(seed: string, nonce: string | undefined): Promise<Record<string, unknown>> {
  // Here, because it brings the signature's mathematics: most programs do not sign.
  const nkeys = await import("@nats-io/nkeys");
  const encoder = new TextEncoder();
  try {
    const pair = nkeys.fromSeed(encoder.encode(seed));
    const signature = nkeys.encode(pair.sign(encoder.encode(nonce ?? "")));
    return { nkey: pair.getPublicKey(), sig: signature };
  } catch {
    // The cause could show a part of the seed.
    throw malformed("the nkey seed");
  }
}

/** Reads a `.creds` file: the JWT and then the seed, each between lines of dashes. */
function parseCreds(text: string): { jwt: string; seed: string } {
  const [jwt, seed] = [...text.matchAll(/-{3,}[^\n]*-{3,}\r?\n\s*(\S+)\s*\r?\n-{3,}[^\n]*-{3,}/g)].map((match) =>
    match[1]
  );
  if (jwt === undefined || seed === undefined) throw malformed("the text of the .creds file");
  return { jwt, seed };
}

function malformed(what: string): MessagingError {
  return new MessagingError("UNAUTHENTICATED", `Cannot sign in to the broker: ${what} is not well-formed`);
}
