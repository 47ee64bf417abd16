/** Joins the rooms that make the Telegram channel: its owner and secret from the store, its hook from the edge, updates into the inbox. */
import { PryxError } from '../shared/error.ts';
import type { ReceivedJob } from './channels/accept-job.ts';
import type { TelegramChannel } from './channels/telegram/channel.ts';
import type { Settings } from './core/settings.ts';
import type { Parts } from './daemon/run.ts';
import type { DeviceLink } from './device-link.ts';
import { getSetting, setSetting } from './store/settings.ts';
import { type Claim, createClaim, isClaimPending } from './trust/claim-owner.ts';
import { ownersOf, setOwner } from './trust/identify.ts';

interface TelegramParts extends Parts {
  telegram: NonNullable<Settings['telegram']>;
  registerHook: DeviceLink['registerHook'] | null;
  acceptUpdates(jobs: ReceivedJob[]): void;
}

export interface OpenTelegram {
  channel: TelegramChannel;
  /** The one-time link that makes whoever opens it the owner; null when there is an owner, or the bot's name is not known yet. */
  claimUrl(): string | null;
  refresh(): void;
}

const name = 'telegram';

export async function openTelegram(deps: TelegramParts): Promise<OpenTelegram> {
  const { db, clock, random, telegram } = deps;
  // grammY and the Markdown parser are loaded only where there is a bot.
  const { createTelegramChannel } = await import('./channels/telegram/channel.ts');
  const { claimLink } = await import('./channels/telegram/claim-link.ts');
  if (telegram.ownerId !== null) setOwner(db, { channel: name, userId: telegram.ownerId }, clock.now());
  let claim: Claim | undefined;

  const keep = (setting: string) => ({
    load: () => getSetting(db, `telegram.${telegram.botId}.${setting}`) ?? null,
    save: (value: string) => setSetting(db, `telegram.${telegram.botId}.${setting}`, value, clock.now()),
  });
  const secret = keep('webhook_secret');
  const account = keep('username');

  const channel = createTelegramChannel({
    ...deps,
    settings: telegram,
    tlsGroups: telegram.tlsGroups ?? undefined,
    registerHook: deps.registerHook ?? noEdge,
    answeredUsers: () => ownersOf(db, name).map(Number),
    loadSecret: secret.load,
    saveSecret: secret.save,
    account: account.load(),
    onAccount: account.save,
    acceptUpdates: (bodies) => deps.acceptUpdates(bodies.map(asJob)),
  });

  /** By polling there is no edge that would have said when it came and under which trace. */
  function asJob(body: Uint8Array): ReceivedJob {
    const now = clock.now();
    const traceparent = `00-${hex(random.bytes(16))}-${hex(random.bytes(8))}-01`;
    return {
      id: channel.jobId(body),
      kind: 'telegram.update',
      seq: null,
      traceparent,
      body,
      madeAt: now,
      receivedAt: now,
    };
  }

  return {
    channel,
    refresh: channel.refresh,
    claimUrl() {
      const username = account.load();
      if (username === null) return null;
      // An old code, or one that wrong tries have spoilt, is replaced; none is made where there is an owner.
      if (claim === undefined || !isClaimPending(db, clock, name)) claim = createClaim(db, random, clock, name);
      return claim === undefined ? null : claimLink(username, claim.code);
    },
  };
}

const noEdge = (): Promise<string> =>
  Promise.reject(
    new PryxError('channel_misconfigured', 'Telegram needs a public address for its webhook, and no edge is set.', {
      hint: 'Pair this device with your edge (docs/deploy.md): pryx pair --edge <address>. Or start with --polling.',
    }),
  );

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
