/** Puts what a user said into the transcript, and tells whether it wants an answer. */
import type { IncomingMessage } from '../core/incoming.ts';
import type { Db } from '../store/database.ts';
import type { MessageRow } from '../store/tables/conversation.ts';
import { appendMessage, editMessage, findUserMessage, latestMessage } from '../workspaces/transcript.ts';

/** The id of the message to answer; undefined when there is nothing to answer. Call it within the transaction that opens the turn. */
export function recordMessage(
  db: Db,
  conversationId: number,
  incoming: IncomingMessage,
  now: number,
): number | undefined {
  const { messageId, attachments, sender, at } = incoming;
  const text = textOf(incoming);
  const known = findUserMessage(db, conversationId, messageId);
  if (known === undefined) {
    return appendMessage(db, {
      conversationId,
      role: 'user',
      text,
      attachments,
      senderId: sender.id,
      senderName: sender.name,
      channelMessageId: messageId,
      at,
    });
  }
  // What is not an edit comes late: the edit of it overtook it, and was answered.
  if (!incoming.edited || isSame(known, text, incoming)) return undefined;
  editMessage(db, known.id, { text, attachments, editedAt: now });
  return latestMessage(db, conversationId, 'user')?.id === known.id ? known.id : undefined;
}

/** What follows `/start` may be a one-time code: it is for nobody to read. */
const textOf = ({ command, text }: IncomingMessage): string => (command?.name === 'start' ? '/start' : text);

/** Channels tell of edits that change nothing to read: a preview was added, a live location moved within its rounding. */
const isSame = (known: MessageRow, text: string, { attachments }: IncomingMessage): boolean =>
  known.text === text && JSON.stringify(known.attachments) === JSON.stringify(attachments);
