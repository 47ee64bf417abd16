/** `/forget <what>`: shows what matches and asks; the pressed button deletes. */
import { createHash } from 'node:crypto';
import type { Button } from '../../core/channel.ts';
import { forget } from '../../memory/forget.ts';
import { findMemory, recall } from '../../memory/recall.ts';
import type { Db } from '../../store/database.ts';
import type { MemoryRow } from '../../store/tables/memory.ts';
import type { Answer } from '../answer.ts';
import { quote } from '../quote.ts';
import type { Command } from './command.ts';

const offered = 5;

export const forgetCommand: Command = {
  name: 'forget',
  takes: '<what>',
  description: 'delete something I remember',
  answer: (args, { db }) => {
    if (args.trim() === '') return { text: 'What shall I forget? Write a few words of it: /forget spare key' };
    const found = recall(db, args, offered);
    const [first, ...others] = found;
    if (first === undefined) return { text: 'I remember nothing about that.' };
    if (others.length === 0) {
      return {
        text: `Shall I forget this?\n\n“${quote(first.text)}”`,
        buttons: [deleteButton('Yes, forget it', first), { label: 'No, keep it', data: keepData }],
      };
    }
    const list = found.map(({ text }, index) => `${index + 1}. ${quote(text)}`).join('\n');
    return {
      text: `Which of these shall I forget?\n\n${list}`,
      buttons: [
        ...found.map((memory, index) => deleteButton(`Forget ${index + 1}`, memory)),
        { label: 'Keep all', data: keepData },
      ],
    };
  },
};

const keepData = 'forget:no';
const deleteData = /^forget:(\d{1,15}):([\w-]{16})$/;

/** An id may be given out again after a deletion, so the button names the text as well: it deletes what it was shown with, or nothing. */
const deleteButton = (label: string, { id, text }: MemoryRow): Button => ({
  label,
  data: `forget:${id}:${digest(text)}`,
});

const digest = (text: string): string => createHash('sha256').update(text).digest('base64url').slice(0, 16);

export const isForgetButton = (data: string): boolean => data === keepData || deleteData.test(data);

export function pressForget(db: Db, data: string): Answer {
  const [, id, shownDigest] = deleteData.exec(data) ?? [];
  if (id === undefined) return { text: 'I keep it in mind.' };
  const memory = findMemory(db, Number(id));
  if (memory === undefined || digest(memory.text) !== shownDigest) return { text: 'That is forgotten already.' };
  forget(db, memory.id);
  return { text: `Forgotten: “${quote(memory.text)}”` };
}
