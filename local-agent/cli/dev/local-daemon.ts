/** The daemon of `pryx dev`: a child process, started again when it dies, asked through its socket. */
import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { type StatusResponse, statusResponse } from '../../../shared/api/status.ts';
import { PryxError } from '../../../shared/error.ts';
import { askDaemon } from '../ask-daemon.ts';
import type { CliHome } from '../home.ts';
import { isForgotten } from './pair-own-device.ts';
import { supervise } from './supervise.ts';

export interface LocalDaemon {
  /** Resolves when the link and every channel are up, or the edge does not know this device; and with what there is after `ms`. */
  connected(ms: number): Promise<StatusResponse>;
  stop(): Promise<void>;
}

const startWithinMs = 20_000;
const lookAgainMs = 10;

/** Resolves when the daemon serves. Throws what it said when it ended instead. */
export async function startLocalDaemon(
  pryx: string,
  home: CliHome,
  env: NodeJS.ProcessEnv,
  tell: (line: string) => void,
): Promise<LocalDaemon> {
  let ready = false;
  let lastWords = '';
  const ended = Promise.withResolvers<never>();
  ended.promise.catch(() => undefined);

  function start(): ChildProcess {
    const child = spawn(process.execPath, [pryx, 'daemon', '--home', home.folder], {
      env,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      detached: true,
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      lastWords = (lastWords + text).slice(-4_000);
    });
    return child;
  }

  const daemon = supervise(start, (code, signal, waitMs) => {
    if (!ready) ended.reject(new PryxError('unavailable', `The daemon did not start.\n${lastWords.trim()}`));
    else tell(`The daemon ended (${signal ?? code}); it starts again in ${waitMs} ms.`);
  });
  const status = async (): Promise<StatusResponse> => statusResponse.parse(await askDaemon(home, { path: '/status' }));

  async function until(ms: number, good: (status: StatusResponse) => boolean): Promise<StatusResponse | undefined> {
    const deadline = performance.now() + ms;
    for (;;) {
      const now = await status().catch(() => undefined);
      if ((now !== undefined && good(now)) || performance.now() > deadline) return now;
      await sleep(lookAgainMs);
    }
  }

  try {
    await Promise.race([until(startWithinMs, ({ daemon: { state } }) => state !== 'starting'), ended.promise]);
    ready = true;
  } catch (error) {
    await daemon.stop();
    throw error;
  }
  return {
    async connected(ms) {
      const up = ({ link, channels }: StatusResponse): boolean =>
        link.state === 'up' && channels.every(({ state }) => state === 'up');
      const seen = await until(ms, (now) => up(now) || isForgotten(now));
      if (seen === undefined)
        throw new PryxError('unavailable', 'The daemon does not answer.', { hint: 'pryx logs tells why.' });
      return seen;
    },
    stop: daemon.stop,
  };
}
