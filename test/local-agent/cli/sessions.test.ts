import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { showSessions } from '../../../local-agent/cli/terminal/show-sessions.ts';
import { type ConversationEntry, mostConversations } from '../../../shared/api/conversations.ts';
import { openDatabase } from '../../../local-agent/store/database.ts';
import { createConversations } from '../../../local-agent/workspaces/conversation.ts';
import { createTranscript } from '../../../local-agent/workspaces/transcript.ts';
import { bundle } from '../daemon/bundle.ts';
import { createHome } from './run-pryx.ts';
import { startProgram } from '../daemon/start-program.ts';
import { scriptDaemon } from './scripted-daemon.ts';

const entry = await bundle(join(import.meta.dirname, 'test-pryx.ts'));
const wholeDaemon = await bundle(join(import.meta.dirname, '../daemon/whole-daemon.ts'));

const hostile = '\u001b[2J\u009b31m\u202eevil\u0007';
const anna: ConversationEntry = {
  id: 7,
  channel: 'telegram',
  key: '4711',
  audience: 'private',
  name: 'Anna',
  lastAt: 0,
  messages: 2,
};
const group: ConversationEntry = {
  ...anna,
  id: 8,
  key: '-100',
  audience: 'group',
  name: null,
  lastAt: null,
  messages: 0,
};
const messages = [
  {
    id: 1,
    role: 'user',
    sender: `Anna${hostile}`,
    text: `Hi${hostile}\nthere`,
    cut: false,
    attachments: [hostile],
    at: 0,
    editedAt: null,
  },
  { id: 2, role: 'assistant', sender: null, text: 'Hello.', cut: false, attachments: [], at: 0, editedAt: null },
];

async function withSessions() {
  const home = createHome(entry);
  const daemon = await scriptDaemon(home.folder, {
    'GET /conversations': () => ({ conversations: [anna, group], more: false }),
    'GET /conversations/7': () => ({ conversation: anna, messages }),
  });
  return { ...home, asked: daemon.asked };
}

describe('pryx sessions', () => {
  it('shows each with whom it is, how much was said, and when last', () => {
    const shown = showSessions({ conversations: [anna, group], more: false }, 3_600_000, (_style, text) => text);
    expect(shown.split('\n').map((row) => row.split(/ {2,}/))).toEqual([
      ['id', 'with', 'channel', 'messages', 'last'],
      ['7', 'Anna', 'telegram', '2', '1 h ago'],
      ['8', 'group -100', 'telegram', '0', 'never'],
      [''],
      ['Read one with `pryx sessions <id>`.'],
    ]);
  });

  it('shows no more of a name than a table can hold, says that there are older ones, or that there are none', () => {
    const plain = (_style: unknown, text: string): string => text;
    const many = Array.from({ length: mostConversations }, (_, id) => ({
      ...anna,
      id,
      name: `${hostile}${'x'.repeat(5000)}`,
    }));
    const shown = showSessions({ conversations: many, more: true }, 0, plain);
    expect(Math.max(...shown.split('\n').map((line) => line.length))).toBeLessThan(100);
    expect(shown).toContain('There are older ones.');
    expect(shown).not.toMatch(/[\u001b\u009b\u202e]/);
    expect(showSessions({ conversations: [], more: false }, 0, plain)).toBe('Nobody has spoken with Pryx yet.');
  });

  it('with a number shows what was said, and nothing that a terminal would obey', async () => {
    const { pryx } = await withSessions();
    const { code, stdout } = await pryx('sessions', '7');
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /○ \d\d:\d\d Anna\[2J31mevil\n {2}Hi\[2J31mevil\n {2}there\n {2}\[\[2J31mevil\]\n\n● \d\d:\d\d Pryx\n {2}Hello\.\n$/,
    );
    // eslint-disable-next-line no-control-regex -- what must not be there
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  });

  it('--json gives what the daemon has, escaped so that a terminal obeys none of it', async () => {
    const { pryx } = await withSessions();
    const list = await pryx('sessions', '--json');
    expect(JSON.parse(list.stdout)).toEqual({ conversations: [anna, group], more: false });
    const { stdout } = await pryx('sessions', '7', '--json');
    expect(JSON.parse(stdout)).toEqual({ conversation: anna, messages });
    expect(stdout.trimEnd()).toMatch(/^[\x20-\x7e]+$/);
  });

  it('asks for nothing under what is no number, and says when there is none of that number', async () => {
    const { pryx, asked } = await withSessions();
    for (const id of ['0', '-0', '1.5', '../settings', '7 HTTP/1.0\r\nX: y', '9007199254740993', hostile, ''])
      expect(await pryx('sessions', '--', id), id).toMatchObject({
        code: 2,
        stderr: expect.stringMatching(/next:.*pryx sessions/),
      });
    expect(asked).toEqual([]);
    expect(await pryx('sessions', '9')).toMatchObject({ stdout: '', stderr: expect.stringContaining('error') });
  });

  it('of a real daemon are read through its socket, and need it to run', async () => {
    const { pryx } = createHome(entry);
    expect(await pryx('sessions')).toMatchObject({ code: 3 });
    await pryx('start');
    expect(await pryx('sessions')).toMatchObject({ code: 0, stdout: 'Nobody has spoken with Pryx yet.\n' });
    expect(await pryx('sessions', '1')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('no such conversation'),
    });
  });

  it('shows what the database holds, as much of a huge conversation as a person can read', async () => {
    const { folder, pryx } = createHome(entry);
    const { db, close } = openDatabase({ path: join(folder, 'pryx.db') });
    const conversationId = createConversations(db).open({ channel: 'telegram', key: '7', data: null }, 'private', 1);
    const blank = { conversationId, turnId: null, senderId: '7', channelMessageId: null, attachments: [], at: 1 };
    const transcript = createTranscript(db);
    for (let index = 0; index < 1000; index += 1)
      transcript.append({ ...blank, role: 'user', senderName: 'Anna', text: `m${index}` });
    transcript.append({ ...blank, role: 'assistant', senderName: null, text: 'x'.repeat(5_000_000) });
    close();
    const { next } = startProgram([wholeDaemon], { PRYX_HOME: folder, PRYX_PORT: '0', PRYX_LOCAL_MODELS: 'off' });
    await next();
    expect(await pryx('sessions')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/1 +Anna +telegram +1001 /),
    });
    const { code, stdout } = await pryx('sessions', String(conversationId));
    expect([code, stdout.length < 100_000]).toEqual([0, true]);
    expect(stdout).toMatch(/last 200 of 1001 messages[^]*m999\n[^]*too long to show\n$/);
    expect(stdout).not.toContain('m800\n');
  });
});
