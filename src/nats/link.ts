import type { MessagingError } from "../errors/messaging-error.ts";
import type { ResolvedTls } from "./authentication.ts";
import type { ServerAddress } from "./server-address.ts";

/** One open byte stream to a NATS server. */
export interface Link {
  /** Whether it is encrypted, as the socket itself says. */
  readonly encrypted: boolean;
  /** The address at the other end, as the socket says; `undefined` where the runtime does not tell. */
  readonly peerAddress?: string | undefined;
  /** Sends bytes that are not changed afterwards. */
  send(bytes: Uint8Array): void;
  /** Ends it at once; harmless when it has ended. */
  close(): void;
  /** Why this caller may not use it; absent where anybody may. It stays open for whom it belongs to. */
  refusal?(operation: string | undefined): MessagingError | undefined;
}

/** What a link tells. */
export interface LinkEvents {
  /** Bytes came in. Never throws. */
  onBytes(bytes: Uint8Array): void;
  /** The stream ended by itself, once. Never throws. */
  onClose(error?: Error): void;
}

/** What a dial needs besides the address. */
export interface DialOptions {
  /** Certificates; given where encryption is wanted. */
  readonly tls: ResolvedTls | undefined;
  /** Ends the dial and frees its socket. */
  readonly signal: AbortSignal;
}

/** Opens a link. Rejects with the runtime's own error. */
export type Dial = (server: ServerAddress, options: DialOptions, events: LinkEvents) => Promise<Link>;
