import type { EventOperation } from "../contract/contract.ts";
import type { AsyncApiChannel, AsyncApiParameter } from "./async-api-document.ts";
import type { DescribedContracts } from "./described-contracts.ts";
import { fieldSchema } from "./field-schema.ts";
import { camelCase } from "./identifiers.ts";
import { uniqueNames } from "./unique-names.ts";

/** What AsyncAPI lets stand between braces. */
const parameterName = /^[A-Za-z0-9_-]+$/;

/** The subject of an event, its parameters in braces, and what they are. */
export function eventAddress(
  described: DescribedContracts,
  operation: EventOperation,
  subject: string,
): Pick<AsyncApiChannel, "address" | "parameters"> {
  const { template } = operation;
  if (template.parameters.length === 0) return { address: template.subscribeSubject(subject, {}) };
  const names = uniqueNames(
    new Map(template.parameters.map((name) => [name, [parameterName.test(name) ? name : camelCase(name)]])),
  );
  let index = 0;
  const tokens = template.subscribeSubject(subject, {}).split(".").map((token) =>
    token === "*" ? `{${names.get(template.parameters[index++]!)}}` : token
  );
  const parameters = template.parameters.map((name) =>
    [names.get(name)!, eventParameter(described, operation, name)] as const
  );
  return { address: tokens.join("."), parameters: Object.fromEntries(parameters) };
}

function eventParameter(described: DescribedContracts, operation: EventOperation, name: string): AsyncApiParameter {
  const { schema } = described.event(operation);
  const { enum: values, description } = fieldSchema(described.components, schema, name);
  const pointer = name.replaceAll("~", "~0").replaceAll("/", "~1");
  const texts = Array.isArray(values) && values.every((value) => parameterName.test(String(value))) ? values : [];
  return {
    description: typeof description === "string" ? description : `The field "${name}", as one subject token.`,
    location: `$message.payload#/${pointer}`,
    ...(texts.length === 0 ? {} : { enum: texts.map(String) }),
  };
}
