import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Api } from 'grammy';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { connectTelegramServer } from './control/connect.ts';
import { startTelegramProcess } from './control/start-process.ts';

let telegram: Awaited<ReturnType<typeof startTelegramProcess>>;
let api: Api;
beforeAll(async () => {
  telegram = await startTelegramProcess({ username: 'far_away_bot' });
  api = new Api(telegram.token, { apiRoot: telegram.origin });
});
afterAll(async () => telegram.close());

it('people live in the other process, and what happens there is heard here', async () => {
  expect(telegram.bot.username).toBe('far_away_bot');
  const ada = await telegram.createUser({ firstName: 'Ada' });
  const { updateId } = await telegram.say(ada.id, 'Hello');
  expect((await api.getUpdates())[0]?.update_id).toBe(updateId);
  await api.sendMessage(ada.id, 'Hi');
  expect(await telegram.waitForMessage(ada.id, ({ text }) => text === 'Hi')).toMatchObject({ fromBot: true });
  expect(await telegram.messages(ada.id)).toHaveLength(2);
});

it('a request is held there until it is released here', async () => {
  const hold = await telegram.hold('getMe', { processed: true });
  const asked = api.getMe();
  await hold.held;
  await hold.release();
  expect(await asked).toMatchObject({ username: 'far_away_bot' });
});

it('a second connection sees what happened before it', async () => {
  const second = await connectTelegramServer(telegram.origin);
  expect(second.now()).toBe(telegram.now());
  expect(await second.waitForCall('getMe')).toMatchObject({ ok: true });
  const { message } = await second.say((await second.createUser()).id, 'Me too');
  expect(await telegram.waitFor('message', (event) => event.message.id === message.message_id)).toBeDefined();
  await second.close();
});

it('mistakes come back as errors', async () => {
  await expect(telegram.say(1, 'Hi')).rejects.toThrow('There is no user 1.');
  await expect((telegram as unknown as { fly(): Promise<void> }).fly()).rejects.toThrow(
    'There is no "fly" to control.',
  );
});

it('a process that a test started ends with it', async () => {
  const main = fileURLToPath(new URL('main.ts', import.meta.url));
  const child = spawn(process.execPath, [main, '--port', '0'], { stdio: ['ignore', 'pipe', 'ignore', 'ipc'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const exited = once(child, 'exit');
  const [line] = (await once(child.stdout as NodeJS.ReadableStream, 'data')) as [Buffer];
  expect(JSON.parse(line.toString())).toMatchObject({
    pid: child.pid,
    origin: expect.stringMatching(/^http:\/\/127/),
  });
  child.disconnect();
  expect((await exited)[0]).toBe(0);
});
