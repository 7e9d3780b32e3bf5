import type { TransportConnection } from "../../mod.ts";
import { ownNamespace } from "./desk.ts";
import type { TransportKind } from "./transport-kind.ts";

/** Opens two connections to one broker for a test, gives it a root for its subjects, and closes both. */
export async function withConnectionPair(
  kind: TransportKind,
  use: (one: TransportConnection, other: TransportConnection, root: string) => Promise<unknown>,
): Promise<void> {
  const one = await kind.connect().open();
  const other = await kind.connect().open();
  try {
    await use(one, other, ownNamespace());
  } finally {
    await Promise.all([one.close(), other.close()]);
  }
}
