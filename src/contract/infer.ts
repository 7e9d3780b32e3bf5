import type { LibraryCode } from "../errors/error-codes.ts";
import type { MessagingError } from "../errors/messaging-error.ts";
import type { Contract } from "./contract.ts";
import type {
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
/** The names of a contract's durable events. */
export type DurableEventName<C extends Contract> = {
  [Name in EventName<C>]: true extends InferContract<C>["events"][Name]["durable"] ? Name : never;
}[EventName<C>];
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
  // Read through `infer`, so that a hover shows the errors and not this name with the whole contract behind it.
  InferContract<C>["requests"][Name]["failures"] extends infer Failures
    ? ErrorsByCode<Failures> | MessagingError<LibraryCode>
    : never;

/** One `MessagingError` type for each code. */
export type ErrorsByCode<Errors> = {
  [Code in keyof Errors & string]: MessagingError<Code, Errors[Code]>;
}[keyof Errors & string];

// The types below are branches of a condition that always holds: a hover then shows plain objects instead of these
// names with the whole definition, every schema in it, as their arguments.

/** Reads a contract's types off its definition. */
export type TypesOf<
  Errors extends ErrorDefinitions,
  Requests extends RequestDefinitions,
  Events extends EventDefinitions,
> = [Requests, Events] extends [RequestDefinitions, EventDefinitions] ? {
    readonly requests: { readonly [Name in keyof Requests & string]: TypesOfRequest<Requests[Name], Errors> };
    readonly events: { readonly [Name in keyof Events & string]: TypesOfEvent<Events[Name]> };
  }
  : never;

/** Reads a request's types off its definition. */
export type TypesOfRequest<Definition extends RequestDefinition, Errors extends ErrorDefinitions> = [Definition] extends
  [RequestDefinition] ? {
    readonly input: SchemaInput<Definition["request"]>;
    readonly received: SchemaOutput<Definition["request"]>;
    readonly returned: SchemaInput<Definition["response"]>;
    readonly output: SchemaOutput<Definition["response"]>;
    readonly errors: { readonly [Code in ErrorNames<Definition>]: ErrorInput<Errors[Code]> };
    readonly failures: { readonly [Code in ErrorNames<Definition>]: ErrorOutput<Errors[Code]> };
  }
  : never;

/** Reads an event's types off its definition. */
export type TypesOfEvent<Definition extends EventDefinition | StandardSchema> = [Definition] extends
  [EventDefinition | StandardSchema] ? {
    readonly input: SchemaInput<EventSchema<Definition>>;
    readonly output: SchemaOutput<EventSchema<Definition>>;
    readonly params: EventParameters<Definition>;
    readonly durable: IsDurable<Definition>;
  }
  : never;

/** Whether an event is stored, as far as its definition says it in its type. */
export type IsDurable<Definition> = Definition extends { readonly durable: infer Durable }
  ? Durable extends false | undefined ? false : true
  : false;

/** The codes that a request names as its errors. */
export type ErrorNames<Definition extends RequestDefinition> = Definition["errors"] extends readonly (infer Code)[]
  ? Code & string
  : never;

/** The data that an error of the contract is made with. */
export type ErrorInput<Definition> = Definition extends { readonly data: infer Schema extends StandardSchema }
  ? SchemaInput<Schema>
  : undefined;

/** The data that an error of the contract is caught with. */
export type ErrorOutput<Definition> = Definition extends { readonly data: infer Schema extends StandardSchema }
  ? SchemaOutput<Schema>
  : undefined;

/** The schema of an event in either form. */
export type EventSchema<Definition extends EventDefinition | StandardSchema> = Definition extends StandardSchema
  ? Definition
  : Definition extends EventDefinition ? Definition["schema"]
  : never;

/** The parameters of an event's subject, typed by the fields that they name. */
export type EventParameters<Definition> = Definition extends
  { readonly schema: infer Schema extends StandardSchema; readonly subject: infer Template extends string }
  ? { readonly [Name in ParameterNames<Template>]: ParameterValue<SchemaInput<Schema>, Name> }
  : Readonly<Record<string, never>>;

/** What one parameter may be: the type of its field, where that is a string or a number. */
export type ParameterValue<Input, Name> = Name extends keyof Input ? Input[Name] & (string | number) : never;

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

/** The names of the fields that may stand in a subject: strings and numbers. */
export type SubjectFields<Input> = {
  [Key in keyof Input & string]: [Input[Key]] extends [string | number] ? Key : never;
}[keyof Input & string];
