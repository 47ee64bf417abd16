/** The probes: `/healthz` asks whether this process is of use, `/readyz` whether everything that was set up works. */
import type { HealthResponse, StatusResponse } from '../../shared/api/status.ts';
import { codeOf } from '../../shared/error.ts';
import type { Clock } from '../core/clock.ts';
import type { Db } from '../store/database.ts';
import { getSetting, setSetting } from '../store/settings.ts';
import type { House } from './house.ts';

type Check = HealthResponse['checks'][string];

interface Vitals {
  state: StatusResponse['daemon']['state'];
  database: Check;
  house: Pick<House, 'link' | 'channels' | 'model'> | undefined;
}

/** Unhealthy when a check failed that the question is about. What is `off` was not asked for, and what is `degraded` still serves. */
export function readHealth(question: 'live' | 'ready', { state, database, house }: Vitals): HealthResponse {
  const live: Record<string, Check> = { process: checkProcess(state), database };
  const others: Record<string, Check> =
    house === undefined
      ? {}
      : {
          ...Object.fromEntries(house.channels().map((channel) => [`channel:${channel.name}`, checkPart(channel)])),
          link: checkPart(house.link()),
          model: checkModel(house.model()),
        };
  const asked = question === 'live' ? live : { ...live, ...others };
  const failed = Object.values(asked).some((check) => check.status === 'failed');
  const starting = question === 'ready' && house === undefined;
  return { status: failed || starting ? 'unhealthy' : 'ok', checks: { ...live, ...others } };
}

function checkProcess(state: StatusResponse['daemon']['state']): Check {
  if (state === 'stopping') return { status: 'failed', message: 'is stopping' };
  return state === 'starting' ? { status: 'degraded', message: 'is starting' } : { status: 'ok' };
}

/** Messages of errors hold no secret; but these probes are for anybody on this machine, so the code has to do. */
function checkPart(part: Pick<StatusResponse['channels'][number], 'lastError'> & { state: string }): Check {
  if (part.state === 'up') return { status: 'ok' };
  if (part.state === 'off') return { status: 'off' };
  const message = part.lastError === null ? part.state : `${part.state}: ${part.lastError.code}`;
  return { status: part.state === 'down' ? 'failed' : 'degraded', message };
}

/** Without a model the offline assistant answers: never a reason to call the daemon unhealthy. */
function checkModel({ state, lastError }: StatusResponse['model']): Check {
  if (state === 'ok') return { status: 'ok' };
  if (state === 'offline') return { status: 'off' };
  return { status: 'degraded', message: lastError?.code ?? 'failing' };
}

/** How long one answer of the database check stands, so that whoever may ask cannot keep the disk busy. Milliseconds. */
const checkedForMs = 2000;

/** Writes a row and reads it back. */
export function createDatabaseCheck({ db, clock, replaced }: { db: Db; clock: Clock; replaced: boolean }): () => Check {
  let last: { at: number; check: Check } | undefined;
  return () => {
    const now = clock.now();
    if (last === undefined || now - last.at > checkedForMs) last = { at: now, check: writeAndRead(db, now, replaced) };
    return last.check;
  };
}

function writeAndRead(db: Db, now: number, replaced: boolean): Check {
  try {
    setSetting(db, 'health.checked', String(now), now);
    if (getSetting(db, 'health.checked') !== String(now))
      return { status: 'failed', message: 'does not keep what is written' };
  } catch (error) {
    return { status: 'failed', message: `cannot be written: ${codeOf(error) ?? 'unknown'}` };
  }
  return replaced ? { status: 'degraded', message: 'was damaged, and replaced at this start' } : { status: 'ok' };
}
