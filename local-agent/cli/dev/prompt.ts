/** The prompt of `pryx dev`: a line is said to Pryx, and its answer is shown as it grows. */
import { createInterface } from 'node:readline/promises';
import { styleText } from 'node:util';
import type { Conversation, Exchange } from './conversation.ts';
import { formatTrace } from './show-trace.ts';

const you = styleText('cyan', 'you › ');
const pryx = styleText('magenta', 'pryx › ');

/** Until the input ends (Ctrl-D) or `stopping` aborts. */
export async function runPrompt(
  conversation: Conversation,
  options: { trace: boolean; stopping: AbortSignal },
): Promise<void> {
  const lines = createInterface({ input: process.stdin, output: process.stdout, prompt: you });
  options.stopping.addEventListener('abort', () => lines.close());
  lines.on('SIGINT', () => lines.close());
  lines.prompt();
  try {
    for await (const line of lines) {
      if (line.trim() !== '') await sayAndShow(conversation, line.trim(), options);
      lines.prompt();
    }
  } catch (error) {
    if (!options.stopping.aborted) throw error;
  }
  process.stdout.write('\n');
}

async function sayAndShow(
  conversation: Conversation,
  text: string,
  options: { trace: boolean; stopping: AbortSignal },
): Promise<void> {
  const shown = createGrowingText(process.stdout);
  process.stdout.write(pryx);
  const button = /^\d{1,2}$/.test(text) ? conversation.buttons()[Number(text) - 1] : undefined;
  const growing = (answer: string[]): void => shown.grow(joined(answer));
  const exchange = await (button === undefined
    ? conversation.ask(text, growing, options.stopping)
    : conversation.press(button, growing, options.stopping));
  shown.finish(joined(exchange.answer) || nothingSaid(exchange));
  const buttons = conversation.buttons().map((label, index) => styleText('cyan', `[${index + 1}] ${label}`));
  if (buttons.length > 0)
    process.stdout.write(`${buttons.join('  ')}  ${styleText('dim', 'type a number to press one')}\n`);
  if (options.trace) process.stdout.write(`${formatTrace(exchange.trace, exchange.webhook)}\n`);
}

const joined = (answer: readonly string[]): string => answer.filter((part) => part !== '…').join('\n\n');

const nothingSaid = ({ trace }: Exchange): string => styleText('dim', `(no answer: ${trace.state})`);

/** Text that only ever gets longer is written as it comes; text that changes is written again below. */
function createGrowingText(output: NodeJS.WritableStream) {
  let written = '';
  return {
    grow(text: string): void {
      if (!text.startsWith(written)) return;
      output.write(text.slice(written.length));
      written = text;
    },
    finish(text: string): void {
      output.write(text.startsWith(written) ? text.slice(written.length) : `\n${text}`);
      output.write('\n');
    },
  };
}
