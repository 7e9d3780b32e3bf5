import type { DocumentInformation } from "./document-information.ts";
import type { JsonSchema } from "./json.ts";

/** An OpenAPI 3.1 document, as far as this library writes one. @see https://spec.openapis.org/oas/v3.1.1 */
export interface OpenApiDocument {
  /** The version of OpenAPI. */
  readonly openapi: "3.1.1";
  /** What the API is. */
  readonly info: DocumentInformation;
  /** Where it is; absent: where the document came from. */
  readonly servers?: readonly { readonly url: string }[];
  /** One for each contract. */
  readonly tags: readonly OpenApiTag[];
  /** The routes. */
  readonly paths: Readonly<Record<string, OpenApiPath>>;
  /** What the routes share. */
  readonly components: OpenApiComponents;
}

/** The tag of a contract. */
export interface OpenApiTag {
  /** The contract's name. */
  readonly name: string;
  /** The contract's version. */
  readonly description: string;
}

/** The operations of one route. */
export interface OpenApiPath {
  /** A request. */
  readonly post?: OpenApiOperation;
  /** Events. */
  readonly get?: OpenApiOperation;
}

/** A reference to a component. */
export interface OpenApiReference {
  /** Such as `#/components/responses/Problem500`. */
  readonly $ref: string;
}

/** One way to call the API. */
export interface OpenApiOperation {
  /** The name of a function in a generated client. */
  readonly operationId: string;
  /** In one sentence. */
  readonly summary?: string;
  /** In full. */
  readonly description?: string;
  /** The contract's tag. */
  readonly tags: readonly string[];
  /** The least that is wanted of a caller, as alternatives; absent where no contract asks who calls. */
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[];
  /** Headers and query parameters. */
  readonly parameters: readonly (OpenApiParameter | OpenApiReference)[];
  /** What a request carries. */
  readonly requestBody?: OpenApiBody;
  /** Answers by status, and `default`. */
  readonly responses: Readonly<Record<string, OpenApiResponse | OpenApiReference>>;
  /** Roles that may use it; absent where everyone may. */
  readonly "x-roles"?: readonly string[];
  /** Whether it may be sent again. */
  readonly "x-idempotent"?: boolean;
  /** The events of a stream by name. */
  readonly "x-events"?: Readonly<Record<string, OpenApiEvent>>;
}

/** One of the events that a stream may carry. */
export interface OpenApiEvent {
  /** In words. */
  readonly description?: string;
  /** The JSON in its `data`; absent where it has none. */
  readonly schema?: JsonSchema;
  /** Its subject parameters. */
  readonly parameters: readonly string[];
  /** Roles that may listen; absent where everyone may. */
  readonly roles?: readonly string[];
}

/** A header or query parameter. */
export interface OpenApiParameter {
  /** Its name. */
  readonly name: string;
  /** Where it stands. */
  readonly in: "header" | "query";
  /** What it does. */
  readonly description: string;
  /** Whether it must be there. */
  readonly required?: boolean;
  /** What it may be. */
  readonly schema: JsonSchema;
}

/** What a request carries. */
export interface OpenApiBody {
  /** Whether there must be a body. */
  readonly required: boolean;
  /** By media type. */
  readonly content: Readonly<Record<string, { readonly schema: JsonSchema }>>;
}

/** An answer. */
export interface OpenApiResponse {
  /** When it comes. */
  readonly description: string;
  /** Headers by name. */
  readonly headers?: Readonly<Record<string, OpenApiHeader | OpenApiReference>>;
  /** By media type. */
  readonly content?: Readonly<Record<string, { readonly schema: JsonSchema }>>;
}

/** A header of an answer. */
export interface OpenApiHeader {
  /** What it says. */
  readonly description: string;
  /** What it may be. */
  readonly schema: JsonSchema;
}

/** How a caller shows who it is. */
export interface OpenApiSecurityScheme {
  /** By a header of HTTP. */
  readonly type: "http";
  /** The scheme of RFC 6750. */
  readonly scheme: "bearer";
  /** What the token is for. */
  readonly description: string;
}

/** What the routes share. */
export interface OpenApiComponents {
  /** What travels, and problems. */
  readonly schemas: Readonly<Record<string, JsonSchema>>;
  /** Answers of the library itself. */
  readonly responses: Readonly<Record<string, OpenApiResponse>>;
  /** Headers of requests. */
  readonly parameters: Readonly<Record<string, OpenApiParameter>>;
  /** Headers of answers. */
  readonly headers: Readonly<Record<string, OpenApiHeader>>;
  /** How callers show who they are; absent where no contract asks. */
  readonly securitySchemes?: Readonly<Record<string, OpenApiSecurityScheme>>;
}
