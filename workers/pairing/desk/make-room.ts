/** Who has to go from a desk that is full: who has many networks must not be able to keep the owner out. */
import { blockOf } from '../../guard/limit-key.ts';

interface Waiting {
  id: string;
  network: string | null;
}

/** The oldest pairing of the block of addresses that most of them came from; `undefined` when the newcomer's own is no less crowded. `waiting`: the oldest first. */
export function choosePairingToDrop(
  waiting: readonly Waiting[],
  newcomer: Pick<Waiting, 'network'>,
): string | undefined {
  const blocks = Map.groupBy(waiting, keyOf);
  const own = blocks.get(keyOf(newcomer))?.length ?? 0;
  let [crowd = []] = blocks.values();
  for (const block of blocks.values()) if (block.length > crowd.length) crowd = block;
  return crowd.length > own ? crowd[0]?.id : undefined;
}

const keyOf = ({ network }: Pick<Waiting, 'network'>): string => blockOf(network ?? '');
