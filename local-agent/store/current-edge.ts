/** Which edge is in force: the one that was set from outside, or else the one that was paired last. */
import type { Settings } from '../core/settings.ts';
import type { Db } from './database.ts';
import { getSetting, setSetting } from './settings.ts';

const name = 'edge.current';

export const setCurrentEdge = (db: Db, origin: string, now: number): void => setSetting(db, name, origin, now);

/** Its origin, paired or not. */
export const edgeInForce = (db: Db, { edge }: Pick<Settings, 'edge'>): string | null =>
  edge?.origin ?? getSetting(db, name) ?? null;
