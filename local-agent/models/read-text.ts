/** Reads a short answer to its end: at most a mebibyte, the rest is left. */
const maxCharacters = 1024 * 1024;

export async function readText(chunks: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const chunk of chunks) {
    text += chunk;
    if (text.length > maxCharacters) break;
  }
  return text.slice(0, maxCharacters);
}
