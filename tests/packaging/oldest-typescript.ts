/** The oldest TypeScript that reads the library's types; the README names it. 5.6 does not know `Uint8Array<ArrayBuffer>`. */
export const oldestTypeScript = "5.7.3";
