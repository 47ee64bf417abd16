/** What the suites share: one edge in workerd, its owner with a passkey in software, and clients that write every byte themselves. */
import { randomBytes } from 'node:crypto';
import { SignJWT } from 'jose';
import { generateEdgeKeys } from '../../../local-agent/cli/edge/generate-keys.ts';
import { type SoftwareOwner, createSoftwareOwner } from '../../../local-agent/cli/dev/owner.ts';
import { pageOrigin } from '../../../shared/pairing/page-origin.ts';
import { makeCode, setupCodeLength } from '../../../shared/pairing/user-code.ts';
import { importSignKey, thumbprint } from '../../../shared/wire/signature.ts';
import { type TestEdge, type TestEdgeOptions, startTestEdge } from '../../workers/support/edge.ts';
import { type Meddle, type Seen, createKeepingSend } from './browsing.ts';
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
  /** Every answer that the owner's browser got, in order. */
  seen: Seen[];
  /** Changes what the owner's browser sends, as somebody in between would. */
  meddle: Meddle | undefined;
  /** A device that nobody knows yet. */
  client(): Promise<WireClient>;
  /** A device that the owner approved, with its first tokens. */
  pair(): Promise<Paired>;
  /** All that the account and the desk hold at rest, as one text. */
  atRest(): Promise<string>;
  /** A token of any content under the edge's own key: what only the edge could have signed. */
  signWithEdge(claims: Record<string, unknown>, header: { typ?: string | undefined }): Promise<string>;
  close(): Promise<void>;
}

export async function openWorld(limits: Pick<TestEdgeOptions, 'pairingLimit'> = {}): Promise<World> {
  const setupCode = makeCode({ bytes: (length) => randomBytes(length) }, setupCodeLength, 4);
  const keys = await generateEdgeKeys();
  const edge = await startTestEdge({
    vars: { PRYX_EDGE_KEYS: JSON.stringify(keys), PRYX_SETUP_CODE: setupCode },
    ...limits,
  });
  const seen: Seen[] = [];
  const owner = createSoftwareOwner({
    edge: edge.origin,
    setupCode,
    send: createKeepingSend(seen, () => world.meddle),
  });
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
      for (const { name: table } of await storage.exec(ownTables))
        texts.push(JSON.stringify([...(await storage.exec(`select * from "${String(table)}"`))], bytesAsText));
    }
    return texts.join('\n');
  }

  async function signWithEdge(claims: Record<string, unknown>, header: { typ?: string | undefined }): Promise<string> {
    const [jwk] = keys.signing;
    if (jwk === undefined) throw new Error('the edge has no key');
    const { typ } = { typ: 'at+jwt', ...header };
    return new SignJWT(claims)
      .setProtectedHeader({ alg: 'Ed25519', kid: await thumbprint(jwk), ...(typ !== undefined && { typ }) })
      .sign(await importSignKey(jwk));
  }

  const world: World = {
    edge,
    origin: edge.origin,
    pages: pageOrigin(edge.origin),
    owner,
    seen,
    client,
    pair,
    atRest,
    signWithEdge,
    meddle: undefined,
    close: edge.close,
  };
  await owner.claim();
  return world;
}

const ownTables = "select name from sqlite_master where type = 'table' and name not like '\\_cf\\_%' escape '\\'";

function bytesAsText(_key: string, value: unknown): unknown {
  return value instanceof ArrayBuffer || ArrayBuffer.isView(value)
    ? Buffer.from(value as ArrayBuffer).toString('latin1')
    : value;
}
