import { isMessagingError } from "../../errors/messaging-error.ts";
import { hints } from "../hints.ts";

const byCode: Readonly<Record<string, string>> = {
  ECONNREFUSED: "Nothing listens there: start nats-server, or correct --server or NATS_URL",
  ENOTFOUND: "Nobody knows this name: correct --server or NATS_URL, or look at the name service",
  EAI_AGAIN: "The name service does not answer",
  EHOSTUNREACH: "There is no way to this address from here",
  ENETUNREACH: "There is no way to this address from here",
  ETIMEDOUT: "A firewall may be on the way, or the address is wrong",
  ECONNRESET: "Something else may listen there, or the server wants TLS first: try tls:// or --tls-first",
  CERT_HAS_EXPIRED: "The server's certificate has ended: renew it",
  ERR_TLS_CERT_ALTNAME_INVALID: "The certificate is for another name: connect by a name that it has, or issue it anew",
  ENOENT: "A file of --tls-ca, --tls-cert or --tls-key is not there",
};

const unknownAuthority = new Set([
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

/** What to do about a server that could not be connected to. */
export function connectionHint(error: unknown): string {
  const code = codeOf(error) ?? codeOf((error as { readonly cause?: unknown } | null)?.cause) ?? "";
  if (unknownAuthority.has(code)) return "Give the authority that signed the server's certificate: --tls-ca";
  const known = byCode[code];
  if (known !== undefined) return known;
  const text = String((error as { readonly message?: unknown } | null)?.message);
  if (/certificate/.test(text) && /ALERT|alert|client/.test(text + code)) {
    return "The server wants a client certificate that it knows: --tls-cert and --tls-key";
  }
  if (/within \d+ ms/.test(text)) return byCode["ETIMEDOUT"]!;
  if (isMessagingError(error, "UNAUTHENTICATED")) return hints.UNAUTHENTICATED;
  return "Is this the address of a nats-server? Over TLS it begins with tls:// or wss://";
}

function codeOf(error: unknown): string | undefined {
  const code = (error as { readonly code?: unknown } | null)?.code;
  // Codes of the library say less than what is underneath.
  return typeof code === "string" && !isMessagingError(error) ? code : undefined;
}
