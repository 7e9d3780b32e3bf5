import { durableBehaviour } from "./durable-behaviour.ts";
import { withNats } from "./durable-kind.ts";

await withNats("NATS over TCP", ({ url }) => url, durableBehaviour);
