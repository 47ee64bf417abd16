/** JSON that somebody else wrote, for a schema to judge: `undefined` for what is none. */
export function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
