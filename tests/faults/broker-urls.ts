import type { NatsServer } from "../support/nats-server.ts";
import type { JobPlace } from "./start-job.ts";

/** How callers at this place reach the broker: a worker has no TCP. */
export function urlFor(place: JobPlace, broker: NatsServer): string {
  return place === "workerd" ? broker.websocketUrl : broker.url;
}
