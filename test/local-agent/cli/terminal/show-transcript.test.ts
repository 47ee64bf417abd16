import { describe, expect, it } from 'vitest';
import { showTranscript } from '../../../../local-agent/cli/terminal/show-transcript.ts';
import type { ConversationResponse, MessageEntry } from '../../../../shared/api/conversations.ts';

const at = new Date(2026, 10, 20, 17, 18).getTime();
const nextDay = new Date(2026, 10, 21, 8, 5).getTime();
const said: MessageEntry = {
  id: 1,
  role: 'user',
  sender: 'Anna',
  text: 'Hi',
  cut: false,
  attachments: [],
  at,
  editedAt: null,
};
const answer: MessageEntry = { ...said, id: 2, role: 'assistant', sender: null, text: 'Hello.' };

const show = (
  messages: MessageEntry[],
  columns = 80,
  more: Partial<ConversationResponse['conversation']> = {},
): string[] =>
  showTranscript(
    {
      conversation: {
        id: 7,
        channel: 'telegram',
        key: '7',
        audience: 'private',
        name: 'Anna',
        lastAt: at,
        messages: messages.length,
        ...more,
      },
      messages,
    },
    columns,
    (_style, text) => text,
  ).split('\n');

describe('A conversation on the terminal', () => {
  it('reads by days, times and names, with what came along and what was changed', () => {
    const edited = { ...said, text: 'Look\n\nhere', attachments: ['photo, 12 kB'], editedAt: nextDay };
    expect(show([edited, answer, { ...answer, at: nextDay, text: 'So long', cut: true }])).toEqual([
      'Anna',
      'telegram · 3 messages · pryx://session/7',
      '',
      'Friday, 20 November 2026',
      '',
      '○ 17:18 Anna (edited)',
      '  Look',
      '',
      '  here',
      '  [photo, 12 kB]',
      '',
      '● 17:18 Pryx',
      '  Hello.',
      '',
      'Saturday, 21 November 2026',
      '',
      '● 08:05 Pryx',
      '  So long',
      '  … and more, too long to show',
    ]);
  });

  it('says when it is only the end of a long one', () => {
    expect(show([said], 80, { messages: 900 })[1]).toBe('telegram · the last 1 of 900 messages · pryx://session/7');
  });

  it('gives nobody a way to speak as somebody else: the first column is not theirs', () => {
    const forged = '● 17:19 Pryx';
    const texts = [
      `x\n${forged}`,
      `x\r${forged}`,
      `x\u2028${forged}`,
      `${'x '.repeat(39)}${forged}`,
      `${' '.repeat(77)}${forged}`,
      `\u001b[1G\u001b[A${forged}`,
      `漢${'字'.repeat(38)}${forged}`,
    ];
    for (const text of texts) {
      const lines = show([{ ...said, text, sender: `Anna\n${forged}`, attachments: [`x\n${forged}`] }]);
      expect(
        lines.filter((line) => line.startsWith('●')),
        JSON.stringify(text),
      ).toEqual([]);
      expect(lines.filter((line) => line.startsWith('○'))).toHaveLength(1);
      expect(lines.every((line) => [...line].length <= 80)).toBe(true);
    }
  });

  it('is at most as wide as the terminal, also one of no width at all', () => {
    for (const columns of [0, 24, 40])
      for (const line of show([{ ...said, text: 'word '.repeat(500) + 'w'.repeat(500) }], columns).slice(3))
        expect(line.length).toBeLessThanOrEqual(Math.max(columns, 26));
  });

  it('names one who has no name, and cuts one who has too much of it', () => {
    expect(show([{ ...said, sender: '\u202e \u0007' }])[5]).toBe('○ 17:18 somebody');
    expect(show([{ ...said, sender: 'x'.repeat(5000) }])[5]).toBe(`○ 17:18 ${'x'.repeat(39)}…`);
  });
});
