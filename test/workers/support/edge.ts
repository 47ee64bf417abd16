/** The edge in real workerd for a test file, and the requests that tests make of it. */
import { fileURLToPath } from 'node:url';
import { createTestHarness, unstable_readConfig as readConfig } from 'wrangler';
import { createSoftwareOwner } from '../../../local-agent/cli/dev/owner.ts';
import { generateEdgeKeys } from '../../../local-agent/cli/edge/generate-keys.ts';
import { type TestDevice, createTestDevice, hookSecret } from './device.ts';
import { oneAtATime } from './pair-device.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Of every edge that a test starts. */
export const setupCode = 'BCDFG-HJKLM-NPQRS-TVWXZ';

export type TestEdge = Awaited<ReturnType<typeof startTestEdge>>;

export interface TestEdgeOptions {
  /** Default: what `wrangler.toml` lacks, keys and a set-up code. */
  vars?: Record<string, string>;
  hookLimit?: number;
  publicLimit?: number;
  pairingLimit?: number;
}

/** Everything as `wrangler.toml` has it, but for the limits: the tests are one client that asks a lot. */
export async function startTestEdge(options: TestEdgeOptions = {}) {
  const {
    name = '',
    main = '',
    compatibility_date,
    durable_objects,
    migrations,
  } = readConfig({
    config: `${root}/wrangler.toml`,
  });
  const limit = (binding: string, namespace_id: string, count: number) => ({
    name: binding,
    namespace_id,
    simple: { limit: count, period: 60 as const },
  });
  const vars = options.vars ?? {
    PRYX_EDGE_KEYS: JSON.stringify(await generateEdgeKeys()),
    PRYX_SETUP_CODE: setupCode,
  };
  const config = {
    name,
    main,
    compatibility_date: compatibility_date ?? '',
    durable_objects,
    migrations,
    vars,
    ratelimits: [
      limit('HOOK_LIMIT', '1', options.hookLimit ?? 1_000_000),
      limit('PUBLIC_LIMIT', '2', options.publicLimit ?? 1_000_000),
      limit('PAIRING_LIMIT', '3', options.pairingLimit ?? 1_000_000),
    ],
  };
  const server = createTestHarness({ root, workers: [{ config }] });
  const { url } = await server.listen();
  const worker = server.getWorker();

  const { PRYX_SETUP_CODE: code } = vars;
  /** Claims the edge with the first device that it approves. */
  const owner = createSoftwareOwner({ edge: url.origin, ...(code !== undefined && { setupCode: code }) });
  const approver = oneAtATime(owner);

  async function rows(device: TestDevice, query: string): Promise<Record<string, unknown>[]> {
    const storage = await worker.getDurableObjectStorage('Mailbox', { name: device.id });
    return [...(await storage.exec(query))] as Record<string, unknown>[];
  }

  return {
    origin: url.origin,
    server,
    close: () => server.close(),
    fetch: (path: string, init?: RequestInit) => fetch(`${url.origin}${path}`, init),
    owner,
    /** A new device, paired. An edge has 64 at most. */
    device: () => createTestDevice(url.origin, approver),
    rows,
    jobsOf: async (device: TestDevice) => Number((await rows(device, 'select count(*) as n from job'))[0]?.['n']),
    /** Everything that the object holds at rest, as one text. */
    async everythingOf(device: TestDevice): Promise<string> {
      const tables = await rows(
        device,
        "select name, sql from sqlite_master where name not like '\\_cf\\_%' escape '\\'",
      );
      const texts = [JSON.stringify(tables)];
      for (const { name: table } of tables.filter(({ sql }) => String(sql).startsWith('CREATE TABLE')))
        texts.push(JSON.stringify(await rows(device, `select * from "${String(table)}"`), bytesAsText));
      return texts.join('\n');
    },
    /** Empties the object's memory, as a sleep does; its sockets stay. */
    hibernate: (device: TestDevice) =>
      worker.evictDurableObject('Mailbox', { name: device.id, webSockets: 'hibernate' }),
    /** Empties the object's memory and cuts its sockets, as a deploy does. */
    evict: (device: TestDevice) => worker.evictDurableObject('Mailbox', { name: device.id, webSockets: 'close' }),
  };
}

function bytesAsText(_key: string, value: unknown): unknown {
  return value instanceof ArrayBuffer || ArrayBuffer.isView(value)
    ? Buffer.from(value as ArrayBuffer).toString('latin1')
    : value;
}

export function postUpdate(hook: string, update: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(hook, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-telegram-bot-api-secret-token': hookSecret, ...headers },
    body: typeof update === 'string' ? update : JSON.stringify(update),
  });
}

/** A text message in a private chat, as Telegram sends one. */
export function textUpdate(id: number, text = 'hello', user = 1_111_111) {
  const from = { id: user, is_bot: false, first_name: 'Test', username: 'testusername' };
  const chat = { id: user, first_name: 'Test', type: 'private' };
  return { update_id: id, message: { message_id: id, date: 1_441_645_532, from, chat, text } };
}
