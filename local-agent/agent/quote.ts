/** Somebody's words inside an answer of ours: shown as they are, not read as Markdown, and not too long. */
const longest = 300;

export function quote(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  const cut = line.length > longest ? `${line.slice(0, longest).trimEnd()}…` : line;
  return cut.replaceAll(/[\\`*_~[\]<>|#&!]/g, '\\$&');
}

export const quoteList = (texts: readonly string[]): string => texts.map((text) => `- ${quote(text)}`).join('\n');
