import { tokensMatch } from "../subject-pattern.ts";

/** Tells which subjects are meant. */
export type SubjectFilter = (subject: string) => boolean;

/** A filter of one subject, `*` and a last `>` standing for tokens. */
export function subjectFilter(pattern: string): SubjectFilter {
  if (!/[*>]/.test(pattern)) return (subject) => subject === pattern;
  const wanted = pattern.split(".");
  return (subject) => tokensMatch(wanted, subject.split("."));
}

/** Tells whether there is a subject that both patterns stand for. */
export function subjectsOverlap(one: string, other: string): boolean {
  const [these, those] = [one.split("."), other.split(".")];
  for (let index = 0; index < Math.min(these.length, those.length); index++) {
    const [this_, that] = [these[index]!, those[index]!];
    if (this_ === ">" || that === ">") return true;
    if (this_ !== that && this_ !== "*" && that !== "*") return false;
  }
  return these.length === those.length;
}
