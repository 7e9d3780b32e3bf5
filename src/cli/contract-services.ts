import type { Contract } from "../contract/contract.ts";
import { contractSubjects } from "../contract/subjects.ts";
import type { FoundService } from "./discovery.ts";

/** Which services serve a contract, and which of its requests nobody serves. */
export interface ContractServices {
  /** Those that serve any of its requests, with these alone. */
  readonly services: readonly FoundService[];
  /** Names of requests that none of them serves. */
  readonly unserved: readonly string[];
}

/** Keeps what serves a contract, by the subjects of its requests: a major version and a namespace are in them. */
export function servicesOf(
  contract: Contract,
  namespace: string | undefined,
  found: readonly FoundService[],
): ContractServices {
  const subjects = contractSubjects(contract, namespace);
  const wanted = new Map([...contract.requests.values()].map(({ name, subject }) => [subjects.of(subject), name]));
  const services = found.map((service) => ({
    ...service,
    endpoints: service.endpoints.filter(({ subject }) => wanted.has(subject)),
  })).filter(({ endpoints }) => endpoints.length > 0);
  const served = new Set(services.flatMap(({ endpoints }) => endpoints.map(({ subject }) => subject)));
  return { services, unserved: [...wanted].filter(([subject]) => !served.has(subject)).map(([, name]) => name) };
}
