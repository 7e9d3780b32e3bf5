/**
 * How Node's HTTP server ends what never comes as far as to the gateway: its own defaults are 60 s for headers, 300 s for a
 * request, and a look every 30 s.
 */
export const nodeServerOptions = {
  /** Slow headers are ended within ten seconds, also by a server that is busy: it looks twice a second. */
  headersTimeout: 8_000,
  connectionsCheckingInterval: 500,
  /** Over the gateway's own limit for bodies, whose answer says why. */
  requestTimeout: 35_000,
  maxHeaderSize: 16_384,
};
