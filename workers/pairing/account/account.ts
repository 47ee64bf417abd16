/** The Durable Object of the owner of this edge. */
import { DurableObject } from 'cloudflare:workers';
import type { Env } from '../../environment.ts';

export class Account extends DurableObject<Env> {}
