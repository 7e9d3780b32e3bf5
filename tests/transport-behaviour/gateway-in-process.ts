// No import of a runtime here: in every runtime a gateway can be called without a network.
import { HttpTransport, type HttpTransportOptions, type Transport } from "../../mod.ts";
import { createGateway, type Gateway } from "../../src/gateway/mod.ts";
import { deskContract } from "./desk.ts";
import type { Place, TransportKind } from "./transport-kind.ts";

/** Makes a gateway reachable, and says how. */
export type ExposeGateway = (fetch: Gateway["fetch"]) => Pick<HttpTransportOptions, "url" | "fetch">;

/** Connects to a gateway of this process that lives as long as its transport is open. */
export function connectToOwnGateway(
  serve: () => Transport,
  expose: ExposeGateway = withoutNetwork,
): TransportKind["connect"] {
  return (place = { contract: deskContract }) => {
    let gateway: Gateway | undefined;
    const transport = new HttpTransport(expose((request) => (gateway ??= gatewayAt(place, serve())).fetch(request)));
    transport.onStatus((status) => {
      if (status !== "closed") return;
      void gateway?.stop({ graceMs: 0 });
      gateway = undefined;
    });
    return transport;
  };
}

function gatewayAt({ contract, namespace, authenticate }: Place, transport: Transport): Gateway {
  return createGateway({
    contracts: [contract],
    transport,
    ...(namespace === undefined ? {} : { namespace }),
    ...(authenticate === undefined ? {} : { authenticate }),
    forwardHeaders: ["X-Tenant"],
    // As much as the other kinds take.
    limits: { bodyBytes: 1_048_576 },
  });
}

function withoutNetwork(fetch: Gateway["fetch"]): Pick<HttpTransportOptions, "url" | "fetch"> {
  return { url: "https://gateway.test/", fetch: (url, init) => fetch(new Request(url, init)) };
}
