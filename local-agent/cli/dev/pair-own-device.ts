/** `pryx dev` owns its edge by a passkey of its own, and approves its own device: over the same pages and endpoints as everybody. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StatusResponse } from '../../../shared/api/status.ts';
import { toPryxError } from '../../../shared/error.ts';
import { pairingFailure, readPairing, startPairing } from '../ask-pairing.ts';
import type { CommandContext } from '../context.ts';
import { replaceFile } from '../replace-file.ts';
import type { SoftwareOwner } from './owner.ts';

const lookAgainMs = 20;

/**
 * The edge was emptied since this device was paired with it, which looks the same from here as a revocation. That one is undone too: the only
 * passkey that could approve is ours.
 */
export const isForgotten = ({ link }: StatusResponse): boolean =>
  link.state !== 'up' && ['not_paired', 'revoked'].includes(link.lastError?.code ?? '');

/** No error when it is paired already. When the edge belongs to somebody else's passkey, waits until that person has decided. */
export async function pairOwnDevice(
  context: CommandContext,
  edge: string,
  stopping: AbortSignal,
  { again }: { again?: boolean } = {},
): Promise<void> {
  const { home, output } = context;
  const pairing = await startPairing(home, { edge, ...(again === true && { again }) });
  if (pairing.state !== 'waiting') return;
  try {
    const owner = await loadOwner(join(home.folder, 'edge'), edge);
    await owner.approve({ userCode: pairing.user_code });
  } catch (error) {
    const { message } = toPryxError(error);
    output.say(`${output.styleRemark('yellow', 'The owner of the local edge has to approve this device.')} ${message}`);
    const { awaitOwner } = await import('../await-owner.ts');
    await awaitOwner(context, pairing, stopping);
    return;
  }
  for (let now = await readPairing(home); now.state !== 'paired'; now = await readPairing(home)) {
    if (now.state === 'failed') throw pairingFailure(now);
    if (stopping.aborted || now.state === 'none') return;
    await sleep(lookAgainMs);
  }
}

/** Nothing of this is needed once the device is paired, so it is loaded here. */
async function loadOwner(folder: string, edge: string): Promise<SoftwareOwner> {
  const [{ createSoftwareOwner, ownerState }, { readSetupCode }] = await Promise.all([
    import('./owner.ts'),
    import('../edge/own-secrets.ts'),
  ]);
  const path = join(folder, 'owner.json');
  const kept = ownerState.safeParse(readJson(path));
  return createSoftwareOwner({
    edge,
    setupCode: await readSetupCode(folder, process.env),
    ...(kept.success && { state: kept.data }),
    keep: (state) => replaceFile(path, JSON.stringify(state)),
  });
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}
