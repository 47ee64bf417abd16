/** One mailbox, put together from its parts over its ports: the same in workerd and in a simulator. */
import { type MailboxStatus, enrolRequest, putTelegramHookRequest } from '../../shared/api/edge.ts';
import { PryxError } from '../../shared/error.ts';
import { checkSealingJwk } from '../../shared/wire/seal.ts';
import { migrate } from '../durable/migrate.ts';
import { createTelegramHooks } from '../telegram/hooks.ts';
import { type ReceivedWebhook, type WebhookAnswer, receiveUpdate } from '../telegram/receive.ts';
import { createDeviceRecord } from './device.ts';
import { createIntake } from './intake.ts';
import { createLink } from './link.ts';
import type { LinkSocket, MailboxPorts } from './ports.ts';
import { type SignedJob, createQueue } from './queue.ts';
import { changeIssuer } from './resign-jobs.ts';
import { mailboxMigrations } from './schema.ts';

export interface MailboxCore {
  /** Body of `enrolRequest`. Throws `bad_request`, `bad_key`, `bad_proof`. */
  enrol(request: { proofId: string; deviceId: string; origin: string; body: unknown }): Promise<void>;
  /** Body of `putTelegramHookRequest`. */
  registerHook(request: { proofId: string; bot: string; body: unknown }): Promise<void>;
  receiveTelegram(webhook: ReceivedWebhook): Promise<WebhookAnswer | undefined>;
  /** Checks that a socket may be opened; `open` follows. */
  admit(proofId: string): void;
  open(socket: LinkSocket): void;
  frame(socket: LinkSocket, data: string | ArrayBuffer): Promise<void>;
  /** A socket has closed, from whichever side. */
  closed(socket: LinkSocket): void;
  status(proofId: string): MailboxStatus;
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
  const link = createLink({ sql, queue, clock, sockets, sealer, onGreeted });
  const intake = createIntake({ device, queue, clock, sealer, onStored });

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

  function takeProof(id: string): void {
    device.takeProof(id);
    wakeForSweep();
  }

  function sweep(): void {
    try {
      const times = [queue.sweep(), device.sweep()].filter((time) => time !== null);
      if (times.length > 0) alarm.ensure(Math.min(...times));
      link.push();
    } catch {
      // A handler that throws is retried six times and then never again; this one comes back by itself.
      alarm.ensure(clock.now() + retrySweepMs);
    }
  }

  return {
    async enrol({ proofId, deviceId, origin, body }) {
      const parsed = enrolRequest.safeParse(body);
      if (!parsed.success) throw new PryxError('bad_request', 'This is not a request to enrol.');
      const sealingKey = checkSealingJwk(parsed.data.sealing_key);
      takeProof(proofId);
      const before = device.find()?.origin ?? origin;
      const enrol = () => device.enrol({ id: deviceId, sealingKey, origin });
      if (before === origin) enrol();
      else await changeIssuer(origin, { queue, sealer }, enrol);
    },
    async registerHook({ proofId, bot, body }) {
      const parsed = putTelegramHookRequest.safeParse(body);
      if (!parsed.success) throw new PryxError('bad_request', 'This is not a request to register a hook.');
      const registered = device.current();
      takeProof(proofId);
      await hooks.register(registered, bot, parsed.data);
    },
    receiveTelegram: (webhook) => receiveUpdate({ device, hooks, intake, link, random }, webhook),
    admit(proofId) {
      device.current();
      takeProof(proofId);
    },
    open: (socket) => link.open(socket),
    frame: (socket, data) => link.frame(socket, data),
    closed(socket) {
      socket.keep({ ...socket.state(), phase: 'gone' });
      // Answers the device's close, if it was the one to begin (RFC 6455, section 5.5.1).
      socket.close(1000, '');
      device.keepContact(clock.now());
    },
    status(proofId) {
      const { id } = device.current();
      takeProof(proofId);
      const { refused, ...queued } = queue.counts();
      return {
        device_id: id,
        connected: link.connected(),
        queued,
        in_flight: link.inFlight(),
        last_sequence: queue.lastSequence(),
        refused,
        last_contact: link.lastHeard() ?? device.lastContact(),
      };
    },
    sweep,
  };
}
