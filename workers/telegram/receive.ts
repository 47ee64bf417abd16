/** A webhook of Telegram inside the mailbox: the secret before the body, the job before the answer. */
import { PryxError } from '../../shared/error.ts';
import { maxBodyBytes } from '../../shared/wire/limits.ts';
import type { Device, DeviceRecord } from '../mailbox/device.ts';
import type { Intake } from '../mailbox/intake.ts';
import type { Link } from '../mailbox/link.ts';
import type { Random } from '../durable/ports.ts';
import { traceFrom } from '../mailbox/trace-context.ts';
import type { TelegramHooks } from './hooks.ts';
import { type Person, type ReadUpdate, readUpdate } from './update.ts';

/** A method of the Bot API in the answer to its webhook ("Making requests when getting updates"): the edge needs no bot token. */
export type WebhookAnswer =
  | { method: 'sendChatAction'; chat_id: number; action: 'typing' }
  | { method: 'sendMessage'; chat_id: number; text: string };

export const keptText =
  'I am offline right now. What you sent is kept for up to 24 hours, and I answer as soon as I am back.';

export interface ReceivedWebhook {
  bot: string;
  secret: string | null;
  traceparent: string | null;
  /** Reads the body, at most `limit` bytes of it. */
  readBody(limit: number): Promise<Uint8Array>;
}

interface Deps {
  device: DeviceRecord;
  hooks: TelegramHooks;
  intake: Intake;
  link: Pick<Link, 'connected'>;
  random: Random;
}

/** When this resolves, the update is stored. Throws `not_found`, `unauthorized`, `too_large`, `bad_request`, `mailbox_full`. */
export async function receiveUpdate(deps: Deps, webhook: ReceivedWebhook): Promise<WebhookAnswer | undefined> {
  const { bot } = webhook;
  const device = deps.device.find();
  if (device === undefined) throw new PryxError('not_found', 'There is nothing at this address.');
  await deps.hooks.checkSecret(bot, webhook.secret);
  let update: ReadUpdate | undefined;
  const outcome = await deps.intake.take(device, async () => {
    const body = await webhook.readBody(maxBodyBytes);
    update = readUpdate(body);
    return {
      id: `tg:${bot}:${update.id}`,
      kind: 'telegram.update',
      traceparent: traceFrom(webhook.traceparent, deps.random),
      body,
    };
  });
  return outcome === 'stored' && update?.person !== undefined
    ? planAnswer(deps, device, bot, update.person)
    : undefined;
}

/** Only whom the device answers anyway is told anything: a stranger learns nothing from the edge (docs/decisions/004). */
async function planAnswer(deps: Deps, device: Device, bot: string, person: Person): Promise<WebhookAnswer | undefined> {
  if (!(await deps.hooks.answers(device, bot, person.user))) return undefined;
  if (deps.link.connected())
    return person.wrote ? { method: 'sendChatAction', chat_id: person.chat, action: 'typing' } : undefined;
  if (!(await deps.hooks.tellOnce(device, bot, person.chat))) return undefined;
  return { method: 'sendMessage', chat_id: person.chat, text: keptText };
}
