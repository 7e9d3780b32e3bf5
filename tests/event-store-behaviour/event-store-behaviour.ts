import { consumingBehaviour } from "./consuming.ts";
import { definitionBehaviour } from "./definitions.ts";
import { endingBehaviour } from "./endings.ts";
import type { EventStoreKind } from "./event-store-kind.ts";
import { exclusiveBehaviour } from "./exclusive.ts";
import { lookingBehaviour } from "./looking.ts";
import { replayBehaviour } from "./replaying.ts";
import { retentionBehaviour } from "./retention.ts";
import { settlingBehaviour } from "./settling.ts";
import { storingBehaviour } from "./storing.ts";

/** The suite that every event store passes, in every runtime. */
export function eventStoreBehaviour(kind: EventStoreKind): void {
  definitionBehaviour(kind);
  storingBehaviour(kind);
  retentionBehaviour(kind);
  lookingBehaviour(kind);
  consumingBehaviour(kind);
  settlingBehaviour(kind);
  exclusiveBehaviour(kind);
  replayBehaviour(kind);
  endingBehaviour(kind);
}
