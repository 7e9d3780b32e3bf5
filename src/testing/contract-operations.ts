import type { Contract, EventOperation, RequestOperation } from "../contract/contract.ts";
import { type ContractSubjects, contractSubjects } from "../contract/subjects.ts";

/** Finds which operation of a contract a subject is of. */
export class ContractOperations {
  /** The contract's subjects. */
  readonly subjects: ContractSubjects;
  readonly #requests: ReadonlyMap<string, RequestOperation>;
  readonly #events: ReadonlyMap<string, EventOperation>;

  /** `namespace` is what stands before the contract's subjects. */
  constructor(contract: Contract, namespace: string | undefined) {
    this.subjects = contractSubjects(contract, namespace);
    const { subjects } = this;
    this.#requests = new Map([...contract.requests.values()].map((request) => [subjects.of(request.subject), request]));
    this.#events = new Map([...contract.events.values()].map((event) => [subjects.of(event.subject), event]));
  }

  /** The request that is sent to this subject. */
  requestAt(subject: string): RequestOperation | undefined {
    return this.#requests.get(subject);
  }

  /** The event that is told at this subject, its parameters after it. */
  eventAt(subject: string): EventOperation | undefined {
    for (const [prefix, event] of this.#events) {
      if (subject === prefix || subject.startsWith(`${prefix}.`)) return event;
    }
    return undefined;
  }
}
