import { type Check, ok, problem, skipped, warning } from "./check.ts";
import { type Duty, type Need, needKey } from "./needs.ts";
import type { TriedNeeds } from "./try-needs.ts";

const name = "permissions";
const shownNeeds = 6;
const configHint = "The permissions that a user needs: messaging describe <contract> --nats-config";

/** What a connection may do at the broker, against what the duties of a contract need. */
export function checkPermissions(
  duties: readonly Duty[],
  wanted: readonly string[],
  tried: TriedNeeds,
): readonly Check[] {
  const refusedOf = ({ needs }: Duty): readonly Need[] => needs.filter((need) => tried.refused.has(needKey(need)));
  const untried = tried.publishTried
    ? []
    : [skipped(name, "Publishing was not tried: this broker would have let the attempts through")];
  if (wanted.length > 0) return [...untried, ...wantedChecks(duties, wanted, refusedOf)];
  const able = duties.filter((duty) => refusedOf(duty).length === 0).map((duty) => duty.name);
  const unable = duties.filter((duty) => refusedOf(duty).length > 0);
  if (unable.length === 0) {
    return [...untried, ok(name, `The broker lets this connection act as ${able.join(", ")}: it keeps nothing apart`)];
  }
  const missing = unable.map((duty) => `${duty.name} lacks ${needsText(refusedOf(duty))}`).join("; ");
  if (able.length === 0) {
    return [
      ...untried,
      problem(
        name,
        `The broker lets this connection act as nobody of the contract: ${missing}`,
        hintFor(unable, refusedOf),
      ),
    ];
  }
  return [...untried, ok(name, `The broker lets this connection act as ${able.join(", ")}; ${missing}`)];
}

/** What is wanted must be allowed; what else is allowed, the broker should not leave to the services alone. */
function wantedChecks(
  duties: readonly Duty[],
  wanted: readonly string[],
  refusedOf: (duty: Duty) => readonly Need[],
): readonly Check[] {
  const chosen = duties.filter((duty) => wanted.includes(duty.name));
  const own = new Set(chosen.flatMap(({ needs }) => needs).map(needKey));
  const others = duties.filter((duty) => !wanted.includes(duty.name));
  const checks = chosen.map((duty) => {
    const refused = refusedOf(duty);
    if (refused.length === 0) return ok(name, `The broker lets this connection act as ${duty.name}`);
    return problem(
      name,
      `The broker refuses what ${duty.name} needs: ${needsText(refused)}`,
      hintFor([duty], refusedOf),
    );
  });
  const more = others.flatMap((duty) => {
    const refused = new Set(refusedOf(duty).map(needKey));
    return duty.needs.filter((need) => !own.has(needKey(need)) && !refused.has(needKey(need)));
  });
  if (more.length === 0) return checks;
  const extra = [...new Map(more.map((need) => [needKey(need), need])).values()];
  return [
    ...checks,
    warning(
      name,
      `The broker lets this connection do more than that: ${needsText(extra)}`,
      `Services refuse what the contract does not allow; the broker can too. ${configHint}`,
    ),
  ];
}

function hintFor(unable: readonly Duty[], refusedOf: (duty: Duty) => readonly Need[]): string {
  const lacksInbox = unable.flatMap(refusedOf).some(({ action, subject }) =>
    action === "subscribe" && subject.startsWith("_INBOX")
  );
  return lacksInbox ? `A user with an inbox of its own needs --inbox-prefix. ${configHint}` : configHint;
}

function needsText(needs: readonly Need[]): string {
  const shown = needs.slice(0, shownNeeds).map(({ action, subject, queueGroup }) => {
    return `${action} ${subject}${queueGroup === undefined ? "" : ` as ${queueGroup}`}`;
  });
  const more = needs.length - shown.length;
  return [...shown, ...(more > 0 ? [`${more} more`] : [])].join(", ");
}
