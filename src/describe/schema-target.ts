/** How a document writes its schemas. */
export interface SchemaTarget {
  /** The draft of JSON Schema: OpenAPI 3.1 is a dialect of 2020-12, AsyncAPI 3.0 of draft 07. */
  readonly draft: "draft-2020-12" | "draft-07";
  /** What stands before a schema's name in a reference. */
  readonly prefix: string;
  /**
   * Keeps what only a comparison reads: comments apart from descriptions, and which objects and tuples keep what they do
   * not name. @default false
   */
  readonly exact?: boolean;
}

/** Where both kinds of documents keep their schemas. */
export const componentPrefix = "#/components/schemas/";
