/** The little that the edge reads of an update: its id, and whether somebody in a private chat waits for an answer. */
import * as z from 'zod';
import { PryxError } from '../../shared/error.ts';

const chat = z.object({ id: z.int(), type: z.string() });
const message = z.object({ from: z.object({ id: z.int() }), chat });
const callback = z.object({ from: z.object({ id: z.int() }), message: z.object({ chat }) });

/** Whatever else an update holds, or leaves out, is the device's business: unknown kinds are jobs as well (Bot API, Update). */
const update = z.object({
  update_id: z.int(),
  message: message.optional().catch(undefined),
  edited_message: message.optional().catch(undefined),
  callback_query: callback.optional().catch(undefined),
});

/** Somebody who did something in a private chat. */
export interface Person {
  user: number;
  chat: number;
  /** Whether it was a message: then an answer will be written. */
  wrote: boolean;
}

export interface ReadUpdate {
  id: number;
  person: Person | undefined;
}

/** Throws `bad_request` for what is not an update; never says what it read. */
export function readUpdate(body: Uint8Array): ReadUpdate {
  const parsed = update.safeParse(parseJson(body));
  if (!parsed.success) throw new PryxError('bad_request', 'The body is not an update of Telegram.');
  const { update_id: id, callback_query: pressed } = parsed.data;
  const written = parsed.data.message ?? parsed.data.edited_message;
  if (written?.chat.type === 'private')
    return { id, person: { user: written.from.id, chat: written.chat.id, wrote: true } };
  if (pressed?.message.chat.type === 'private')
    return { id, person: { user: pressed.from.id, chat: pressed.message.chat.id, wrote: false } };
  return { id, person: undefined };
}

function parseJson(body: Uint8Array): unknown {
  try {
    // RFC 8259, section 8.1: UTF-8, and no byte order mark.
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body));
  } catch {
    return undefined;
  }
}
