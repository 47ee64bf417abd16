/** `pryx sessions`: with whom Pryx speaks, and what was said. It only reads. */
import { readConversationId } from '../../../shared/conversation-id.ts';
import { PryxError } from '../../../shared/error.ts';
import { readConversation, readConversations } from '../ask-conversations.ts';
import type { CommandContext } from '../context.ts';
import { showSessions } from '../terminal/show-sessions.ts';
import { showTranscript } from '../terminal/show-transcript.ts';

/** Longer lines are hard to read, however wide the terminal is. */
const widest = 100;

export async function sessions(context: CommandContext, wanted: string | undefined): Promise<number> {
  if (wanted !== undefined) return showSession(context, readId(wanted));
  const { home, output } = context;
  const found = await readConversations(home);
  output.result(found, showSessions(found, Date.now(), output.style));
  return 0;
}

export async function showSession({ home, output }: CommandContext, id: number): Promise<number> {
  const found = await readConversation(home, id);
  // A file or another program breaks lines as it likes.
  const columns = process.stdout.isTTY ? Math.min(process.stdout.columns, widest) : Number.POSITIVE_INFINITY;
  output.result(found, showTranscript(found, columns, output.style));
  return 0;
}

function readId(text: string): number {
  const id = readConversationId(text);
  if (id !== undefined) return id;
  throw new PryxError('usage', 'A session goes by its number.', { hint: 'See them with `pryx sessions`.' });
}
