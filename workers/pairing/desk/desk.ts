/** The Durable Object of pairings under way. */
import { DurableObject } from 'cloudflare:workers';
import type { Env } from '../../environment.ts';

export class Desk extends DurableObject<Env> {}
