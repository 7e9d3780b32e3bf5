/** Where the brokers of a run listen and who they trust: plain data, which every runtime gets as JSON. */
export interface Brokers {
  /** `nats://…`, in plain text. */
  readonly tcpUrl: string;
  /** `ws://…`, in plain text. */
  readonly websocketUrl: string;
  /** `tls://…` and `wss://…` with a certificate of {@linkcode BrokerCertificates.ca}. */
  readonly encrypted: { readonly tcpUrl: string; readonly websocketUrl: string };
  /** `tls://…` of a server that encrypts before its first word. */
  readonly handshakeFirstUrl: string;
  /** Like {@linkcode encrypted}, and a client certificate is wanted. */
  readonly mutual: { readonly tcpUrl: string; readonly websocketUrl: string };
  readonly certificates: BrokerCertificates;
  /** `http://…` of gateways to the broker in plain text; under it, each namespace has one. */
  readonly gatewaysUrl: string;
}

/** PEM texts, and the paths of the same as files. */
export interface BrokerCertificates {
  readonly ca: string;
  readonly caFile: string;
  readonly clientCert: string;
  readonly clientCertFile: string;
  readonly clientKey: string;
  readonly clientKeyFile: string;
  /** An authority that signed nothing of the brokers. */
  readonly otherCa: string;
  readonly otherCaFile: string;
}
