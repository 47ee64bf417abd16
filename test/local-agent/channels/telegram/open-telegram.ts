/** A Telegram channel, the stand-in behind it, and what they are told and tell: for the tests of this folder. */
import { randomBytes } from 'node:crypto';
import type { Address } from '../../../../local-agent/core/address.ts';
import type { Clock } from '../../../../local-agent/core/clock.ts';
import { Secret } from '../../../../local-agent/core/settings.ts';
import {
  type TelegramChannel,
  type TelegramDeps,
  createTelegramChannel,
} from '../../../../local-agent/channels/telegram/channel.ts';
import { type KeptLog, createKeptLog } from '../../../support/quiet-log.ts';
import { createTelegramServer } from '../../../support/telegram/server.ts';
import type { TelegramServer, TelegramServerOptions } from '../../../support/telegram/types.ts';

export interface OpenTelegram {
  telegram: TelegramServer;
  channel: TelegramChannel;
  log: KeptLog;
  /** What the edge was told, in order. */
  hooks: { bot: string; secretSha256: string; answeredUsers: number[] }[];
  /** Bodies that polling made durable. */
  accepted: unknown[];
  saved: { secret: string | null; account: string | null };
  /** A person whom the bot may write to, and the address of their chat. */
  person: { id: number; address: Address };
  /** Another channel with the same memory, as after a restart. */
  again(deps?: Partial<TelegramDeps>): TelegramChannel;
  close(): Promise<void>;
}

export const wallClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error);
      const timer = setTimeout(resolve, ms);
      signal?.addEventListener('abort', () => {
        clearTimeout(timer);
        reject(signal.reason as Error);
      });
    }),
};

export interface OpenOptions {
  server?: TelegramServerOptions;
  deps?: Partial<Omit<TelegramDeps, 'settings'>>;
  settings?: Partial<TelegramDeps['settings']>;
}

export async function openTelegram({ server, deps, settings }: OpenOptions = {}): Promise<OpenTelegram> {
  const telegram = await createTelegramServer({
    token: `6833000441:${randomBytes(27).toString('base64url')}`,
    ...server,
  });
  const log = createKeptLog();
  const hooks: OpenTelegram['hooks'] = [];
  const accepted: unknown[] = [];
  const saved: OpenTelegram['saved'] = { secret: null, account: null };
  const channels: TelegramChannel[] = [];

  const again = (more: Partial<TelegramDeps> = {}): TelegramChannel => {
    const channel = createTelegramChannel({
      settings: {
        botToken: new Secret(telegram.token),
        botId: '6833000441',
        ownerId: null,
        apiRoot: telegram.origin,
        webhookUrl: null,
        webhookSecret: null,
        polling: false,
        tlsGroups: null,
        ...settings,
      },
      clock: wallClock,
      random: { bytes: (length) => randomBytes(length), fraction: () => 0 },
      log,
      registerHook: (hook) => {
        hooks.push(hook);
        return Promise.resolve(`${telegram.origin}/telegram/hook`);
      },
      acceptUpdates: (bodies) => {
        accepted.push(...bodies.map((body) => JSON.parse(new TextDecoder().decode(body)) as unknown));
      },
      answeredUsers: () => [],
      loadSecret: () => saved.secret,
      saveSecret: (secret) => {
        saved.secret = secret;
      },
      account: saved.account,
      onAccount: (username) => {
        saved.account = username;
      },
      ...deps,
      ...more,
    });
    channels.push(channel);
    return channel;
  };

  const { id } = telegram.createUser({ firstName: 'Ada' });
  telegram.openPrivateChat(id);
  return {
    telegram,
    channel: again(),
    log,
    hooks,
    accepted,
    saved,
    person: { id, address: { channel: 'telegram', key: String(id), data: { chat: id } } },
    again,
    async close() {
      for (const channel of channels) await channel.stop();
      await telegram.close();
    },
  };
}
