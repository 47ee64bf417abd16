/** `entities` as a bot gives them: known types, within the text, not through the middle of a character (MessageEntity.cpp of TDLib). */
import type { MessageEntity } from 'grammy/types';
import { badRequest } from '../protocol/bot-api-error.ts';

/** Those that the server finds by itself are taken, and found again. */
const found = new Set([
  'mention',
  'hashtag',
  'cashtag',
  'bot_command',
  'url',
  'email',
  'phone_number',
  'bank_card_number',
]);
const given = new Set([
  'bold',
  'italic',
  'underline',
  'strikethrough',
  'spoiler',
  'blockquote',
  'expandable_blockquote',
  'code',
  'pre',
  'text_link',
  'text_mention',
  'custom_emoji',
  'date_time',
]);
/** What a type needs beside offset and length. */
const needed: Record<string, string> = {
  text_link: 'url',
  text_mention: 'user',
  custom_emoji: 'custom_emoji_id',
  date_time: 'unix_time',
};

export function checkEntities(text: string, entities: readonly MessageEntity[]): MessageEntity[] {
  const kept: MessageEntity[] = [];
  for (const entity of entities) {
    if (found.has(entity.type)) continue;
    if (!given.has(entity.type)) throw badRequest("can't parse MessageEntity: Unsupported type specified");
    const field = needed[entity.type];
    if (field !== undefined && !(field in entity))
      throw badRequest(`can't parse MessageEntity: Can't find field "${field}"`);
    if (entity.length !== 0) kept.push(entity);
  }
  for (const { offset, length } of kept) checkBounds(text, offset, length);
  return kept;
}

function checkBounds(text: string, offset: number, length: number): void {
  if (offset < 0 || offset > 1_000_000) throw badRequest(`receive an entity with incorrect offset ${offset}`);
  if (length < 0 || length > 1_000_000) throw badRequest(`receive an entity with incorrect length ${length}`);
  if (offset > text.length) throw badRequest(`entity begins after the end of the text at UTF-16 offset ${offset}`);
  const end = offset + length;
  if (end > text.length)
    throw badRequest(
      `entity beginning at UTF-16 offset ${offset} ends after the end of the text at UTF-16 offset ${end}`,
    );
  const bytes = (position: number): number => Buffer.byteLength(text.slice(0, position - 1));
  if (isWithinCharacter(text, offset))
    throw badRequest(`entity begins in a middle of a UTF-16 symbol at byte offset ${bytes(offset)}`);
  if (isWithinCharacter(text, end))
    throw badRequest(
      `entity beginning at UTF-16 offset ${offset} ends in a middle of a UTF-16 symbol at byte offset ${bytes(end)}`,
    );
}

const isWithinCharacter = (text: string, position: number): boolean =>
  /[\udc00-\udfff]/.test(text.charAt(position)) && /[\ud800-\udbff]/.test(text.charAt(position - 1));
