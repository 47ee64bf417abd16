/** The parts list: the only file that knows every room. */
import { createAgent } from './agent/handle-message.ts';
import type { ReceivedJob } from './channels/accept-job.ts';
import { createInbox } from './channels/inbox.ts';
import { traceJob } from './channels/job-trace.ts';
import { createOutbox } from './channels/outbox.ts';
import type { Channel, ChannelHealth } from './core/channel.ts';
import type { House } from './daemon/house.ts';
import type { Parts } from './daemon/run.ts';
import { createModelChoice } from './models/choose.ts';
import type { DeviceLink } from './device-link.ts';
import { describeStatus } from './describe-status.ts';
import { type JoinDeps, joinEdge } from './join-edge.ts';
import { openTelegram } from './open-telegram.ts';
import { edgeInForce } from './store/current-edge.ts';
import { createGroupCommit } from './store/group-commit.ts';
import { noEdge } from './unpaired-link.ts';
import { createConversationReader } from './workspaces/read-conversations.ts';

export type ComposeDeps = Parts & Pick<JoinDeps, 'openSocket' | 'request' | 'reload'>;

export async function compose(deps: ComposeDeps): Promise<House> {
  const { settings, db } = deps;
  const stopping = new AbortController();
  const channels = new Map<string, Channel>();
  const commit = createGroupCommit(db, (work) => void setImmediate(work));
  const models = createModelChoice(deps);
  const outbox = createOutbox({ ...deps, commit, channels });
  const agent = createAgent({
    ...deps,
    commit,
    stop: stopping.signal,
    replies: outbox.replies,
    chooseModel: models.choose,
    onOwnerClaimed: () => telegram?.refresh(),
    statusText: () => describeStatus(db, models.status(), link?.state(), healths()),
  });
  const inbox = createInbox({ ...deps, channels, handle: agent.handle });

  const origin = edgeInForce(db, settings);
  const link: DeviceLink | null = origin === null ? null : await joinEdge({ ...deps, origin, accept: inbox.accept });
  const telegram =
    settings.telegram === null
      ? null
      : await openTelegram({
          ...deps,
          telegram: settings.telegram,
          registerHook: link?.registerHook ?? null,
          acceptUpdates: (jobs: ReceivedJob[]) => void inbox.accept(jobs),
        });
  if (telegram !== null) channels.set(telegram.channel.name, telegram.channel);

  const healths = (): (ChannelHealth & { name: string })[] =>
    [...channels.values()].map((channel) => ({ name: channel.name, ...channel.health() }));

  return {
    start(): void {
      inbox.resume();
      outbox.resume();
      models.start();
      link?.start();
      for (const channel of channels.values()) channel.start();
    },
    /** Takes in nothing more, lets what has left come to its end, and leaves the rest to the next start. */
    async stop(): Promise<void> {
      stopping.abort();
      // Together: what was cut off in the middle must not be overtaken by what waits behind it.
      await Promise.all([inbox.stop(), link?.stop()]);
      await outbox.stop();
      await Promise.allSettled([...channels.values()].map((channel) => channel.stop()));
      models.stop();
    },
    link: () => link?.state() ?? { state: 'off' as const, lastError: null },
    edge: () => link?.origin ?? null,
    deviceId: () => link?.deviceId ?? null,
    mailbox: async () => link?.mailbox() ?? null,
    devices: link ?? noEdge,
    conversations: createConversationReader(db),
    channels: healths,
    model: models.status,
    /** The one-time link that makes whoever opens it the owner; null when there is an owner. */
    claimUrl: () => telegram?.claimUrl() ?? null,
    trace: (jobId: string) => traceJob(db, jobId),
  };
}
