/** What the Worker may ask of the account: the one Durable Object of the owner of this edge. */
import type { DeviceRegistry } from './device-registry.ts';
import type { OwnerCore } from './owner-api.ts';
import type { TokenFamilies } from './token-families.ts';

export type AccountCore = DeviceRegistry & TokenFamilies & OwnerCore;
