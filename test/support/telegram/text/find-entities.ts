/** What Telegram marks by itself: commands, mentions, hashtags, links and mail addresses; a plain reading of `find_entities` of TDLib. */
import type { MessageEntity } from 'grammy/types';

type Found = 'bot_command' | 'mention' | 'hashtag' | 'email' | 'url';

/** Domains without a scheme count only under a well-known ending. */
const finders: [Found, RegExp][] = [
  ['url', /(?<![\p{L}\p{N}_@/.])https?:\/\/[^\s<>"]*[^\s<>"'.,;:!?)\]}]/giu],
  ['email', /(?<![\p{L}\p{N}_.+-])[\w.+-]{1,64}@(?:[a-z0-9-]+\.)+[a-z]{2,}(?![\p{L}\p{N}_])/giu],
  [
    'url',
    /(?<![\p{L}\p{N}_@/.-])(?:[a-z0-9-]+\.)+(?:com|org|net|io|dev|app|ai|me|de|eu)(?:\/[^\s<>"]*[^\s<>"'.,;:!?)\]}])?(?![\p{L}\p{N}_])/giu,
  ],
  ['bot_command', /(?<![\p{L}\p{N}_/<>])\/[a-zA-Z0-9_]{1,64}(?:@[a-zA-Z0-9_]{3,32})?(?![\p{L}\p{N}_/<>@])/gu],
  ['mention', /(?<![\p{L}\p{N}_@])@[a-zA-Z0-9_]{3,32}(?![\p{L}\p{N}_])/gu],
  ['hashtag', /(?<![\p{L}\p{N}_#])#(?=[\p{N}_]*\p{L})[\p{L}\p{N}_]{1,256}/gu],
];

/** The given entities and those found beside them; nothing is found within code, links, or another find. */
export function findEntities(text: string, given: readonly MessageEntity[]): MessageEntity[] {
  // Each of them holds one of these characters, so that most texts are done here.
  if (!/[/@#.]/.test(text)) return [...given];
  const closed = given.filter((entity) => /^(code|pre|text_link|text_mention|custom_emoji)$/.test(entity.type));
  const all: MessageEntity[] = [...given];
  for (const [type, pattern] of finders) {
    for (const match of text.matchAll(pattern)) {
      const entity: MessageEntity = { type, offset: match.index, length: match[0].length };
      if (closed.some((other) => overlaps(entity, other))) continue;
      closed.push(entity);
      all.push(entity);
    }
  }
  return all.toSorted((a, b) => a.offset - b.offset || b.length - a.length);
}

const overlaps = (a: MessageEntity, b: MessageEntity): boolean =>
  a.offset < b.offset + b.length && b.offset < a.offset + a.length;
