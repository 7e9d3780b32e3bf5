import type { LibraryCode } from "../errors/error-codes.ts";

/** What somebody at a command line can do about each of the library's codes. */
export const hints: Readonly<Record<LibraryCode, string>> = {
  INVALID_REQUEST: "`messaging describe` shows what the contract has; the issues say where the input differs",
  MALFORMED_MESSAGE: "What answered does not speak this contract's protocol: `messaging ls` shows who serves it",
  UNAUTHENTICATED:
    "Check --user with --password-env, --creds, --nkey-file or --token-env for the broker, and --bearer-env for the service",
  FORBIDDEN:
    "Where a service or a gateway says it, the token in --bearer-env has not the role that is wanted; where the broker does, " +
    "`messaging doctor <contract>` shows what it lets this connection do, and a user with an inbox of its own needs --inbox-prefix",
  PAYLOAD_TOO_LARGE: "Send less at once, or raise `max_payload` at the broker",
  DECRYPTION_FAILED: "The service encrypts its payloads: the command line has no key for them",
  UNSUPPORTED: "What is asked for cannot be done over this connection",
  INVALID_EVENT: "`messaging describe` shows the contract's events and their subject parameters",
  BUSY: "The service has as much as it can do: try again after a moment, or start another instance",
  NO_RESPONDERS:
    "Nobody serves this request: `messaging ls` shows who is there; check contract version and --namespace",
  DISCONNECTED: "`messaging doctor` tries each server and says what failed; is --server or NATS_URL right?",
  TIMEOUT: "Wait longer with --timeout, and look with `messaging stats` whether the service is slow",
  CANCELLED: "It was ended before the answer came",
  INVALID_RESPONSE: "The service answers something else than the contract says: compare versions with `messaging ls`",
  INTERNAL: "The service's log has the reason, under the correlation id",
};

const page = "https://github.com/magicbutton/messaging/blob/main/docs/troubleshooting.md";

/** Where a code of the library is explained. */
export function helpPage(code: LibraryCode): string {
  return `${page}#${code.toLowerCase()}`;
}
