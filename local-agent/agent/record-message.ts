/** Puts what a user said into the transcript, and tells whether it wants an answer. */
import type { IncomingMessage } from '../core/incoming.ts';
import type { MessageRow } from '../store/tables/conversation.ts';
import type { Transcript } from '../workspaces/transcript.ts';

/**
 * The id of the message to answer; undefined when there is nothing to answer. `openTurn` is called for one that is to be answered, and
 * gives the id of its turn. Call it within a transaction.
 */
export function recordMessage(
  transcript: Transcript,
  conversationId: number,
  incoming: IncomingMessage,
  now: number,
  openTurn: () => number,
): number | undefined {
  const { messageId: channelMessageId, attachments, sender, at } = incoming;
  const text = textOf(incoming);
  const known = transcript.findByChannelId(conversationId, channelMessageId);
  if (known === undefined) {
    const from = { senderId: sender.id, senderName: sender.name, channelMessageId };
    return transcript.append({ conversationId, turnId: openTurn(), role: 'user', text, attachments, ...from, at });
  }
  // What is not an edit comes late: the edit of it overtook it, and was answered.
  if (!incoming.edited || isSame(known, text, incoming)) return undefined;
  const change = { text, attachments, editedAt: now };
  if (transcript.latest(conversationId, 'user')?.id === known.id) {
    transcript.edit(known.id, { ...change, turnId: openTurn() });
    return known.id;
  }
  transcript.edit(known.id, change);
  return undefined;
}

/** What follows `/start` may be a one-time code: it is for nobody to read. */
const textOf = ({ command, text }: IncomingMessage): string => (command?.name === 'start' ? '/start' : text);

/** Channels tell of edits that change nothing to read: a preview was added, a live location moved within its rounding. */
const isSame = (known: MessageRow, text: string, { attachments }: IncomingMessage): boolean =>
  known.text === text && JSON.stringify(known.attachments) === JSON.stringify(attachments);
