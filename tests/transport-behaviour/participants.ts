import {
  type Contract,
  createMessagingClient,
  type MessagingClient,
  type MessagingClientOptions,
  type Transport,
} from "../../mod.ts";
import type { Place, TransportKind } from "./transport-kind.ts";

/** A client of a place, not connected yet: its namespace is its own, or the gateway's where the kind wants that. */
export function clientAt<C extends Contract>(
  kind: TransportKind,
  place: Place & { readonly contract: C },
  options: Partial<MessagingClientOptions<C>> = {},
): MessagingClient<C> {
  const { contract, namespace } = place;
  return createMessagingClient({
    contract,
    transport: kind.connect(place),
    ...(namespace === undefined || kind.refuses?.namespaces ? {} : { namespace }),
    ...options,
  });
}

/** A new transport for a server. */
export function serverTransport(kind: TransportKind): Transport {
  return (kind.serve ?? kind.connect)();
}

/** A subject as clients of this place know it. */
export function subjectAt(kind: TransportKind, namespace: string, subject: string): string {
  return kind.refuses?.namespaces ? subject : `${namespace}.${subject}`;
}
