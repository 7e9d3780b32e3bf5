/** Starts a line that says how far a job is. */
export const markStart = "@@mark ";
/** Starts the line with a job's result as JSON. */
export const resultStart = "@@job ";
/** What the starter writes to let a job go on. */
export const goLine = "go";
