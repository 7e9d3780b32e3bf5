import { burying } from "./burying.ts";
import type { DurableKind } from "./durable-kind.ts";
import { effects } from "./effects.ts";
import { handling } from "./handling.ts";
import { ordering } from "./ordering.ts";
import { replaying } from "./replaying.ts";
import { states } from "./states.ts";
import { versions } from "./versions.ts";

/** What durable events do, whatever transport has the streams. */
export function durableBehaviour(kind: DurableKind): void {
  handling(kind);
  burying(kind);
  ordering(kind);
  replaying(kind);
  states(kind);
  effects(kind);
  versions(kind);
}
