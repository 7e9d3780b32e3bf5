import type { TransportKind } from "../transport-behaviour/transport-kind.ts";
import { gatewayAccess } from "./gateway-access.ts";
import { gatewayEvents } from "./gateway-events.ts";
import { gatewayRequests } from "./gateway-requests.ts";

/** What a gateway does, whatever it runs on and whatever is behind it: no HTTP server, no import of a runtime. */
export function gatewayBehaviour(kind: TransportKind): void {
  gatewayRequests(kind);
  gatewayEvents(kind);
  gatewayAccess(kind);
}
