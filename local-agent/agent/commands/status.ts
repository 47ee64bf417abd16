/** `/status`: how things stand, as the daemon tells it. */
import type { Command } from './command.ts';

export const statusCommand: Command = {
  name: 'status',
  description: 'how I am doing',
  answer: (_args, { statusText }) => ({ text: statusText() }),
};
