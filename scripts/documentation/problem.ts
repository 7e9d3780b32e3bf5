/** What is wrong in a page, and where. */
export interface Problem {
  readonly page: string;
  readonly line: number;
  readonly text: string;
}
