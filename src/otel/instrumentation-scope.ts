/** Whose spans and metrics these are; a test holds the version to the manifest's. */
export const instrumentationScope = { name: "@magicbutton/messaging", version: "0.1.0" } as const;
