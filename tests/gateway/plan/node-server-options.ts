/** Settings of Node's HTTP server that the experiments run with: those of examples/gateway/node.ts. */
export const nodeServerOptions = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 1_000,
  maxHeaderSize: 16_384,
};

/** All of them. */
export type NodeServerOptions = typeof nodeServerOptions;
