/** What `PRYX_EDGE_KEYS` holds, as JSON on one line (docs/deploy.md). Whoever has it can speak for the edge. */
import { randomBytes } from 'node:crypto';
import type { EdgeKeys } from '../../../shared/api/edge.ts';
import { generateSigningKey } from '../../../shared/wire/signature.ts';

export async function generateEdgeKeys(): Promise<EdgeKeys> {
  return { signing: [await generateSigningKey()], hook: randomBytes(32).toString('base64url') };
}
