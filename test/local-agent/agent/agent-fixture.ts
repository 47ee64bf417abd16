/** An agent with a database in memory, a scripted model and an owner with the id 7, and words for what comes in and goes out. */
import { eq } from 'drizzle-orm';
import type { Incoming, IncomingButton, IncomingMessage } from '../../../local-agent/core/incoming.ts';
import type { LanguageModel } from '../../../local-agent/core/language-model.ts';
import { type AgentDeps, createAgent } from '../../../local-agent/agent/handle-message.ts';
import type { Db } from '../../../local-agent/store/database.ts';
import { createGroupCommit } from '../../../local-agent/store/group-commit.ts';
import { audit } from '../../../local-agent/store/tables/audit.ts';
import { conversation, message, turn } from '../../../local-agent/store/tables/conversation.ts';
import { type InboxRow, inbox } from '../../../local-agent/store/tables/inbox.ts';
import { memory } from '../../../local-agent/store/tables/memory.ts';
import { outbox, outboxPart } from '../../../local-agent/store/tables/outbox.ts';
import { setOwner } from '../../../local-agent/trust/identify.ts';
import { memoryDb } from '../../support/memory-db.ts';
import { createScriptedModel } from '../../support/model/scripted-model.ts';
import { createKeptLog } from '../../support/quiet-log.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

export const ownerId = '7';

export interface Options {
  /** Default: the scripted model. Null: none, the offline assistant answers. */
  model?: LanguageModel | null;
  owner?: string | null;
}

export function setUp(options: Options = {}) {
  const db = memoryDb();
  const clock = createVirtualClock();
  const scripted = createScriptedModel();
  const log = createKeptLog();
  const woken: number[] = [];
  const previews: string[] = [];
  const claimed: string[] = [];
  const world = { model: options.model === undefined ? scripted : options.model };
  if (options.owner !== null) setOwner(db, { channel: 'telegram', userId: options.owner ?? ownerId }, clock.now());
  let messages = 0;

  /** A new daemon over the same database. */
  const start = (more: Partial<AgentDeps> = {}) =>
    createAgent({
      db,
      commit: createGroupCommit(db, (work) => void setImmediate(work)),
      clock,
      log,
      stop: new AbortController().signal,
      chooseModel: () => world.model,
      replies: {
        wake: (id) => void woken.push(id),
        preview: (_id, markdown) => void previews.push(markdown),
      },
      onOwnerClaimed: (channel) => void claimed.push(channel),
      statusText: () => 'All is well.',
      ...more,
    });
  const agent = start();

  const receive = (incoming: Incoming): InboxRow =>
    db
      .insert(inbox)
      .values({
        jobId: `tg:1:${db.select().from(inbox).all().length}`,
        channel: 'telegram',
        lane: `telegram:${incoming.address.key}`,
        traceparent: '',
        body: Buffer.from(JSON.stringify(incoming)),
        madeAt: 0,
        receivedAt: 0,
        storedAt: 0,
        state: 'new',
      })
      .returning()
      .get();

  const reload = (row: InboxRow): InboxRow | undefined => db.select().from(inbox).where(eq(inbox.id, row.id)).get();

  function say(text: string, more: Partial<IncomingMessage> = {}): IncomingMessage {
    messages += 1;
    const [, name, args] = /^\/(\w+)\s*(.*)$/s.exec(text) ?? [];
    return {
      type: 'message',
      address: { channel: 'telegram', key: '7', data: { chat: 7 } },
      sender: { id: ownerId, name: 'Ada', bot: false },
      audience: 'private',
      addressed: true,
      at: clock.now(),
      messageId: `m${messages}`,
      edited: false,
      text,
      ...(name === undefined ? {} : { command: { name, args: args ?? '' } }),
      attachments: [],
      ...more,
    };
  }

  function press(data: string, more: Partial<IncomingButton> = {}): IncomingButton {
    const { type: _type, ...common } = say('');
    const { address, sender, audience, addressed, at } = common;
    return { type: 'button', address, sender, audience, addressed, at, pressId: 'p', messageId: 'b', data, ...more };
  }

  async function handle(incoming: Incoming): Promise<InboxRow> {
    const row = receive(incoming);
    await agent.handle(row, incoming);
    return row;
  }

  /** What is said to the owner in the end. */
  const answers = (): (string | null)[] =>
    db
      .select()
      .from(outbox)
      .all()
      .map(({ text }) => text);
  async function ask(text: string, more: Partial<IncomingMessage> = {}): Promise<string> {
    await handle(say(text, more));
    return answers().at(-1) ?? '';
  }

  return {
    db,
    clock,
    scripted,
    log,
    woken,
    previews,
    claimed,
    world,
    agent,
    start,
    receive,
    reload,
    say,
    press,
    handle,
    ask,
    answers,
    rows: () => rowsOf(db),
  };
}

export const rowsOf = (db: Db) => ({
  conversations: db.select().from(conversation).all(),
  messages: db.select().from(message).all(),
  turns: db.select().from(turn).all(),
  outbox: db.select().from(outbox).all(),
  parts: db.select().from(outboxPart).all(),
  inbox: db.select().from(inbox).all(),
  memories: db.select().from(memory).all(),
  audit: db.select().from(audit).all(),
});
