/** The daemon is told to stop while it has something to do: it ends at once, and goes on after the next start as if nothing had been. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Line, createLine, until } from '../support/line.ts';
import { type ModelServer, startModelServer } from '../support/model/model-server.ts';

let line: Line;
let model: ModelServer;
beforeEach(async () => {
  model = await startModelServer();
  line = await createLine({ env: { PRYX_MODEL_BASE_URL: model.baseUrl, PRYX_MODEL: 'test-model' } });
  await line.startEdge();
  await line.startDaemon();
  await line.connected();
});
afterEach(async () => {
  await line.close();
  await model.close();
});

it('with a message at the model and its edit in line: both are answered after the next start', async () => {
  const held = model.hold({ before: 'half ', after: 'whole' });
  const { message } = line.telegram.say(line.user, 'one');
  await held.arrived;
  line.telegram.edit(line.user, message.message_id, 'two');
  await until(() => line.rows("select 1 from inbox where state = 'new'").length === 2);
  await line.killDaemon('SIGTERM');
  expect(line.daemon()?.exitCode).toBe(0);

  await line.startDaemon();
  await line.idle();
  expect(line.answers().map(({ text }) => text)).toEqual(['You said: one', 'You said: two']);
});
