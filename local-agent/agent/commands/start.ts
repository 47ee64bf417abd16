/** `/start`: the first thing that people say to a bot. */
import { howToAddModel } from '../offline/explain.ts';
import { quote } from '../quote.ts';
import type { Command } from './command.ts';

export const startCommand: Command = {
  name: 'start',
  description: 'say hello',
  answer: (_args, { sender, hasModel }) => ({
    text: `Hello ${quote(sender.name)}, I am Pryx. I run on your own machine, and what we say stays there.\n\n${whatNext(hasModel)}`,
  }),
};

/** To whoever has just become the owner. */
export const welcome = (name: string, hasModel: boolean): string =>
  `Welcome, ${quote(name)}. I am Pryx, and from now on I am yours: nobody else gets an answer here.\n\n${whatNext(hasModel)}`;

const whatNext = (hasModel: boolean): string =>
  hasModel ? 'Just write to me. /help shows what else I can do.' : `${howToAddModel}\n\n/help shows what I can do.`;
