import type { Contract } from "../../contract/contract.ts";
import { isMessagingError } from "../../errors/messaging-error.ts";
import type { TransportConnection } from "../../transport/transport.ts";
import { servicesOf } from "../contract-services.ts";
import { findServices, type FoundService } from "../discovery.ts";
import { plainText } from "../terminal.ts";
import { type Check, ok, skipped, warning } from "./check.ts";

const name = "services";
const answerMs = 500;

/** Who serves a contract now. */
export async function checkServices(
  contract: Contract,
  connection: TransportConnection,
  options: { readonly namespace: string | undefined; readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<readonly Check[]> {
  if (contract.requests.size === 0) return [];
  const waitMs = Math.min(answerMs, options.timeoutMs);
  let found: readonly FoundService[];
  try {
    found = await findServices(connection, { verb: "INFO", name: contract.name, waitMs, signal: options.signal });
  } catch (error) {
    if (!isMessagingError(error, "FORBIDDEN")) throw error;
    return [skipped(name, "The broker does not let this connection ask who serves what")];
  }
  const { services, unserved } = servicesOf(contract, options.namespace, found);
  const versions = [...new Set(services.map(({ version }) => version))].join(", ");
  const instances = `${services.length} ${services.length === 1 ? "instance" : "instances"}`;
  if (unserved.length > 0) {
    const text = services.length === 0
      ? `Nobody serves ${contract.name} ${contract.version}`
      : `Nobody serves ${unserved.join(", ")} of ${contract.name}`;
    return [warning(name, text, "Start the service; version and --namespace must be its own")];
  }
  return [ok(name, `${instances} of ${contract.name} ${plainText(versions)} serve every request`)];
}
