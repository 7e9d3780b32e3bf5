import { isMessagingError } from "../../errors/messaging-error.ts";
import type { ServerAddress } from "../../nats/server-address.ts";
import { NoGreetingError } from "./server-probe.ts";

/** What came of connecting to a server. */
export interface ConnectionFailure {
  /** The server. */
  readonly server: ServerAddress;
  /** What the library says. */
  readonly error: unknown;
  /** What the look at it before ended with; `undefined` where it ended well. */
  readonly underneath: unknown;
}

const firewall = "A firewall may be on the way, or the address is wrong";

const byCode: Readonly<Record<string, string>> = {
  ECONNREFUSED: "Nothing listens there: start nats-server, or correct --server or NATS_URL",
  ENOTFOUND: "Nobody knows this name: correct --server or NATS_URL, or look at the name service",
  EAI_AGAIN: "The name service does not answer",
  EHOSTUNREACH: "There is no way to this address from here",
  ENETUNREACH: "There is no way to this address from here",
  ETIMEDOUT: firewall,
  CERT_HAS_EXPIRED: "The server's certificate has ended: renew it",
  ERR_TLS_CERT_ALTNAME_INVALID: "The certificate is for another name: connect by a name that it has, or issue it anew",
  ENOENT: "A file of --tls-ca, --tls-cert or --tls-key is not there",
  ERR_OSSL_X509_KEY_VALUES_MISMATCH: "The key of --tls-key is not that of the certificate of --tls-cert",
};

const unknownAuthority = new Set([
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

const byText: readonly (readonly [RegExp, string])[] = [
  [/key values mismatch/, byCode["ERR_OSSL_X509_KEY_VALUES_MISMATCH"]!],
  [/server does not support 'tls'/, "The broker has no `tls` block: give it one, or connect by nats://"],
  [/wrong version number|packet length too long/, "What listens there does not speak TLS: try ws:// or nats://"],
  [/Parse Error|Expected HTTP/, "This is the broker's TCP port: try nats://, or the port of its `websocket` block"],
  [/Unexpected server response: 400/, "What listens there may speak TLS: try wss://"],
  [
    /client certificate|TLS alert "(certificate|unknown ca|bad certificate)/,
    "The server wants a client certificate that it knows: --tls-cert and --tls-key",
  ],
];

/** What to do about a server that could not be connected to. */
export function connectionHint({ server, error, underneath }: ConnectionFailure): string {
  if (isMessagingError(error, "UNAUTHENTICATED")) {
    return "Check --user with --password-env, --creds, --nkey-file or --token-env";
  }
  const codes = [error, causeOf(error), underneath].map(codeOf);
  if (codes.some((code) => unknownAuthority.has(code))) {
    return "Give the authority that signed the server's certificate: --tls-ca";
  }
  const known = codes.find((code) => Object.hasOwn(byCode, code));
  if (known !== undefined) return byCode[known]!;
  const text = String((error as { readonly message?: unknown } | null)?.message);
  const hint = byText.find(([pattern]) => pattern.test(text))?.[1];
  if (hint !== undefined) return hint;
  if (server.kind === "tcp" && underneath instanceof NoGreetingError) {
    return "Something listens there that is no NATS listener, or wants TLS first (--tls-first): " +
      "an HTTP server, or the broker's WebSocket port, which is for ws:// and wss://";
  }
  if (server.kind === "websocket") return "Is this the port of the broker's `websocket` block? Its TCP port is another";
  if (/within \d+ ms/.test(text)) return firewall;
  return "Is this the address of a nats-server? Over TLS it begins with tls:// or wss://";
}

function causeOf(error: unknown): unknown {
  return (error as { readonly cause?: unknown } | null)?.cause;
}

function codeOf(error: unknown): string {
  const code = (error as { readonly code?: unknown } | null | undefined)?.code;
  // Codes of the library say less than what is underneath.
  return typeof code === "string" && !isMessagingError(error) ? code : "";
}
