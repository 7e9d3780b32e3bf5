import type { Transport } from "../../mod.ts";
import type { TransportKind } from "./transport-kind.ts";

/** Clients over HTTP, servers over the broker, and between them a gateway for each place. */
export function httpKind(
  name: string,
  serve: () => Transport,
  connect: TransportKind["connect"],
): TransportKind {
  return {
    name,
    connect,
    serve,
    refuses: {
      namespaces: /a namespace is the gateway's own option/,
      serving: /servers are behind it/,
      publishing: /Cannot publish to .* over HTTP: a gateway takes requests only/,
      manyAnswers: /for many answers over HTTP: a gateway gives one/,
      foreignSubjects: /over HTTP: a gateway has the requests and events of contracts/,
      queueGroups: /in a queue group over HTTP/,
      protection: /header "Mb-(?:Encryption|Signature)" does not pass a gateway/,
    },
  };
}
