import type { DurableKind } from "./durable-kind.ts";
import { handling } from "./handling.ts";

/** What durable events do, whatever transport has the streams. */
export function durableBehaviour(kind: DurableKind): void {
  handling(kind);
}
