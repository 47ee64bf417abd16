/** Finds what the user said in a conversation: most words in common first, then the latest. */
import type { MessageRow } from '../../store/tables/conversation.ts';
import { significantWords } from '../../memory/words.ts';
import type { Transcript } from '../../workspaces/transcript.ts';
import { understand } from './understand.ts';

/** How far back is looked, in messages: this runs within a transaction, and 2,000 take a few milliseconds. */
const reach = 2000;

export function searchConversation(
  transcript: Transcript,
  conversationId: number,
  beforeId: number,
  about: string,
  limit: number,
): MessageRow[] {
  const wanted = significantWords(about).map(stem);
  if (wanted.length === 0) return [];
  return transcript
    .readBack(conversationId, beforeId - 1, reach)
    .filter(({ role, text }) => role === 'user' && !text.startsWith('/') && isStatement(text))
    .map((row) => ({ row, score: common(wanted, significantWords(row.text).map(stem)) }))
    .filter(({ score }) => score > 0)
    .toSorted((a, b) => b.score - a.score || b.row.id - a.row.id)
    .slice(0, limit)
    .map(({ row }) => row);
}

/** What was asked of Pryx itself would only find the questions again. */
const isStatement = (text: string): boolean => !['said', 'recall', 'forget'].includes(understand(text).kind);

const common = (wanted: readonly string[], words: readonly string[]): number => {
  const present = new Set(words);
  return wanted.filter((word) => present.has(word)).length;
};

/** Good enough to find `keys` by `key`. */
const stem = (word: string): string => (word.length > 3 ? word.replace(/(?:ies|es|s|ed|ing)$/, '') : word);
