/** What a message's encryption is bound to: a message moved to another place cannot be opened there. */
export interface PayloadBinding {
  /** The subject without a deployment's namespace: contract, major version, kind, operation and parameters. */
  readonly subject: string;
  /** Which way it travels. */
  readonly direction: "request" | "response" | "event";
  /** The request's id; empty for an event. */
  readonly requestId: string;
}

/** A message's body, encrypted. */
export interface SealedPayload {
  /** What stands in the `Mb-Encryption` header. */
  readonly header: string;
  /** Nonce, ciphertext and tag. */
  readonly body: Uint8Array;
}

/** Encrypts bodies between client and server; `createPayloadEncryption` makes one. */
export interface PayloadEncryption {
  /**
   * Encrypts a body.
   *
   * @throws {MessagingError} `INTERNAL` where there is no key to encrypt with
   */
  seal(body: Uint8Array, binding: PayloadBinding): Promise<SealedPayload>;
  /**
   * Opens a body; one that is not encrypted comes back as it is, unless encryption is required.
   *
   * @throws {MessagingError} `DECRYPTION_FAILED`, always with the same text
   */
  open(body: Uint8Array, header: string | undefined, binding: PayloadBinding): Promise<Uint8Array>;
}
