import type { Contract, EventOperation } from "../contract/contract.ts";
import { accessRoles } from "./access-roles.ts";
import { type DescribedContracts, streamName } from "./described-contracts.ts";
import { fieldSchema } from "./field-schema.ts";
import type { JsonSchema } from "./json.ts";
import type { OpenApiEvent, OpenApiOperation, OpenApiParameter } from "./open-api-document.ts";
import { openApiSecurity } from "./open-api-security.ts";
import { headerReferences, streamFailures } from "./problem-responses.ts";
import { anyLibraryProblem } from "./problem-schemas.ts";
import { componentPrefix } from "./schema-target.ts";

/** What the gateway itself says in a stream; a dot stands in no name of a contract. */
const gatewayFrames: Readonly<Record<string, OpenApiEvent>> = {
  "gateway.reset": {
    description: "Events before this one may be missing: since `Last-Event-ID`, or while the broker was away.",
    schema: { type: "object", properties: { reason: { type: "string" } }, required: ["reason"] },
    parameters: [],
  },
  "gateway.end": {
    description: "Comes last where the gateway ends the stream.",
    schema: anyLibraryProblem,
    parameters: [],
  },
};

/** Headers of a stream's request, as components. */
export const streamHeaders: Readonly<Record<string, OpenApiParameter>> = {
  LastEventId: {
    name: "Last-Event-ID",
    in: "header",
    description:
      "The `id` of the last event that was received, to go on after it: what was missed of a stored event follows.",
    schema: { type: "string", pattern: "^(?:[A-Za-z0-9_-]{1,64}-\\d{1,16}|\\d{1,16})$" },
  },
};

/** Parameters of the route itself: an event's own of these names can only be given in a filter. */
const routeParameters = ["name", "filter", "from"];

/** `GET /{contract}/v{major}/events`. */
export function openApiEvents(described: DescribedContracts, contract: Contract, tag: string): OpenApiOperation {
  const events = [...contract.events.values()];
  const open = events.filter(({ access }) => access === "public");
  const roles = new Set(events.flatMap(({ access }) => accessRoles(contract, access) ?? []));
  return {
    operationId: streamName(described.nameOf(contract)),
    summary: `Listens to events of ${contract.name}`,
    description: "Server-sent events of one name, from when the answer begins until the caller leaves. The event is " +
      "named by `name`, with its own parameters, or by `filter`: exactly one of the two is wanted.",
    tags: [tag],
    ...openApiSecurity(contract, open.length === 0),
    parameters: [
      nameParameter(events),
      filterParameter,
      ...(events.some(({ durable }) => durable !== undefined) ? [fromParameter] : []),
      ...eventParameters(described, events),
      { $ref: "#/components/parameters/LastEventId" },
    ],
    responses: {
      200: {
        description: "The subscription is there; events follow.",
        headers: headerReferences(["RateLimit", "RateLimit-Policy"]),
        content: { "text/event-stream": { schema: { $ref: componentPrefix + streamSchemaName(described, contract) } } },
      },
      ...streamFailures({ isPublic: open.length === events.length }),
    },
    ...(open.length === 0 ? { "x-roles": [...contract.roles.keys()].filter((role) => roles.has(role)) } : {}),
    "x-events": {
      ...Object.fromEntries(events.map((event) => [event.name, describeEvent(described, contract, event)])),
      ...gatewayFrames,
    },
  };
}

/** The text of a stream, one for each contract with events. */
export function streamSchemas(described: DescribedContracts): Record<string, JsonSchema> {
  const schemas = described.contracts.filter(({ events }) => events.size > 0).map((contract) => {
    const each = [...contract.events.values()].map((event) => {
      const { schema } = described.event(event);
      const name = schema?.["$ref"]?.toString().slice(componentPrefix.length);
      return `- \`${event.name}\`: ${name === undefined ? "without data" : `\`data\` is the JSON of \`${name}\``}`;
    });
    const description = [
      "Frames with `event`, the event's name, `id`, `subject`, `time` of a stored event, `header` and `data`:",
      "",
      ...each,
      "- `gateway.reset`, `gateway.end`: what the gateway itself says of the stream",
    ].join("\n");
    return [streamSchemaName(described, contract), { type: "string", description }] as const;
  });
  return Object.fromEntries(schemas);
}

function streamSchemaName(described: DescribedContracts, contract: Contract): string {
  return `${described.nameOf(contract)}EventStream`;
}

function describeEvent(described: DescribedContracts, contract: Contract, event: EventOperation): OpenApiEvent {
  const { schema } = described.event(event);
  const roles = accessRoles(contract, event.access);
  return {
    ...(event.description === undefined ? {} : { description: event.description }),
    ...(schema === undefined ? {} : { schema }),
    parameters: event.template.parameters,
    ...(roles === undefined ? {} : { roles }),
  };
}

function nameParameter(events: readonly EventOperation[]): OpenApiParameter {
  return {
    name: "name",
    in: "query",
    description: "The event's name.",
    schema: { type: "string", enum: events.map(({ name }) => name) },
  };
}

const filterParameter: OpenApiParameter = {
  name: "filter",
  in: "query",
  description: "The event's subject after `.event.`: its name and its parameters as subject tokens, `*` for any value.",
  schema: { type: "string", examples: ["orderMoved.eu.*"] },
};

const fromParameter: OpenApiParameter = {
  name: "from",
  in: "query",
  description: "Where a stored event begins: `new`, `all`, a sequence, or a time. Without it, with what comes.",
  schema: { type: "string", examples: ["all", "42", "2026-11-24T10:00:00Z"] },
};

/** One query parameter for each subject parameter of the events; what several events call the same is one. */
function eventParameters(described: DescribedContracts, events: readonly EventOperation[]): OpenApiParameter[] {
  const names = new Set(events.flatMap(({ template }) => template.parameters));
  return [...names].filter((name) => !routeParameters.includes(name)).map((name) => {
    const owners = events.filter(({ template }) => template.parameters.includes(name));
    const fields = owners.map((event) => {
      const { description: _, ...field } = fieldSchema(described.components, described.event(event).schema, name);
      return field;
    });
    const schema = fields.every((field) => JSON.stringify(field) === JSON.stringify(fields[0])) ? fields[0]! : {};
    return {
      name,
      in: "query",
      description: `Fixes \`${name}\` of ${
        owners.map((event) => `\`${event.name}\``).join(", ")
      }. Any value where it is left out.`,
      schema: Object.keys(schema).length === 0 ? { type: "string" } : schema,
    };
  });
}
