/** What the suites share: one edge in workerd, its owner with a passkey in software, and clients that write every byte themselves. */
import { randomBytes } from 'node:crypto';
import { generateEdgeKeys } from '../../../local-agent/cli/edge/generate-keys.ts';
import { type SoftwareOwner, createSoftwareOwner, pageOriginOf } from '../../../local-agent/cli/dev/owner.ts';
import { makeCode, setupCodeLength } from '../../../shared/pairing/user-code.ts';
import { type TestEdge, startTestEdge } from '../../workers/support/edge.ts';
import { type Tokens, type WireClient, createWireClient } from './wire-client.ts';

export interface Paired {
  client: WireClient;
  tokens: Tokens;
}

export interface World {
  edge: TestEdge;
  origin: string;
  /** Where the owner's pages are. */
  pages: string;
  owner: SoftwareOwner;
  /** A device that nobody knows yet. */
  client(): Promise<WireClient>;
  /** A device that the owner approved, with its first tokens. */
  pair(): Promise<Paired>;
  /** All that the account and the desk hold at rest, as one text. */
  atRest(): Promise<string>;
  close(): Promise<void>;
}

export async function openWorld(): Promise<World> {
  const setupCode = makeCode({ bytes: (length) => randomBytes(length) }, setupCodeLength, 4);
  const edge = await startTestEdge({
    vars: { PRYX_EDGE_KEYS: JSON.stringify(await generateEdgeKeys()), PRYX_SETUP_CODE: setupCode },
  });
  const owner = createSoftwareOwner({ edge: edge.origin, setupCode });
  await owner.claim();
  const client = (): Promise<WireClient> => createWireClient(edge.origin);

  async function pair(): Promise<Paired> {
    const device = await client();
    const codes = await device.codes();
    await owner.approve({ userCode: codes.user_code });
    return { client: device, tokens: await device.redeem(codes.device_code) };
  }

  async function atRest(): Promise<string> {
    const worker = edge.server.getWorker();
    const texts: string[] = [];
    for (const [className, name] of [
      ['Account', 'account'],
      ['Desk', 'desk'],
    ] as const) {
      const storage = await worker.getDurableObjectStorage(className, { name });
      for (const { name: table } of [...(await storage.exec(ownTables))])
        texts.push(JSON.stringify([...(await storage.exec(`select * from "${String(table)}"`))], bytesAsText));
    }
    return texts.join('\n');
  }

  return {
    edge,
    origin: edge.origin,
    pages: pageOriginOf(edge.origin),
    owner,
    client,
    pair,
    atRest,
    close: edge.close,
  };
}

const ownTables = "select name from sqlite_master where type = 'table' and name not like '\\_cf\\_%' escape '\\'";

function bytesAsText(_key: string, value: unknown): unknown {
  return value instanceof ArrayBuffer || ArrayBuffer.isView(value)
    ? Buffer.from(value as ArrayBuffer).toString('latin1')
    : value;
}
