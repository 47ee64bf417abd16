/** The conversations as a table. */
import type { ConversationEntry, ConversationsResponse } from '../../../shared/api/conversations.ts';
import { formatDuration } from './amounts.ts';
import { type Output, harmless } from './output.ts';
import { formatTable } from './table.ts';
import { cutText } from './wrap-text.ts';

export function showSessions(
  { conversations, more }: ConversationsResponse,
  now: number,
  style: Output['style'],
): string {
  if (conversations.length === 0) return 'Nobody has spoken with Pryx yet.';
  const rows = conversations.map((each) => [
    String(each.id),
    nameSession(each),
    harmless(each.channel),
    String(each.messages),
    each.lastAt === null ? 'never' : `${formatDuration(now - each.lastAt)} ago`,
  ]);
  const heads = ['id', 'with', 'channel', 'messages', 'last'].map((head) => style('dim', head));
  const rest = more ? 'There are older ones.' : '';
  const next = style('dim', `${rest === '' ? '' : `${rest} `}Read one with \`pryx sessions <id>\`.`);
  return `${formatTable([heads, ...rows])}\n\n${next}`;
}

const longest = 40;

/** Whom it is with, as far as is known. */
export const nameSession = ({ name, audience, key }: ConversationEntry): string =>
  cutText(harmless(name ?? (audience === 'group' ? `group ${key}` : key)), longest);
