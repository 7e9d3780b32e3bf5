import { byId } from "./element.ts";

/** Says something to those who do not see the page change. */
export function announce(text: string): void {
  byId("announcements").textContent = text;
}
