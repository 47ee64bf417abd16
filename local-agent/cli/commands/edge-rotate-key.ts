/** `pryx edge rotate-key`: the keys of an edge in, the same with a new signing key out. */
import { existsSync, fstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { PryxError } from '../../../shared/error.ts';
import type { CommandContext } from '../context.ts';
import { type Rotated, parseEdgeKeys, rotateKeys } from '../edge/rotate-keys.ts';
import { replaceFile } from '../replace-file.ts';
import type { Output } from '../terminal/output.ts';

/** Keys from standard input or the environment come out on standard output; those of the local edge are replaced where they lie. */
export async function edgeRotateKey({ home, output }: CommandContext, options: { retire?: boolean }): Promise<number> {
  const file = join(home.folder, 'edge', 'keys.json');
  const given = (await readPiped()) ?? process.env['PRYX_EDGE_KEYS'];
  const inFile = given === undefined || given.trim() === '';
  if (inFile && !existsSync(file)) throw nothingGiven(file);
  const before = inFile ? parseEdgeKeys(readFileSync(file, 'utf8'), file) : parseEdgeKeys(given, 'What was given');
  const rotated = await rotateKeys(before, { retire: options.retire === true, now: Date.now() });
  if (inFile) {
    replaceFile(file, `${JSON.stringify(rotated.keys)}\n`);
    const { kid, statement } = rotated;
    output.result({ kid, statement, file }, `${file} has a new signing key.`);
    output.say('Restart the local edge (`npm start`, or `pryx edge dev`): until then it signs with the old one.');
  } else {
    output.result(rotated.keys, JSON.stringify(rotated.keys));
    output.say(
      'Store it with `npx wrangler secret put PRYX_EDGE_KEYS`, and keep the copy: the next rotation needs it.',
    );
  }
  remark(output, rotated, options.retire === true);
  return 0;
}

function remark(output: Output, { dropped }: Rotated, retired: boolean): void {
  output.say(
    retired
      ? 'Paired devices follow when they connect; from then on nothing counts that an old key signs.'
      : 'Paired devices follow when they connect. Old keys still count; --retire ends them.',
  );
  if (dropped.keys > 0) output.say('The oldest key had to go to make room.');
  if (dropped.statements > 0)
    output.say(
      output.styleRemark(
        'yellow',
        'The oldest statements had to go to make room: a device that was away since before them has to be paired again.',
      ),
    );
}

/** What another program or a file hands over; nothing when this is a terminal, or there is no input at all. Throws `config_invalid` when nothing came where something was to come. */
async function readPiped(): Promise<string | undefined> {
  let kind: ReturnType<typeof fstatSync>;
  try {
    kind = fstatSync(0);
  } catch {
    return undefined;
  }
  if (!kind.isFIFO() && !kind.isFile() && !kind.isSocket()) return undefined;
  const piped = await text(process.stdin);
  if (piped.trim() !== '') return piped;
  // A socket is what a supervisor or another Node gives to each of its children. A pipe or a file was somebody's wish, and to turn to other keys would not be.
  if (kind.isSocket()) return undefined;
  throw new PryxError('config_invalid', 'Nothing came by standard input: the keys to rotate were expected there.', {
    hint: 'See why the program or file before it is empty. For the keys of PRYX_EDGE_KEYS or of the local edge: `pryx edge rotate-key < /dev/null`.',
  });
}

function nothingGiven(file: string): PryxError {
  return new PryxError('config_invalid', 'There are no keys of an edge to rotate.', {
    hint: `Pipe the copy of your secret into it, set PRYX_EDGE_KEYS, or start a local edge first, which keeps its keys in ${file}.`,
  });
}
