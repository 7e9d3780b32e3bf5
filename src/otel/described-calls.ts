import type { Attributes } from "@opentelemetry/api";
import type { OperationCall } from "../contract/operation-call.ts";
import { attributeNames } from "./semantic-conventions.ts";

/** Contracts have few operations; who puts each tenant into a namespace of its own has many destinations. */
const maximumKnown = 1_024;

/** What all calls of one operation have in common. */
export interface DescribedCall {
  /** The span's name: the operation and the destination, without what differs from message to message. */
  readonly spanName: string;
  /** Of spans and of metrics, so none of them differs from message to message either. */
  readonly attributes: Attributes;
}

/** Describes calls; those of one operation by one object, so that a call that succeeds makes none. */
export class DescribedCalls {
  readonly #given: Attributes;
  readonly #known = new Map<string, DescribedCall[]>();
  #size = 0;

  /** `given` are the program's own attributes, the messaging system among them. */
  constructor(given: Attributes) {
    this.#given = given;
  }

  /** What is said of a call. */
  of(call: OperationCall<unknown>): DescribedCall {
    const { action, destination, queueGroup } = call;
    const same = this.#known.get(destination);
    for (const known of same ?? []) {
      const { [attributeNames.operationType]: type, [attributeNames.consumerGroupName]: group } = known.attributes;
      if (type === action && group === queueGroup) return known;
    }
    if (this.#size >= maximumKnown) {
      this.#known.clear();
      this.#size = 0;
    }
    const described = this.#describe(call);
    const others = this.#known.get(destination);
    if (others === undefined) this.#known.set(destination, [described]);
    else others.push(described);
    this.#size += 1;
    return described;
  }

  #describe({ action, destination, queueGroup }: OperationCall<unknown>): DescribedCall {
    const firstParameter = destination.indexOf(".{");
    const attributes: Attributes = {
      ...this.#given,
      [attributeNames.operationName]: action,
      [attributeNames.operationType]: action,
    };
    if (firstParameter < 0) {
      attributes[attributeNames.destinationName] = destination;
    } else {
      // What stands in the place of the parameters is data of the message.
      attributes[attributeNames.destinationName] = destination.slice(0, firstParameter);
      attributes[attributeNames.destinationTemplate] = destination;
    }
    if (queueGroup !== undefined) attributes[attributeNames.consumerGroupName] = queueGroup;
    return { spanName: `${action} ${destination}`, attributes: Object.freeze(attributes) };
  }
}
