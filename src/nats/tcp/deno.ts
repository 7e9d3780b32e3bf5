// JSR's nats-core, not npm's: transport-deno installs its transport there. Both are loaded only when Deno dials TCP.
import { type ConnectionOptions, ProtocolHandler, type Transport } from "#jsr-nats-core-internal";
import { connect } from "@nats-io/transport-deno";
import type { Dial } from "../link.ts";
import { openCoreTransport } from "./core-transport-link.ts";

/** This runtime has TCP sockets. */
export const canDialTcp: boolean = true;

let DenoTransport: (new () => Transport) | undefined;

/**
 * Dials with @nats-io/transport-deno; with @nats-io/transport-node where certificates are given, which the former
 * refuses: Deno's `startTls` takes no client certificate (denoland/deno#21496).
 */
export const dialTcp: Dial = async (server, options, events) => {
  const { caFile: _, handshakeFirst: __, ...certificates } = options.tls ?? {};
  if (Object.keys(certificates).length > 0) {
    const { dialTcp: dialWithNode } = await import("./node.ts");
    return await dialWithNode(server, options, events);
  }
  DenoTransport ??= findDenoTransport();
  return await openCoreTransport(new DenoTransport(), server, options, events);
};

/**
 * The class is not exported (3.4.0): `connect` hands it to nats-core before it looks at its options, so a call that is
 * refused for them leaves it where a connection that is never dialled picks it up.
 */
function findDenoTransport(): new () => Transport {
  connect({ inboxPrefix: "not a prefix" }).catch(() => {});
  const options = { servers: ["127.0.0.1:4222"], reconnect: false } as ConnectionOptions;
  const protocol = new ProtocolHandler(options, {} as ConstructorParameters<typeof ProtocolHandler>[1]);
  (protocol as unknown as { prepare(): void }).prepare();
  return protocol.transport.constructor as new () => Transport;
}
