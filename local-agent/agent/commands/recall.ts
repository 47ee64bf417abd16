/** `/recall [about]`: what was remembered about it, or lately. */
import { latestMemories, recall } from '../../memory/recall.ts';
import { quoteList } from '../quote.ts';
import type { Command } from './command.ts';

const shown = 10;

export const recallCommand: Command = {
  name: 'recall',
  takes: '[about what]',
  description: 'tell what I remember',
  answer: (args, { db }) => {
    const found = args.trim() === '' ? latestMemories(db, shown) : recall(db, args, shown);
    if (found.length > 0) return { text: `I remember:\n\n${quoteList(found.map(({ text }) => text))}` };
    return { text: args.trim() === '' ? 'I remember nothing yet.' : 'I remember nothing about that.' };
  },
};
