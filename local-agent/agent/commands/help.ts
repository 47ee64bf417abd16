/** `/help`: every command, and how to add a model when there is none. */
import { howToAddModel } from '../offline/explain.ts';
import type { Command } from './command.ts';

export const helpCommand = (commands: () => readonly Command[]): Command => ({
  name: 'help',
  description: 'this list',
  answer: (_args, { hasModel }) => {
    const list = commands()
      .map(({ name, takes, description }) => `- /${name}${takes === undefined ? '' : ` ${takes}`} – ${description}`)
      .join('\n');
    const otherwise = hasModel
      ? 'Anything else that you write goes to the model.'
      : `You can also write “remember that …”, “what do you remember about …”, “forget …” or “what did I say about …”.\n\n${howToAddModel}`;
    return { text: `What I can do:\n\n${list}\n\n${otherwise}` };
  },
});
