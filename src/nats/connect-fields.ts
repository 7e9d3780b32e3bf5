import { credsAuthenticator, jwtAuthenticator, nkeyAuthenticator } from "@nats-io/nats-core/internal";
import { MessagingError } from "../errors/messaging-error.ts";
import type { ResolvedAuthentication } from "./authentication.ts";

/** As much of the broker's `INFO` as is used. */
export interface BrokerInfo {
  /** The broker's version. */
  readonly version: string;
  /** Whether it carries headers; without them there are no errors and no no-responders. */
  readonly headers: boolean;
  /** The most bytes of a message. */
  readonly maxPayload: number;
  /** To be signed by an nkey. */
  readonly nonce: string | undefined;
}

/** Reads an `INFO` line's JSON. @throws {SyntaxError} where it is none */
export function parseBrokerInfo(text: string): BrokerInfo {
  const info = JSON.parse(text) as Record<string, unknown>;
  return {
    version: String(info["version"]),
    headers: info["headers"] === true,
    maxPayload: Number.isInteger(info["max_payload"]) ? info["max_payload"] as number : 1_048_576,
    nonce: typeof info["nonce"] === "string" ? info["nonce"] : undefined,
  };
}

/** What `CONNECT` says about the client. */
export function connectFields(
  authentication: ResolvedAuthentication,
  nonce: string | undefined,
  encrypted: boolean,
  name: string | undefined,
): Record<string, unknown> {
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
    ...credentialFields(authentication.credentials, nonce),
  };
}

function credentialFields(
  credentials: ResolvedAuthentication["credentials"],
  nonce: string | undefined,
): Record<string, unknown> {
  try {
    switch (credentials.kind) {
      case "none":
        return {};
      case "password":
        return { user: credentials.user, pass: credentials.password };
      case "token":
        return { auth_token: credentials.token };
      case "nkey":
        return { ...nkeyAuthenticator(new TextEncoder().encode(credentials.seed))(nonce) };
      case "jwt":
        return { ...jwtAuthenticator(credentials.jwt, new TextEncoder().encode(credentials.seed))(nonce) };
      case "creds":
        return { ...credsAuthenticator(credentials.creds)(nonce) };
    }
  } catch {
    // The cause could show a part of the seed.
    throw new MessagingError(
      "UNAUTHENTICATED",
      `Cannot sign with the ${credentials.kind} credentials: they are not well-formed`,
    );
  }
}
