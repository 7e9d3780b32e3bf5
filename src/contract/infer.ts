import type { LibraryCode } from "../errors/error-codes.ts";
import type { MessagingError } from "../errors/messaging-error.ts";
import type { Contract } from "./contract.ts";
import type { ContractTypes, EventTypes, RequestTypes } from "./contract-types.ts";
import type {
  ErrorDefinition,
  ErrorDefinitions,
  EventDefinition,
  EventDefinitions,
  RequestDefinition,
  RequestDefinitions,
} from "./definition.ts";
import type { SchemaInput, SchemaOutput, StandardSchema } from "./standard-schema.ts";

/** The types of a contract. */
export type InferContract<C extends Contract> = NonNullable<C["~types"]>;
/** The names of a contract's requests. */
export type RequestName<C extends Contract> = keyof InferContract<C>["requests"] & string;
/** The names of a contract's events. */
export type EventName<C extends Contract> = keyof InferContract<C>["events"] & string;
/** What a caller passes to a request. */
export type InferRequest<C extends Contract, Name extends RequestName<C>> = InferContract<C>["requests"][Name]["input"];
/** What a caller of a request gets. */
export type InferResponse<C extends Contract, Name extends RequestName<C>> = InferContract<
  C
>["requests"][Name]["output"];
/** What a subscriber of an event gets. */
export type InferEvent<C extends Contract, Name extends EventName<C>> = InferContract<C>["events"][Name]["output"];
/** The errors a request may end with: the contract's, typed by code, and the library's. */
export type InferErrors<C extends Contract, Name extends RequestName<C>> =
  | ErrorsByCode<InferContract<C>["requests"][Name]["errors"]>
  | MessagingError<LibraryCode>;

/** One `MessagingError` type for each code. */
export type ErrorsByCode<Errors> = {
  [Code in keyof Errors & string]: MessagingError<Code, Errors[Code]>;
}[keyof Errors & string];

/** Reads a contract's types off its definition. */
export interface TypesOf<
  Errors extends ErrorDefinitions,
  Requests extends RequestDefinitions,
  Events extends EventDefinitions,
> extends ContractTypes {
  /** By request name. */
  readonly requests: { readonly [Name in keyof Requests & string]: TypesOfRequest<Requests[Name], Errors> };
  /** By event name. */
  readonly events: { readonly [Name in keyof Events & string]: TypesOfEvent<Events[Name]> };
}

/** Reads a request's types off its definition. */
export interface TypesOfRequest<Definition extends RequestDefinition, Errors extends ErrorDefinitions>
  extends RequestTypes {
  /** What the caller passes. */
  readonly input: SchemaInput<Definition["request"]>;
  /** What the handler gets. */
  readonly received: SchemaOutput<Definition["request"]>;
  /** What the handler returns. */
  readonly returned: SchemaInput<Definition["response"]>;
  /** What the caller gets. */
  readonly output: SchemaOutput<Definition["response"]>;
  /** The data of each error, by code. */
  readonly errors: { readonly [Code in ErrorNames<Definition>]: ErrorData<Errors[Code]> };
}

/** Reads an event's types off its definition. */
export interface TypesOfEvent<Definition extends EventDefinition | StandardSchema> extends EventTypes {
  /** What is broadcast. */
  readonly input: SchemaInput<EventSchema<Definition>>;
  /** What a subscriber gets. */
  readonly output: SchemaOutput<EventSchema<Definition>>;
  /** The subject parameters a subscription may fix. */
  readonly params: EventParameters<Definition>;
}

type ErrorNames<Definition extends RequestDefinition> = Definition["errors"] extends readonly (infer Code)[]
  ? Code & string
  : never;

type ErrorData<Definition> = Definition extends ErrorDefinition & { readonly data: infer Schema extends StandardSchema }
  ? SchemaInput<Schema>
  : undefined;

/** The schema of an event in either form. */
export type EventSchema<Definition extends EventDefinition | StandardSchema> = Definition extends StandardSchema
  ? Definition
  : Definition extends EventDefinition ? Definition["schema"]
  : never;

type EventParameters<Definition> = Definition extends
  { readonly schema: infer Schema extends StandardSchema; readonly subject: infer Template extends string }
  ? { readonly [Name in ParameterNames<Template>]: ParameterValue<SchemaInput<Schema>, Name> }
  : Readonly<Record<never, never>>;

type ParameterValue<Input, Name> = Name extends keyof Input ? Input[Name] & (string | number) : never;

/** The names between braces in a subject template. */
export type ParameterNames<Template extends string> = Template extends `${string}{${infer Name}}${infer Rest}`
  ? Name | ParameterNames<Rest>
  : never;

/** Refuses, with a message as the expected type, an event whose subject names no string or number field of its schema. */
export type CheckedEvents<Events extends EventDefinitions> = {
  readonly [Name in keyof Events]: Events[Name] extends
    { readonly schema: infer Schema extends StandardSchema; readonly subject: infer Template extends string }
    ? [ParameterNames<Template>] extends [SubjectFields<SchemaInput<Schema>>] ? Events[Name]
    : {
      readonly subject: `"{${Exclude<
        ParameterNames<Template>,
        SubjectFields<SchemaInput<Schema>>
      >}}" is not a string or number field of the event's schema`;
    }
    : Events[Name];
};

type SubjectFields<Input> = {
  [Key in keyof Input & string]: [Input[Key]] extends [string | number] ? Key : never;
}[keyof Input & string];
