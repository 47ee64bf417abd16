/** One mailbox, put together from its parts over its ports: the same in workerd and in a simulator. */
import { putTelegramHookRequest } from '../../shared/api/edge.ts';
import { PryxError } from '../../shared/error.ts';
import { migrate } from '../durable/migrate.ts';
import { createTelegramHooks } from '../telegram/hooks.ts';
import { type ReceivedWebhook, type WebhookAnswer, receiveUpdate } from '../telegram/receive.ts';
import { type Caller, type Device, createDeviceRecord } from './device.ts';
import { createIntake } from './intake.ts';
import { createLink } from './link.ts';
import type { MailboxApi } from './mailbox-api.ts';
import type { LinkSocket, MailboxPorts } from './ports.ts';
import { type SignedJob, createQueue } from './queue.ts';
import { changeIssuer } from './resign-jobs.ts';
import { mailboxMigrations } from './schema.ts';

export interface MailboxCore extends MailboxApi {
  receiveTelegram(webhook: ReceivedWebhook): Promise<WebhookAnswer | undefined>;
  open(socket: LinkSocket): void;
  frame(socket: LinkSocket, data: string | ArrayBuffer): Promise<void>;
  /** A socket has closed, from whichever side. */
  closed(socket: LinkSocket): void;
  /** Never throws. */
  sweep(): void;
}

const retrySweepMs = 60_000;

export function createMailbox(ports: MailboxPorts): MailboxCore {
  const { sql, clock, random, sockets, alarm, sealer } = ports;
  migrate(sql, mailboxMigrations);
  const device = createDeviceRecord({ sql, clock });
  const queue = createQueue({ sql, clock });
  const hooks = createTelegramHooks({ sql, clock, sealer });
  const link = createLink({ sql, queue, clock, sockets, sealer, device, onGreeted });
  const intake = createIntake({ device, queue, clock, sealer, onStored });
  // An end right behind the word that revoked the device may have left its sockets open.
  link.dropRevoked();

  function onStored(jobs: readonly SignedJob[]): void {
    wakeForSweep();
    link.push(jobs);
  }

  function onGreeted(): void {
    hooks.forgetTold();
    device.keepContact(clock.now());
  }

  /** Every table that grows is swept within the hour. */
  function wakeForSweep(): void {
    alarm.ensure(clock.now() + 60 * 60 * 1000);
  }

  function takeProof({ proofId, issuedAt }: Caller): Device {
    const known = device.check(issuedAt);
    device.takeProof(proofId);
    wakeForSweep();
    return known;
  }

  async function admit({ deviceId, origin, sealingKey }: Parameters<MailboxApi['admit']>[0]): Promise<void> {
    const before = device.find()?.origin ?? origin;
    const enter = (): void => device.admit({ id: deviceId, sealingKey, origin });
    if (before === origin) enter();
    else await changeIssuer(origin, { queue, sealer }, enter);
  }

  function revoke({ empty }: { empty: boolean }): void {
    if (device.find() === undefined) return;
    // Should this object end before it has hung up, it wakes to do so.
    alarm.ensure(clock.now() + 1000);
    const write = (): void => device.revoke(empty);
    try {
      if (!empty) write();
      else {
        queue.empty(() => {
          hooks.empty();
          link.empty();
          write();
        });
      }
    } finally {
      device.reload();
    }
    link.dropRevoked();
  }

  const lastContact = (): number | null => link.lastHeard() ?? device.lastContact();

  function sweep(): void {
    try {
      const times = [queue.sweep(), device.sweep()].filter((time) => time !== null);
      if (times.length > 0) alarm.ensure(Math.min(...times));
      link.dropRevoked();
      link.push();
    } catch {
      // A handler that throws is retried six times and then never again; this one comes back by itself.
      alarm.ensure(clock.now() + retrySweepMs);
    }
  }

  return {
    admit,
    revoke,
    takeProof: (caller) => void takeProof(caller),
    contact: () => ({ connected: link.connected(), last_contact: lastContact() }),
    async registerHook({ caller, bot, body }) {
      const parsed = putTelegramHookRequest.safeParse(body);
      if (!parsed.success) throw new PryxError('bad_request', 'This is not a request to register a hook.');
      takeProof(caller);
      await hooks.register(() => device.check(caller.issuedAt), bot, parsed.data);
    },
    receiveTelegram: (webhook) => receiveUpdate({ device, hooks, intake, link, random }, webhook),
    open: (socket) => link.open(socket),
    frame: (socket, data) => link.frame(socket, data),
    closed(socket) {
      socket.keep({ ...socket.state(), phase: 'gone' });
      // Answers the device's close, if it was the one to begin (RFC 6455, section 5.5.1).
      socket.close(1000, '');
      device.keepContact(clock.now());
    },
    status(caller) {
      const { id } = takeProof(caller);
      const { refused, ...queued } = queue.counts();
      return {
        device_id: id,
        connected: link.connected(),
        queued,
        in_flight: link.inFlight(),
        last_sequence: queue.lastSequence(),
        refused,
        last_contact: lastContact(),
      };
    },
    sweep,
  };
}
