import type { DocumentInformation } from "./document-information.ts";
import type { JsonSchema } from "./json.ts";

/** An AsyncAPI 3.0 document, as far as this library writes one. @see https://www.asyncapi.com/docs/reference/specification/v3.0.0 */
export interface AsyncApiDocument {
  /** The version of AsyncAPI. */
  readonly asyncapi: "3.0.0";
  /** What the API is. */
  readonly info: DocumentInformation;
  /** The media type of every body that names no other. */
  readonly defaultContentType: "application/json";
  /** The brokers by name; absent where none were given. */
  readonly servers?: Readonly<Record<string, AsyncApiServer>>;
  /** The subjects, by what stands of them without namespace and parameters. */
  readonly channels: Readonly<Record<string, AsyncApiChannel>>;
  /** What the service does. */
  readonly operations: Readonly<Record<string, AsyncApiOperation>>;
  /** What these share. */
  readonly components: AsyncApiComponents;
}

/** A reference to another place of the document. */
export interface AsyncApiReference {
  /** Such as `#/channels/orders.v1.request.createOrder`. */
  readonly $ref: string;
}

/** A NATS server. */
export interface AsyncApiServer {
  /** Host and port. */
  readonly host: string;
  /** A path of a WebSocket. */
  readonly pathname?: string;
  /** Always `nats`. */
  readonly protocol: "nats";
  /** How it is reached. */
  readonly description: string;
  /** How connections are let in, as alternatives. */
  readonly security?: readonly AsyncApiReference[];
}

/** A subject, or the callers' reply subjects. */
export interface AsyncApiChannel {
  /** The subject with the namespace, parameters in braces; `null` where each caller has its own. */
  readonly address: string | null;
  /** What travels there. */
  readonly description?: string;
  /** Messages by name. */
  readonly messages: Readonly<Record<string, AsyncApiReference>>;
  /** What stands in the subject. */
  readonly parameters?: Readonly<Record<string, AsyncApiParameter>>;
  /** How the event is stored; absent where it is not. */
  readonly "x-durable"?: Readonly<Record<string, number>>;
}

/** A parameter of a subject. */
export interface AsyncApiParameter {
  /** What it is. */
  readonly description: string;
  /** Where it stands in the event. */
  readonly location: string;
  /** What it may be, where that is a list. */
  readonly enum?: readonly string[];
}

/** Something that the service does. */
export interface AsyncApiOperation {
  /** It takes requests and sends events. */
  readonly action: "receive" | "send";
  /** The subject. */
  readonly channel: AsyncApiReference;
  /** In one sentence. */
  readonly summary?: string;
  /** In full. */
  readonly description?: string;
  /** The contract. */
  readonly tags: readonly { readonly name: string }[];
  /** What is wanted of a request's caller; absent where nothing is. */
  readonly security?: readonly AsyncApiReference[];
  /** What travels. */
  readonly messages: readonly AsyncApiReference[];
  /** How a request is answered. */
  readonly reply?: { readonly channel: AsyncApiReference; readonly messages: readonly AsyncApiReference[] };
  /** The queue group in which instances share requests. */
  readonly bindings?: { readonly nats: { readonly queue: string; readonly bindingVersion: "0.1.0" } };
  /** Roles that may call or listen; absent where everyone may. */
  readonly "x-roles"?: readonly string[];
  /** Whether a request may be sent again. */
  readonly "x-idempotent"?: boolean;
  /** The deadline of a request that names none, in milliseconds. */
  readonly "x-timeout-ms"?: number;
}

/** What travels in a channel. */
export interface AsyncApiMessage {
  /** Its name. */
  readonly name: string;
  /** What it is. */
  readonly summary?: string;
  /** What else is to be known. */
  readonly description?: string;
  /** Its headers. */
  readonly headers?: JsonSchema;
  /** Its body; absent where it has none. */
  readonly payload?: JsonSchema;
}

/** How a connection, or a caller, shows who it is. */
export interface AsyncApiSecurityScheme {
  /** A kind of AsyncAPI's list. */
  readonly type: "userPassword" | "apiKey" | "asymmetricEncryption" | "X509" | "http";
  /** Of `apiKey`: where it stands. */
  readonly in?: "password";
  /** Of `http`: the scheme of RFC 6750. */
  readonly scheme?: "bearer";
  /** In words. */
  readonly description: string;
}

/** What channels and operations share. */
export interface AsyncApiComponents {
  /** What travels. */
  readonly schemas: Readonly<Record<string, JsonSchema>>;
  /** Messages by name. */
  readonly messages: Readonly<Record<string, AsyncApiMessage>>;
  /** How callers and connections show who they are; absent where nobody asks. */
  readonly securitySchemes?: Readonly<Record<string, AsyncApiSecurityScheme>>;
}
