import { byId } from "./element.ts";

/** The token field: what stands in it is read for each call and kept nowhere else. */
export function readToken(): () => string {
  const field = byId<HTMLInputElement>("token");
  const show = byId("token-show");
  // A browser that restores a form's fields when a page is loaded again would have kept it.
  field.value = "";
  show.addEventListener("click", () => {
    const shown = field.type === "text";
    field.type = shown ? "password" : "text";
    show.setAttribute("aria-pressed", String(!shown));
  });
  return () => field.value.trim();
}
