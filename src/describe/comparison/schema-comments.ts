import type { JsonSchema } from "../json.ts";

/** What a schema says of checks that JSON Schema has no words for, one by one. */
export function commentsOf({ $comment }: JsonSchema): readonly string[] {
  if (typeof $comment !== "string") return [];
  return $comment.split("More is checked than this schema tells: ").map((text) => text.trim().replace(/\.$/, ""))
    .flatMap((text) => text.startsWith("a ") ? [text] : text.split(", ")).filter((text) => text !== "");
}
