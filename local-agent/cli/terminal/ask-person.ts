/** Questions to whoever sits at the terminal. */
import { createInterface } from 'node:readline/promises';

/** Anything but a yes is a no, and so is the end of input. Nobody there to ask: `undefined`. */
export async function askYesNo(question: string): Promise<boolean | undefined> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return undefined;
  return /^\s*y(es)?\s*$/i.test(await readAnswer(`${question} [y/N] `));
}

export async function waitForEnter(words: string): Promise<void> {
  if (process.stdin.isTTY && process.stderr.isTTY) await readAnswer(words);
}

async function readAnswer(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const closed = new Promise<string>((resolve) => terminal.once('close', () => resolve('')));
  try {
    return await Promise.race([terminal.question(question), closed]);
  } finally {
    terminal.close();
  }
}
