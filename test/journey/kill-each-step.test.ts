/** kill -9 of the edge, of the daemon, or of both, at each of the ten steps: nothing is lost, and the user is answered once. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Line, createLine, until } from '../support/line.ts';
import type { Violation } from '../support/telegram/types.ts';
import { type ModelServer, startModelServer } from '../support/model/model-server.ts';

let line: Line;
let model: ModelServer;

beforeEach(async () => {
  model = await startModelServer();
  model.answer = (request) => `You said: ${request.messages.at(-1)?.content ?? ''}`;
  line = await createLine({ env: { PRYX_MODEL_BASE_URL: model.baseUrl, PRYX_MODEL: 'test-model' } });
  await line.startEdge();
  await line.startDaemon();
  await line.connected();
});
afterEach(async () => {
  await line.close();
  await model.close();
});

/** What must hold after any death: the answer to `text` stands once, at most one stray placeholder, and one job. */
async function answeredOnce(text: string): Promise<void> {
  await line.telegram.waitForMessage(line.user, (message) => message.text === `You said: ${text}`);
  await line.idle();
  const seen = line.telegram.messages(line.user).filter(({ fromBot }) => fromBot);
  expect(line.answers().filter((message) => message.text === `You said: ${text}`)).toHaveLength(1);
  expect(seen.filter((message) => message.text === '…').length).toBeLessThanOrEqual(1);
  expect(line.rows(`select count(*) as jobs from inbox where state <> 'done'`)).toEqual([{ jobs: 0 }]);
  expect(line.rows(`select count(*) as answers from message where role = 'assistant'`)).toEqual([{ answers: 1 }]);
  expect(line.telegram.violations().filter(isOurs)).toEqual([]);
}
/** The edge's own word that a message is kept cannot wait for the daemon, nor the daemon for it: Telegram allows such a short burst. */
const isOurs = ({ kind }: Violation): boolean =>
  kind !== 'flood' || !line.telegram.calls({ method: 'sendMessage' }).some(({ inWebhookAnswer }) => inWebhookAnswer);
const restartDaemon = async (): Promise<void> => {
  await line.killDaemon();
  await line.startDaemon();
};
const restartEdge = async (): Promise<void> => {
  await line.killEdge();
  await line.startEdge();
};

describe('steps 1 to 3, at the edge', () => {
  it('dead before the webhook: Telegram brings it again', async () => {
    await line.killEdge();
    line.telegram.say(line.user, 'early');
    await line.telegram.waitFor('delivery', ({ status }) => status === null);
    await line.startEdge();
    await answeredOnce('early');
  });

  it.each([0, 1, 2, 3, 4, 6, 8, 12])('killed %i ms after the webhook was posted', async (ms) => {
    line.telegram.say(line.user, 'soon');
    await new Promise((resolve) => setTimeout(resolve, ms));
    await restartEdge();
    await answeredOnce('soon');
  });

  it('stored and answered 200, not yet sent down the link: it is sent at the next connection', async () => {
    line.proxy.hold('down');
    line.telegram.say(line.user, 'kept');
    await until(
      () =>
        line.telegram.events().some((event) => event.type === 'update') && line.telegram.pendingUpdates().length <= 1,
    );
    await restartEdge();
    line.proxy.cut();
    await answeredOnce('kept');
  });

  it('the acknowledgement is lost with the edge: the job comes again and is not done again', async () => {
    line.telegram.say(line.user, 'first');
    await line.telegram.waitForMessage(line.user, (message) => message.text === 'You said: first');
    await line.idle();
    const held = model.hold({ before: 'You said', after: ': twice' });
    line.telegram.say(line.user, 'twice');
    await held.arrived;
    line.proxy.hold('up');
    await restartEdge();
    line.proxy.cut();
    await line.connected();
    held.release();
    await line.telegram.waitForMessage(line.user, (message) => message.text === 'You said: twice');
    await line.idle();
    expect(line.answers().map(({ text }) => text)).toEqual(['You said: first', 'You said: twice']);
    expect(model.chats).toHaveLength(2);
  });
});

describe('steps 4 to 9, in the daemon, around each of its commits', () => {
  it.each([1, 2, 3, 4, 5, 6].flatMap((commit) => [`before:${commit}`, `after:${commit}`]))(
    'killed %s',
    async (crash) => {
      await line.killDaemon('SIGTERM');
      await line.startDaemon({ crash });
      await line.connected();
      line.daemon()?.kill('SIGUSR2');
      line.telegram.say(line.user, 'hello');
      await line.daemonGone();
      await line.startDaemon();
      await answeredOnce('hello');
    },
  );

  it('killed while the model speaks: the turn begins again and is answered once', async () => {
    const held = model.hold({ before: 'You', after: ' never see this' });
    line.telegram.say(line.user, 'slow');
    await held.arrived;
    await line.killDaemon();
    held.release();
    await line.startDaemon();
    await answeredOnce('slow');
  });
});

describe('step 10, on the way to Telegram', () => {
  it.each([
    ['sendMessage', false],
    ['sendMessage', true],
    ['editMessageText', false],
    ['editMessageText', true],
  ] as const)('killed with %s on its way (carried out: %s)', async (method, processed) => {
    const hold = line.telegram.hold(method, { processed });
    line.telegram.say(line.user, 'out');
    await hold.held;
    await line.killDaemon();
    hold.drop();
    await line.startDaemon();
    await answeredOnce('out');
  });

  it.each(['sendMessage', 'editMessageText'])(
    'the connection breaks after %s was carried out, and nobody dies',
    async (method) => {
      line.telegram.orderFault({ method, fault: { kind: 'lost_answer' } });
      line.telegram.say(line.user, 'broken');
      await answeredOnce('broken');
    },
  );
});

describe('both at once', () => {
  it('killed with a webhook, a turn and a send under way: everything is answered once, in order', async () => {
    const hold = line.telegram.hold('sendMessage', { processed: true });
    for (const text of ['one', 'two', 'three']) line.telegram.say(line.user, text);
    await hold.held;
    await Promise.all([line.killEdge(), line.killDaemon()]);
    hold.drop();
    line.telegram.say(line.user, 'four');
    await Promise.all([line.startEdge(), line.startDaemon()]);
    for (const text of ['one', 'two', 'three', 'four'])
      await line.telegram.waitForMessage(line.user, (message) => message.text === `You said: ${text}`);
    await line.idle();
    expect(
      line
        .answers()
        .map(({ text }) => text)
        .filter((text) => text.startsWith('You said')),
    ).toEqual(['one', 'two', 'three', 'four'].map((text) => `You said: ${text}`));
  });

  it('a daemon that ends cleanly in the middle of a turn goes on with it', async () => {
    const held = model.hold({ before: 'You', after: ' never see this' });
    line.telegram.say(line.user, 'later');
    await held.arrived;
    await line.killDaemon('SIGTERM');
    held.release();
    await restartDaemon();
    await answeredOnce('later');
  });
});
