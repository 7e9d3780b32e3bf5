import { asObject, type JsonSchema, SchemaReader } from "./json-schema.ts";

/** What requests and events have in common. */
export interface ApiOperation {
  /** Its place among all of them, such as `orders/v1/createOrder`. */
  readonly key: string;
  /** The path of its route. */
  readonly path: string;
  /** Its name in the contract. */
  readonly name: string;
  /** In words. */
  readonly description: string | undefined;
  /** Who may use it, in words. */
  readonly roles: string | undefined;
  /** What else is to be known before it is used. */
  readonly marks: readonly string[];
}

/** A request of a contract. */
export interface ApiRequest extends ApiOperation {
  /** The contract's own deadline, in milliseconds. */
  readonly timeoutMs: number | undefined;
  /** The schema of what it takes; absent where it takes nothing. */
  readonly body: unknown;
  /** The schema of what it answers; absent where it answers nothing. */
  readonly answer: unknown;
  /** The contract's errors that it names. */
  readonly errors: readonly ApiError[];
}

/** An error of a contract. */
export interface ApiError {
  readonly code: string;
  readonly status: string;
  readonly description: string | undefined;
  /** The schema of its data; absent where it has none. */
  readonly data: unknown;
}

/** An event of a contract. */
export interface ApiEvent extends ApiOperation {
  /** The schema of what it carries; absent where it carries nothing. */
  readonly schema: unknown;
  /** By what the broker can filter it. */
  readonly parameters: readonly string[];
}

/** A contract as the gateway's document shows it. */
export interface ApiContract {
  readonly name: string;
  readonly version: string;
  readonly requests: readonly ApiRequest[];
  readonly events: readonly ApiEvent[];
}

/** What the page reads of the gateway's OpenAPI document. */
export interface ApiDocument {
  readonly title: string;
  readonly subtitle: string;
  readonly contracts: readonly ApiContract[];
}

/** Reads the gateway's OpenAPI document; what it does not understand it leaves out. */
export function readApiDocument(document: unknown): ApiDocument {
  const { info, paths, tags, components } = asObject(document);
  const schemas = new SchemaReader(document);
  const shared = Object.values(asObject(asObject(components).responses));
  const libraryCodes = new Set(shared.flatMap((response) => problemsOf(response, schemas)).map(({ code }) => code));
  const contracts = new Map<string, { name: string; version: string; requests: ApiRequest[]; events: ApiEvent[] }>();
  for (const [path, operations] of Object.entries(asObject(paths))) {
    const [name, version, operation] = path.split("/").slice(1).map(decode);
    if (name === undefined || version === undefined || operation === undefined) continue;
    const key = `${name}/${version}`;
    const contract = contracts.get(key) ??
      { name, version: fullVersion(tags, operations, version), requests: [], events: [] };
    contracts.set(key, contract);
    const { get, post } = asObject(operations);
    if (post !== undefined) {
      contract.requests.push(readRequest(`${key}/${operation}`, path, operation, post, schemas, libraryCodes));
    }
    if (get !== undefined) contract.events.push(...readEvents(`${key}/events`, path, get));
  }
  const { title, description } = asObject(info);
  return {
    title: text(title) ?? "Gateway",
    subtitle: text(description) ?? "live page",
    contracts: [...contracts.values()],
  };
}

function readRequest(
  key: string,
  path: string,
  name: string,
  operation: unknown,
  schemas: SchemaReader,
  libraryCodes: ReadonlySet<string>,
): ApiRequest {
  const fields = asObject(operation);
  const { requestBody, responses } = fields;
  const body = schemas.resolve(requestBody);
  const marks: string[] = [];
  if (fields["x-idempotent"] === true) marks.push("may be sent again");
  const timeoutMs = schemas.resolve(deadlineOf(fields.parameters, schemas)).default;
  return {
    key,
    path,
    name,
    description: describe(fields),
    roles: roles(fields["x-roles"]),
    marks,
    timeoutMs: typeof timeoutMs === "number" ? timeoutMs : undefined,
    body: contentSchema(body),
    answer: contentSchema(schemas.resolve(asObject(responses)["200"])),
    errors: readErrors(asObject(responses), schemas, libraryCodes),
  };
}

function readEvents(key: string, path: string, operation: unknown): ApiEvent[] {
  // A dot stands in no event's name: those are the gateway's own.
  const events = Object.entries(asObject(asObject(operation)["x-events"])).filter(([name]) => !name.includes("."));
  return events.map(([name, event]) => {
    const { description, schema, parameters, roles: allowed } = asObject(event);
    return {
      key: `${key}/${name}`,
      path,
      name,
      description: text(description),
      roles: roles(allowed),
      marks: [],
      schema,
      parameters: Array.isArray(parameters) ? parameters.map(String) : [],
    };
  });
}

/** The errors that a request has beside those that the gateway answers every request with. */
function readErrors(responses: JsonSchema, schemas: SchemaReader, libraryCodes: ReadonlySet<string>): ApiError[] {
  return Object.entries(responses).flatMap(([status, response]) =>
    problemsOf(response, schemas)
      .filter(({ code }) => !libraryCodes.has(code))
      .map((problem) => ({ ...problem, status }))
  );
}

function problemsOf(response: unknown, schemas: SchemaReader): Omit<ApiError, "status">[] {
  const { content } = schemas.resolve(response);
  return problemsIn(asObject(asObject(content)["application/problem+json"]).schema, schemas);
}

/** Where the contract's own deadline stands. */
function deadlineOf(parameters: unknown, schemas: SchemaReader): unknown {
  const all = Array.isArray(parameters) ? parameters.map((parameter) => schemas.resolve(parameter)) : [];
  return all.find(({ name }) => name === "Request-Timeout-Ms")?.schema;
}

function problemsIn(schema: unknown, schemas: SchemaReader): Omit<ApiError, "status">[] {
  const read = schemas.resolve(schema);
  const choices = read.oneOf ?? read.anyOf;
  if (Array.isArray(choices)) return choices.flatMap((choice) => problemsIn(choice, schemas));
  // A problem is what every problem is, and then what this one is.
  const own = Array.isArray(read.allOf) ? read.allOf.at(-1) : read;
  const members = new Map(schemas.members(own).map(({ name, schema }) => [name, schema]));
  const { const: code } = schemas.resolve(members.get("code"));
  return typeof code === "string" ? [{ code, description: text(read.description), data: members.get("data") }] : [];
}

function contentSchema({ content }: JsonSchema): unknown {
  return asObject(asObject(content)["application/json"]).schema;
}

/** The tag of a contract's operations carries the version that their routes show the first number of. */
function fullVersion(tags: unknown, operations: unknown, version: string): string {
  const names = Object.values(asObject(operations)).flatMap((operation) => asObject(operation).tags);
  const tag = (Array.isArray(tags) ? tags : []).map(asObject).find(({ name }) => names.includes(name));
  return /\d+\.\d+\.\d+(?:[-+][\w.+-]*\w)?/.exec(String(tag?.description))?.[0] ?? version;
}

function describe({ summary, description }: JsonSchema): string | undefined {
  return text(description) ?? text(summary);
}

function roles(allowed: unknown): string {
  if (!Array.isArray(allowed)) return "for everyone";
  return allowed.length === 0 ? "for nobody" : `for ${allowed.join(", ")}`;
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
