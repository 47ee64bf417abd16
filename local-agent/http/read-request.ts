/** What a request to the local API carries, read once and bounded. */
import type { Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type * as z from 'zod';
import { thumbprintText } from '../../shared/api/oauth.ts';
import { readConversationId } from '../../shared/conversation-id.ts';
import { PryxError } from '../../shared/error.ts';
import { readJson } from '../../shared/read-json.ts';

const largestBody = 16 * 1024;

/** Throws `too_large`. */
export const smallBody = bodyLimit({
  maxSize: largestBody,
  onError: () => {
    throw new PryxError('too_large', 'That is larger than anything asked for here.');
  },
});

/** The body as `schema` has it; without a body, an empty object. Throws `bad_request`, and never repeats what it read. */
export async function readBody<Schema extends z.ZodType>(context: Context, schema: Schema): Promise<z.output<Schema>> {
  const text = await context.req.text();
  const parsed = schema.safeParse(text === '' ? {} : readJson(text));
  if (parsed.success) return parsed.data;
  const field = parsed.error.issues[0]?.path[0];
  throw new PryxError(
    'bad_request',
    `The request ${field === undefined ? 'has an unknown form' : `has a bad "${String(field)}"`}.`,
    {
      hint: 'See shared/api for what it takes.',
    },
  );
}

/** Throws `not_found` for what is no id of a device. */
export function readDeviceId(context: Context): string {
  const id = thumbprintText.safeParse(context.req.param('id'));
  if (!id.success)
    throw new PryxError('not_found', 'There is no such device.', { hint: 'See them with `pryx devices`.' });
  return id.data;
}

/** What `read` has of the id in the address. Throws `not_found` where it has nothing, and for what is no id. */
export function readConversation<Found>(context: Context, read: (id: number) => Found | undefined): Found {
  const id = readConversationId(context.req.param('id') ?? '');
  const found = id === undefined ? undefined : read(id);
  if (found === undefined)
    throw new PryxError('not_found', 'There is no such conversation.', { hint: 'See them with `pryx sessions`.' });
  return found;
}
