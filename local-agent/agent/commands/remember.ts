/** `/remember <text>`: keeps it, word for word. */
import { maxMemories, maxMemoryLength, type Remembered, remember } from '../../memory/remember.ts';
import { quote } from '../quote.ts';
import type { Command } from './command.ts';

export const rememberCommand: Command = {
  name: 'remember',
  takes: '<text>',
  description: 'keep something in mind',
  answer: (args, { db, now }) => ({ text: sayRemembered(remember(db, args, now)) }),
};

function sayRemembered(result: Remembered): string {
  switch (result.kind) {
    case 'kept':
      return `I will remember: “${quote(result.memory.text)}”`;
    case 'known':
      return `I remember that already: “${quote(result.memory.text)}”`;
    case 'empty':
      return 'What shall I remember? Write it after the command: /remember the spare key is with Anna';
    case 'too_long':
      return `That is too long for one memory: ${result.length} characters, and at most ${maxMemoryLength} fit. Please make it shorter, or several.`;
    case 'full':
      return `My memory is full: I hold ${maxMemories} things. Please make room with /forget.`;
  }
}
