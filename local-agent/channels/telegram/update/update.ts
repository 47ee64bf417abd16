/**
 * What Pryx uses of an update (Bot API 10.1, `Update`), and nothing else: unknown fields and kinds pass, and an optional part of
 * an unexpected form counts as absent, because a message that cannot be read to its last field must still be answered.
 */
import * as z from 'zod';

const lax = <T extends z.ZodType>(schema: T) => schema.optional().catch(undefined);
const text = lax(z.string());

const user = z.object({
  id: z.int(),
  is_bot: z.boolean().catch(false),
  first_name: z.string().catch(''),
  last_name: text,
  username: text,
});
export type User = z.infer<typeof user>;

const chat = z.object({
  id: z.int(),
  type: z.string(),
  title: text,
  username: text,
  is_direct_messages: lax(z.boolean()),
});

const entity = z.object({
  type: z.string(),
  offset: z.int(),
  length: z.int(),
  user: lax(z.object({ id: z.int() })),
});
const entities = z.array(entity).catch([]).default([]);
export type IncomingEntity = z.infer<typeof entity>;

/** Loose: what was sent along (photo, poll, …) stays as it came, for `describeAttachment`. */
const content = z.looseObject({
  message_id: z.int(),
  date: z.int().nonnegative(),
  from: lax(user),
  text,
  caption: text,
});

const message = content.extend({
  chat,
  sender_chat: lax(chat),
  message_thread_id: lax(z.int()),
  is_topic_message: lax(z.boolean()),
  edit_date: lax(z.int()),
  entities,
  caption_entities: entities,
  reply_to_message: lax(content),
  quote: lax(z.object({ text: z.string() })),
});
export type Message = z.infer<typeof message>;
export type MessageContent = z.infer<typeof content>;

const callbackQuery = z.object({
  id: z.string().min(1),
  from: user,
  /** `MaybeInaccessibleMessage`: of one that is out of reach only chat and id are told, and its date is 0. */
  message: lax(
    z.object({
      message_id: z.int(),
      date: z.int().nonnegative(),
      chat,
      message_thread_id: lax(z.int()),
      is_topic_message: lax(z.boolean()),
    }),
  ),
  data: text,
});
export type CallbackQuery = z.infer<typeof callbackQuery>;

/** At most one of the optional fields is there; every kind that is not named here is read as none of them. */
export const update = z.object({
  update_id: z.int().nonnegative(),
  message: message.optional(),
  edited_message: message.optional(),
  callback_query: callbackQuery.optional(),
});

/** What Telegram is asked to send (`allowed_updates`): what `read` acts on, and whether the bot was blocked. */
export const allowedUpdates = ['message', 'edited_message', 'callback_query', 'my_chat_member'] as const;
