/** Webhook POST → first `sendMessage`, and → final text, as the stand-in of Telegram sees them, with a model that answers at once. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Line, createLine } from '../support/line.ts';
import { startModelServer } from '../support/model/model-server.ts';
import { type Row, percentile, row } from './measure.ts';

/** A chat a message, since one chat gets one message a second; and below the 30 a second of all chats together. */
const apartMs = 45;

export async function benchAnswer({ short }: { short: boolean }): Promise<Row[]> {
  const model = await startModelServer();
  const line = await createLine({
    direct: true,
    env: { PRYX_MODEL_BASE_URL: model.baseUrl, PRYX_MODEL: 'test-model' },
  });
  try {
    await line.startEdge();
    await line.startDaemon();
    await line.connected();
    await ask(line, 20, apartMs);
    const quiet = await ask(line, short ? 60 : 300, apartMs);
    const crowds: Times[] = [];
    for (let round = 0; round < (short ? 2 : 6); round += 1) {
      // The burst of 60 messages over all chats fills up again.
      await sleep(2_500);
      crowds.push(await ask(line, 50, 0));
    }
    const crowd = { first: crowds.flatMap(({ first }) => first), final: crowds.flatMap(({ final }) => final) };
    return [
      row('answer: first sendMessage, p50', percentile(quiet.first, 0.5), 'ms', 15),
      row('answer: first sendMessage, p95', percentile(quiet.first, 0.95), 'ms', 30),
      row('answer: final text, p50', percentile(quiet.final, 0.5), 'ms', 15),
      row('answer: final text, p95', percentile(quiet.final, 0.95), 'ms', 30),
      row('answer, 50 conversations at once: final text, p50', percentile(crowd.final, 0.5), 'ms'),
      row('answer, 50 conversations at once: final text, p95', percentile(crowd.final, 0.95), 'ms', 250),
    ];
  } finally {
    await line.close();
    await model.close();
  }
}

interface Times {
  first: number[];
  final: number[];
}

async function ask({ telegram, user }: Line, count: number, apart: number): Promise<Times> {
  const times: Times = { first: [], final: [] };
  const since = telegram.now();
  const chats = Array.from({ length: count }, (_, index) =>
    telegram.createSupergroup({ title: `Chat ${index}`, members: [user] }),
  );
  const asked: { chat: number; update: number | null }[] = [];
  for (const chat of chats) {
    asked.push({ chat, update: telegram.say(user, `@${telegram.bot.username} hello`, { chat }).updateId });
    if (apart > 0) await sleep(apart);
  }
  for (const { chat, update } of asked) {
    const edit = await telegram.waitForCall('editMessageText', ({ params }) => params.chat_id === chat, {
      after: since,
    });
    const send = await telegram.waitForCall('sendMessage', ({ params }) => params.chat_id === chat, { after: since });
    const delivery = await telegram.waitFor('delivery', ({ updateId }) => updateId === update, { after: since });
    const posted = delivery.at - delivery.ms;
    times.first.push(send.receivedAt - posted);
    times.final.push(edit.receivedAt - posted);
  }
  return times;
}
